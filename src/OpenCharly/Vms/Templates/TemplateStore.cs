using System.Text.RegularExpressions;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.Templates;

/// <summary>The templates on this machine (vm.md §10).</summary>
/// <param name="environment">Variables, and the home folder.</param>
/// <param name="paths">Where the data folder is.</param>
public sealed partial class TemplateStore(CharlyEnvironment environment, HostPaths paths)
{
    /// <summary>
    /// Folder of all templates: <c>$CHARLY_TEMPLATES_DIR</c>, <c>$MVM_DATA_DIR/templates</c>, <c>~/.mvm/templates</c> if there is
    /// one, else <c>templates</c> in charly's data folder.
    /// </summary>
    public string Folder { get; } = Place(environment, paths);

    /// <summary>Names of the templates, sorted; none if there is no folder.</summary>
    public IReadOnlyList<string> Names() => Directory.Exists(Folder)
        ? [.. Directory.EnumerateDirectories(Folder).Select(f => Path.GetFileName(f)).Where(IsSafe).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>A template with its revisions.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.TemplateNotFound"/>, <see cref="Errors.TemplateCorrupt"/>, <see cref="Errors.BadName"/>.</exception>
    public VmTemplate Read(string id)
    {
        var folder = Require(id);
        var template = File.Exists(folder.SpecFile) ? TemplateDocuments.ReadTemplate(folder.SpecFile, id) : new VmTemplate { Name = id };
        var current = folder.Current;
        var revisions = folder.RevisionNames().Select(r => TemplateDocuments.ReadRevision(folder.FindRevision(r)!, id, r) with { IsCurrent = r == current });
        // A real array, which PowerShell can index; it sees only the interfaces of what a collection expression makes.
        return template with { Path = folder.Path, Current = current, Revisions = revisions.OrderBy(r => r.BuiltAt).ThenBy(r => r.Revision, StringComparer.Ordinal).ToArray() };
    }

    /// <summary>A revision; the current one if none is named.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.TemplateNotFound"/>, <see cref="Errors.TemplateNoCurrent"/>, <see cref="Errors.TemplateCorrupt"/>, <see cref="Errors.BadName"/>.</exception>
    public TemplateRevision ReadRevision(string id, string? revision)
    {
        var folder = Require(id);
        var current = folder.Current;
        revision ??= folder.RequireCurrent();
        return TemplateDocuments.ReadRevision(folder.RequireRevision(revision), id, revision) with { IsCurrent = revision == current };
    }

    /// <summary>Keeps others from changing a template.</summary>
    internal Task<FileLock> LockAsync(string id, IProgress<CharlyEvent> progress, CancellationToken cancellationToken) => FileLock.AcquireAsync(
        Path.Combine(Path.GetDirectoryName(At(id).Path)!, ".locks", id + ".lock"),
        owner => progress.Report(new NoticeEvent(NoticeLevel.Info, $"waiting for {owner}, which works on template {id}")),
        cancellationToken);

    /// <summary>The folder of a template, there or not.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.BadName"/>.</exception>
    internal TemplateFolder At(string id)
    {
        ThrowIfBad(id, "a template");
        return new TemplateFolder(id, Path.Combine(Folder, id));
    }

    /// <summary>The folder of a template that is there.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.TemplateNotFound"/>, <see cref="Errors.BadName"/>.</exception>
    internal TemplateFolder Require(string id)
    {
        var folder = At(id);
        return Directory.Exists(folder.Path) ? folder : throw new CharlyException(
            Errors.TemplateNotFound, $"there is no template {id}", Nearest.Suggest(id, Names(), "List the templates: charly template list"), target: id);
    }

    /// <summary>Whether a text can name a template, a revision or one of its files: it can't lead out of its folder.</summary>
    internal static bool IsSafe(string name) => SafeName().IsMatch(name);

    /// <exception cref="CharlyException"><see cref="Errors.BadName"/>.</exception>
    internal static void ThrowIfBad(string name, string what)
    {
        if (!IsSafe(name)) throw new CharlyException(Errors.BadName, $"\"{name}\" can't name {what}", "Begin with a letter or digit, and go on with letters, digits, dots, dashes and underscores.", target: name);
    }

    /// <summary>Refuses a name that came from a file or a registry.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.TemplateCorrupt"/>.</exception>
    internal static void ThrowIfUnsafe(string name, string source)
    {
        if (!IsSafe(name)) throw TemplateReader.Corrupt(source, $"it names the revision \"{name}\", which can name no folder");
    }

    private static string Place(CharlyEnvironment environment, HostPaths paths)
    {
        if (environment.Variable("CHARLY_TEMPLATES_DIR") is { } own) return environment.Resolve(own);
        if (environment.Variable("MVM_DATA_DIR") is { } data) return Path.Combine(environment.Resolve(data), "templates");
        var origin = Path.Combine(environment.Home, ".mvm", "templates");
        return Directory.Exists(origin) ? origin : Path.Combine(paths.Data, "templates");
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}\z")]
    private static partial Regex SafeName();
}
