using OpenCharly.Foundation;

namespace OpenCharly.Operations;

/// <summary>Makes, lists and deletes scripts that run a command in a box. A file that is none of them is never touched.</summary>
/// <param name="context">What it works with.</param>
/// <param name="folder">Where the scripts are; <c>~/.local/bin</c> if null.</param>
public sealed class BoxAliases(CharlyContext context, string? folder = null)
{
    private const UnixFileMode Executable =
        AtomicFile.Shared | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Where the scripts are.</summary>
    public string Folder { get; } = context.Environment.Resolve(folder ?? "~/.local/bin");

    /// <summary>Makes an alias, or makes it anew.</summary>
    /// <param name="name">Name of the alias.</param>
    /// <param name="box">The box, as <c>charly shell</c> takes it.</param>
    /// <param name="command">The shell command; the name if null.</param>
    /// <param name="dryRun">Whether to write nothing.</param>
    /// <exception cref="CharlyException"><see cref="Errors.BadName"/>; <see cref="Errors.AliasForeign"/> if something else stands there.</exception>
    public BoxAlias Add(string name, string box, string? command = null, bool dryRun = false)
    {
        if (box.Length == 0 || box[0] == '-' || box.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)))
        {
            throw new CharlyException(Errors.BadName, $"\"{box.ReplaceLineEndings("⏎")}\" can't be a box", "Give the name or reference of a box.", target: box);
        }

        var alias = new BoxAlias(name, box, string.IsNullOrWhiteSpace(command) ? name : command, PathOf(name));
        if (Exists(alias.Path) && Own(alias.Path) is null) throw Foreign(alias.Path, "written over");
        if (dryRun) return alias;
        AtomicFile.Write(alias.Path, alias.Script(), Executable);
        var isOnPath = (context.Environment.Variable("PATH") ?? "").Split(':').Contains(Folder);
        if (!isOnPath) context.Progress.Report(new NoticeEvent(NoticeLevel.Warning, $"{Folder} is not on PATH, so the alias has to be called {alias.Path}"));
        return alias;
    }

    /// <summary>Deletes an alias.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.FileMissing"/> if there is none;
    /// <see cref="Errors.AliasForeign"/> if what is there is no alias.</exception>
    public BoxAlias Remove(string name, bool dryRun = false)
    {
        var path = PathOf(name);
        if (!Exists(path)) throw new CharlyException(Errors.FileMissing, $"there is no alias {name} in {Folder}", "See charly alias list; --dest names another folder.", target: name);
        var alias = Own(path) ?? throw Foreign(path, "deleted");
        if (!dryRun) File.Delete(path);
        return alias;
    }

    /// <summary>Makes the aliases that an image in local storage offers (its label <c>alias</c>).</summary>
    /// <param name="box">The box, as <c>charly shell</c> takes it.</param>
    /// <param name="dryRun">Whether to write nothing.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Errors.ImageNotLocal"/>, <see cref="Errors.ImageMetadata"/>; <see cref="Errors.BadName"/>,
    /// <see cref="Errors.AliasForeign"/>: nothing is written then.</exception>
    public async Task<IReadOnlyList<BoxAlias>> InstallAsync(string box, bool dryRun = false, CancellationToken cancellationToken = default)
    {
        var offered = (await new InspectBox(context).ImageAsync(box, cancellationToken: cancellationToken).ConfigureAwait(false)).Labels.Aliases.OrderBy(a => a.Key, StringComparer.Ordinal).ToList();
        if (offered.Count == 0) context.Progress.Report(new NoticeEvent(NoticeLevel.Info, $"{box} offers no alias"));
        var planned = offered.Select(a => Add(a.Key, box, a.Value, dryRun: true)).ToList();
        return dryRun ? planned : [.. offered.Select(a => Add(a.Key, box, a.Value))];
    }

    /// <summary>Deletes all aliases of a box.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.FileMissing"/> if there is none.</exception>
    public IReadOnlyList<BoxAlias> Uninstall(string box, bool dryRun = false)
    {
        var found = List().Where(a => a.Box == box).ToList();
        if (found.Count == 0) throw new CharlyException(Errors.FileMissing, $"there is no alias of {box} in {Folder}", "See charly alias list; --dest names another folder.", target: box);
        return dryRun ? found : [.. found.Select(a => Remove(a.Name))];
    }

    /// <summary>All aliases of the folder, by name.</summary>
    public IReadOnlyList<BoxAlias> List() => !Directory.Exists(Folder)
        ? []
        : [.. Directory.EnumerateFiles(Folder).Where(f => IsName(f)).Order(StringComparer.Ordinal).Select(Own).OfType<BoxAlias>()];

    private static bool IsName(string path) => BoxAlias.IsName(Path.GetFileName(path));

    // A link, even one that leads nowhere, is somebody else's.
    private static bool Exists(string path) => File.Exists(path) || Directory.Exists(path) || new FileInfo(path).LinkTarget is not null;

    private static BoxAlias? Own(string path)
    {
        // Pipes and devices say that they are empty, and reading them may never end.
        var file = new FileInfo(path);
        if (file is not { Exists: true, LinkTarget: null, Length: > 0 }) return null;
        try
        {
            return BoxAlias.Read(path);
        }
        catch (UnauthorizedAccessException)
        {
            // Aliases are readable by everybody.
            return null;
        }
    }

    private static CharlyException Foreign(string path, string what) => new(
        Errors.AliasForeign, $"{path} was not made by charly alias, so it is not {what}", "Choose another name or another --dest, or move the file away.", target: path);

    private string PathOf(string name) => BoxAlias.IsName(name)
        ? Path.Combine(Folder, name)
        : throw new CharlyException(Errors.BadName, $"\"{name.ReplaceLineEndings("⏎")}\" can't name an alias", "Begin with a letter or digit; then also dot, dash and underscore.", target: name);
}
