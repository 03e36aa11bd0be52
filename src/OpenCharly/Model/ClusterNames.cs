using System.Text.RegularExpressions;
using OpenCharly.Foundation;

namespace OpenCharly.Model;

/// <summary>Names as clusters take them.</summary>
internal static partial class ClusterNames
{
    /// <summary>What <see cref="IsLabel"/> wants, for a help line.</summary>
    public const string LabelRule = "Use at most 63 lower-case letters, digits and dashes, with a letter or digit at both ends.";

    // A cron job's jobs and pods add up to 11 characters to its name, and a service's name has at most 63.
    private const int Longest = 52;

    /// <summary>Whether this can name a namespace or a part of an object's name.</summary>
    public static bool IsLabel(string name) => LabelForm().IsMatch(name);

    /// <summary>Whether this can name a file of a profile.</summary>
    public static bool IsProfile(string name) => ProfileForm().IsMatch(name) && !name.Contains("..", StringComparison.Ordinal);

    /// <summary>What the cluster that a deployment makes is called: its context, its profile, the folder of its kubeconfig (deploy.md §7.6).</summary>
    public static string MadeBy(string deployKey) => deployKey.Replace(':', '-').Replace('.', '-').Replace('/', '-');

    /// <summary>Path of the file that a project may keep a profile in.</summary>
    public static string FileOf(Project project, string name) => Path.Combine(project.Folder, "clusters", name + ".yaml");

    /// <summary>Whether a project has a profile of that name itself, as a file or as an entity.</summary>
    public static bool HasProfile(Project project, string name) => (IsProfile(name) && File.Exists(FileOf(project, name))) || project.Entities("k8s").ContainsKey(name);

    /// <summary>Names of the profiles that a project has itself, in order.</summary>
    public static IEnumerable<string> ProfilesOf(Project project)
    {
        var folder = Path.Combine(project.Folder, "clusters");
        var files = Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.yaml").Select(f => Path.GetFileNameWithoutExtension(f)!) : [];
        return files.Concat(project.Entities("k8s").Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
    }

    /// <summary>The name of a deployment's objects: its key in lower case, with dashes for what names may not hold.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.BadName"/> if nothing usable is left.</exception>
    public static string Of(string key, SourcePosition? position)
    {
        var name = Dashed(key);
        if (ServiceForm().IsMatch(name) && name.Length <= Longest) return name;
        throw new CharlyException(
            Errors.BadName, $"\"{key}\" can't name the objects of a cluster", $"Choose a key that begins with a letter and has at most {Longest} letters, digits and dashes.", position, key);
    }

    /// <summary>Lower case, with dashes for underscores, blanks, dots and colons.</summary>
    public static string Dashed(string name) => name.ToLowerInvariant().Replace('_', '-').Replace(' ', '-').Replace('.', '-').Replace(':', '-');

    [GeneratedRegex(@"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\z")]
    private static partial Regex LabelForm();

    [GeneratedRegex(@"^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?\z")]
    private static partial Regex ServiceForm();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}\z")]
    private static partial Regex ProfileForm();
}
