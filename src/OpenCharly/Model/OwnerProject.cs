using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>Finds the project that a file lies in, which need not be the current one: what the file names is looked for there first.</summary>
internal static class OwnerProject
{
    private const string ManifestName = "charly.yml";

    /// <summary>The nearest folder at or above a file that holds the root file of a project; null if there is none.</summary>
    /// <param name="file">Absolute path of the file, which is itself no root file.</param>
    /// <param name="current">The folder of the current project, which needs no look.</param>
    public static string? FolderOf(string file, string current)
    {
        for (var here = Path.GetDirectoryName(file); here is not null; here = Path.GetDirectoryName(here))
        {
            var manifest = Path.Combine(here, ManifestName);
            if (here == current || (manifest != file && File.Exists(manifest) && IsRoot(manifest))) return here;
        }

        return null;
    }

    // The version of the schema tells a root file from the file of one candy or box. One that can't be read may be a root file:
    // who needs something of it is told what is wrong.
    private static bool IsRoot(string manifest)
    {
        try
        {
            return YamlReader.ReadFile(manifest, manifest).Any(d => (d as YamlMapping)?["version"] is not null);
        }
        catch (CharlyException)
        {
            return true;
        }
    }
}
