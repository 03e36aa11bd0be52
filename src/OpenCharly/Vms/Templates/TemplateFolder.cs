using System.Runtime.InteropServices;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.Templates;

/// <summary>
/// The files of one template, and the link that says which revision is current. The link is replaced by renaming, a
/// revision of the same name by an exchange, so at no moment does the link lead nowhere.
/// </summary>
/// <param name="id">Name of the template.</param>
/// <param name="path">Its folder.</param>
internal sealed class TemplateFolder(string id, string path)
{
    private const string LinkPrefix = "revisions/";
    private const int CurrentDirectory = -100;
    private const uint Exchange = 2;

    /// <summary>Name of the template.</summary>
    public string Id => id;

    /// <summary>The folder.</summary>
    public string Path => path;

    /// <summary>Description.</summary>
    public string SpecFile => At(TemplateFiles.Spec);

    /// <summary>Folder of a build at work, on the file system of the revisions.</summary>
    public string BuildFolder => At("tmp-build");

    /// <summary>The folder of revisions.</summary>
    public string Revisions => At("artifacts", "revisions");

    private string CurrentLink => At("artifacts", "current");

    /// <summary>Folder of a pull at work.</summary>
    public string PullFolder(string revision) => At("tmp-pull-" + revision);

    /// <summary>Makes the folders of an empty template; what is there stays.</summary>
    public void Initialize() => AtomicFile.EnsureFolder(Revisions);

    /// <summary>The name that the current link holds; null if there is no link, or an empty one.</summary>
    /// <remarks>Where older programs left the link beside <c>artifacts</c>, it is read from there.</remarks>
    public string? Current => ReadLink(CurrentLink) ?? ReadLink(At("current"));

    /// <summary>The current revision.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.TemplateNoCurrent"/>, <see cref="Errors.TemplateCorrupt"/>.</exception>
    public string RequireCurrent()
    {
        var revision = Current ?? throw new CharlyException(
            Errors.TemplateNoCurrent, $"template {id} has no current revision", $"Build one: charly template build {id}, or pull one: charly template pull {id}", target: id);
        TemplateStore.ThrowIfUnsafe(revision, $"the current link of template {id}");
        return FindRevision(revision) is not null ? revision : throw new CharlyException(
            Errors.TemplateNoCurrent, $"the current revision {revision} of template {id} is not on this machine", $"Build it anew: charly template build {id}, or pull it: charly template pull {id} --revision {revision}", target: id);
    }

    /// <summary>Names of the revisions that are there.</summary>
    public IReadOnlyList<string> RevisionNames() =>
    [
        .. Folders(Revisions).Concat(Folders(At("artifacts")).Where(f => File.Exists(System.IO.Path.Combine(At("artifacts"), f, TemplateFiles.Revision))))
            .Where(TemplateStore.IsSafe).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    /// <summary>Where a revision is to be.</summary>
    public string RevisionFolder(string revision) => System.IO.Path.Combine(Revisions, revision);

    /// <summary>Folder of a revision that is there; null if it is not. Older programs left them one folder higher.</summary>
    public string? FindRevision(string revision)
    {
        if (Directory.Exists(RevisionFolder(revision))) return RevisionFolder(revision);
        var old = At("artifacts", revision);
        return revision is not ("revisions" or "current") && Directory.Exists(old) ? old : null;
    }

    /// <summary>Folder of a revision.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.TemplateNotFound"/>, <see cref="Errors.BadName"/>.</exception>
    public string RequireRevision(string revision)
    {
        TemplateStore.ThrowIfBad(revision, "a revision");
        return FindRevision(revision) ?? throw new CharlyException(
            Errors.TemplateNotFound, $"template {id} has no revision {revision} on this machine", Nearest.Suggest(revision, RevisionNames(), $"See which there are: charly template show {id}"), target: $"{id}@{revision}");
    }

    /// <summary>Puts a finished folder in place as a revision, instead of the one that may be there.</summary>
    /// <param name="finished">The folder, on the same file system; gone afterwards.</param>
    /// <param name="revision">Name of the revision.</param>
    public void Install(string finished, string revision)
    {
        var place = RevisionFolder(revision);
        AtomicFile.EnsureFolder(Revisions);
        if (!Directory.Exists(place))
        {
            Directory.Move(finished, place);
            return;
        }

        if (!TryExchange(finished, place))
        {
            // A file system that can't exchange: for the moment between two renames the revision is not there.
            var aside = finished + ".old";
            Directory.Move(place, aside);
            Directory.Move(finished, place);
            Directory.Move(aside, finished);
        }

        Directory.Delete(finished, recursive: true);
    }

    /// <summary>Makes a revision current.</summary>
    public void SwitchTo(string revision)
    {
        // The new link is made in a folder where it leads nowhere: .NET moves links to folders only as long as they look like files.
        var aside = At("artifacts", $".link-{Guid.NewGuid():N}");
        var fresh = System.IO.Path.Combine(aside, "current");
        Directory.CreateDirectory(aside);
        try
        {
            try
            {
                File.CreateSymbolicLink(fresh, LinkPrefix + revision);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // No links on this file system: the same words as text.
                File.WriteAllText(fresh, LinkPrefix + revision + "\n");
            }

            File.Move(fresh, CurrentLink, overwrite: true);
        }
        finally
        {
            Directory.Delete(aside, recursive: true);
        }
    }

    private string At(params string[] parts) => System.IO.Path.Combine([path, .. parts]);

    private static string? ReadLink(string link)
    {
        var target = new FileInfo(link).LinkTarget ?? (File.Exists(link) ? File.ReadAllText(link) : null);
        if (target is null) return null;
        var revision = StripPrefix(target);
        return revision.Length == 0 ? null : revision;
    }

    /// <summary>The revision that the text of a link, or of the registry's pointer, names.</summary>
    public static string StripPrefix(string text)
    {
        var trimmed = text.Trim();
        return trimmed.StartsWith(LinkPrefix, StringComparison.Ordinal) ? trimmed[LinkPrefix.Length..] : trimmed;
    }

    private static IEnumerable<string> Folders(string folder) =>
        Directory.Exists(folder) ? new DirectoryInfo(folder).EnumerateDirectories().Where(d => d.LinkTarget is null).Select(d => d.Name) : [];

    private static bool TryExchange(string one, string other)
    {
        try
        {
            return OperatingSystem.IsLinux() && RenameAt(CurrentDirectory, one, CurrentDirectory, other, Exchange) == 0;
        }
        catch (EntryPointNotFoundException)
        {
            return false;
        }
    }

    [DllImport("libc", EntryPoint = "renameat2", SetLastError = true)]
    private static extern int RenameAt(
        int oldFolder, [MarshalAs(UnmanagedType.LPUTF8Str)] string oldPath, int newFolder, [MarshalAs(UnmanagedType.LPUTF8Str)] string newPath, uint flags);
}
