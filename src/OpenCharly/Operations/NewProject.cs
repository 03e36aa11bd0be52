using OpenCharly.Foundation;

namespace OpenCharly.Operations;

/// <summary>Starts a new project: a folder with a <c>charly.yml</c>.</summary>
/// <param name="context">What it works with.</param>
public sealed class NewProject(CharlyContext context)
{
    /// <summary>Writes <c>charly.yml</c> into a folder, which is made if it is not there.</summary>
    /// <param name="folder">The folder; relative to that of the context.</param>
    /// <param name="dryRun">Only say where.</param>
    /// <returns>Path of the file.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.FileExists"/>.</exception>
    public string Run(string folder, bool dryRun = false)
    {
        if (string.IsNullOrWhiteSpace(folder)) throw new CharlyException(Errors.BadName, "the folder has no name", "Name a folder.");
        var file = Path.Combine(Path.GetFullPath(folder, context.ProjectFolder), "charly.yml");
        if (dryRun) return Scaffold.RequireNew(file);
        Scaffold.Write(file, Scaffold.Project());
        return file;
    }
}
