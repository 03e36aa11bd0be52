using System.Text;
using OpenCharly.Foundation;
using OpenCharly.Vms.Images;

namespace OpenCharly.Vms.Templates;

/// <summary>Revisions between this machine and a registry, and their checksums (vm.md §10).</summary>
/// <param name="store">The templates on this machine.</param>
/// <param name="progress">Gets the bytes.</param>
internal sealed class TemplateTransfer(TemplateStore store, IProgress<CharlyEvent> progress)
{
    private static readonly string[] Required = [TemplateFiles.Revision, TemplateFiles.Kernel, TemplateFiles.RootFs, TemplateFiles.Boot];

    /// <summary>Sends a revision: its files, their checksums, and last the pointer to it.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.TemplateNotFound"/>, <see cref="Errors.TemplateNoCurrent"/>,
    /// <see cref="Errors.TemplateCorrupt"/> if a file is missing, before anything is sent; <see cref="Errors.TemplateRegistryFailed"/>.</exception>
    public async Task<TemplateRevision> PushAsync(string id, string? revision, TemplateRegistrySettings settings, CancellationToken cancellationToken)
    {
        var folder = store.Require(id);
        using var held = await store.LockAsync(id, progress, cancellationToken).ConfigureAwait(false);
        revision ??= folder.RequireCurrent();
        var place = folder.RequireRevision(revision);
        // What is described today belongs to what is pushed today, also after the description has changed here.
        if (File.Exists(folder.SpecFile)) AtomicFile.Write(Path.Combine(place, TemplateFiles.Spec), await File.ReadAllBytesAsync(folder.SpecFile, cancellationToken).ConfigureAwait(false));
        var files = Files(id, revision, place);
        var sums = await HashAsync(files, place, cancellationToken).ConfigureAwait(false);
        var document = TemplateDocuments.WriteChecksums(id, revision, sums);
        AtomicFile.Write(Path.Combine(place, TemplateFiles.Checksums), document);

        using var registry = Open(settings);
        var keys = new TemplateKeys(settings.Prefix, id);
        foreach (var name in files)
        {
            await registry.UploadAsync(keys.File(revision, name), Path.Combine(place, name), Meter($"pushing {id} {name}"), cancellationToken).ConfigureAwait(false);
        }

        await registry.WriteAsync(keys.File(revision, TemplateFiles.Checksums), document, cancellationToken).ConfigureAwait(false);
        await registry.WriteAsync(keys.Current, Encoding.UTF8.GetBytes(revision + "\n"), cancellationToken).ConfigureAwait(false);
        return store.ReadRevision(id, revision);
    }

    /// <summary>Fetches a revision, verifies it, puts it in place as a whole and makes it current.</summary>
    /// <param name="id">The template.</param>
    /// <param name="revision">The revision; the registry's current one if null.</param>
    /// <param name="settings">The registry.</param>
    /// <param name="refuseIfUsed">Called with the folder of a revision that is about to be replaced by another content.</param>
    /// <param name="cancellationToken">Gives up and removes what came.</param>
    /// <exception cref="CharlyException"><see cref="Errors.TemplateNotFound"/>, <see cref="Errors.TemplateNoCurrent"/>,
    /// <see cref="Errors.TemplateCorrupt"/>, <see cref="Errors.TemplateChecksum"/>, <see cref="Errors.TemplateRegistryFailed"/>.</exception>
    public async Task<TemplateRevision> PullAsync(
        string id, string? revision, TemplateRegistrySettings settings, Func<string, CancellationToken, Task> refuseIfUsed, CancellationToken cancellationToken)
    {
        var folder = store.At(id);
        if (revision is not null) TemplateStore.ThrowIfBad(revision, "a revision");
        using var held = await store.LockAsync(id, progress, cancellationToken).ConfigureAwait(false);
        using var registry = Open(settings);
        var keys = new TemplateKeys(settings.Prefix, id);
        revision ??= await CurrentAsync(registry, keys, id, cancellationToken).ConfigureAwait(false);
        var key = keys.File(revision, TemplateFiles.Checksums);
        var document = await registry.ReadAsync(key, cancellationToken).ConfigureAwait(false) ?? throw new CharlyException(
            Errors.TemplateNotFound, $"the registry {registry.Name} has no revision {revision} of template {id}", "Check the name, or push it from where it was built: charly template push", target: $"{id}@{revision}");
        var sums = TemplateDocuments.ReadChecksums(key, document, id, revision);
        if (Required.FirstOrDefault(r => !sums.ContainsKey(r)) is { } absent) throw TemplateReader.Corrupt(key, $"it names no {absent}");

        var isNew = !Directory.Exists(folder.Path);
        var work = folder.PullFolder(revision);
        if (Directory.Exists(work)) Directory.Delete(work, recursive: true);
        try
        {
            Directory.CreateDirectory(work);
            foreach (var (name, expected) in sums) await FetchAsync(registry, keys.File(revision, name), Path.Combine(work, name), id, expected, cancellationToken).ConfigureAwait(false);
            AtomicFile.Write(Path.Combine(work, TemplateFiles.Checksums), document);
            if (folder.FindRevision(revision) is { } old && !await IsSameAsync(old, sums, cancellationToken).ConfigureAwait(false)) await refuseIfUsed(old, cancellationToken).ConfigureAwait(false);
            if (!File.Exists(folder.SpecFile) && File.Exists(Path.Combine(work, TemplateFiles.Spec))) File.Copy(Path.Combine(work, TemplateFiles.Spec), folder.SpecFile);
            folder.Install(work, revision);
            folder.SwitchTo(revision);
        }
        catch
        {
            if (Directory.Exists(work)) Directory.Delete(work, recursive: true);
            if (isNew && folder.Current is null && Directory.Exists(folder.Path)) Directory.Delete(folder.Path, recursive: true);
            throw;
        }

        return store.ReadRevision(id, revision);
    }

    /// <summary>Compares a revision on this machine with its checksums.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.TemplateNotFound"/>, <see cref="Errors.TemplateNoCurrent"/>, <see cref="Errors.TemplateCorrupt"/>.</exception>
    public async Task<TemplateVerification> VerifyAsync(string id, string? revision, CancellationToken cancellationToken)
    {
        var folder = store.Require(id);
        revision ??= folder.RequireCurrent();
        var place = folder.RequireRevision(revision);
        var file = Path.Combine(place, TemplateFiles.Checksums);
        if (!File.Exists(file)) throw new CharlyException(Errors.TemplateCorrupt, $"the revision {revision} of template {id} has no {TemplateFiles.Checksums}", "Push or pull it first; both write one.", target: file);
        var sums = TemplateDocuments.ReadChecksums(file, await File.ReadAllBytesAsync(file, cancellationToken).ConfigureAwait(false), id, revision);
        var checks = new List<TemplateFileCheck>();
        foreach (var (name, expected) in sums)
        {
            var path = Path.Combine(place, name);
            if (name == TemplateFiles.Spec && !File.Exists(path)) path = folder.SpecFile;
            checks.Add(new TemplateFileCheck(name, expected, File.Exists(path) ? await VerifiedDownload.HashAsync(path, cancellationToken).ConfigureAwait(false) : null));
        }

        return new TemplateVerification(id, revision, checks);
    }

    // The service's library is loaded here, for those alone who talk to it.
    private static ITemplateRegistry Open(TemplateRegistrySettings settings) => settings.Endpoint.IsFile ? new FolderTemplateRegistry(settings) : OpenS3(settings);

    private static ITemplateRegistry OpenS3(TemplateRegistrySettings settings) => new S3TemplateRegistry(settings);

    private static List<string> Files(string id, string revision, string place)
    {
        var initrd = Path.Combine(place, TemplateFiles.Initrd);
        string[] names = [TemplateFiles.Spec, .. Required, .. File.Exists(initrd) ? [TemplateFiles.Initrd] : Array.Empty<string>()];
        if (names.FirstOrDefault(n => !File.Exists(Path.Combine(place, n))) is { } missing)
        {
            throw new CharlyException(Errors.TemplateCorrupt, $"the revision {revision} of template {id} has no {missing}", $"Build it anew: charly template build {id} --force. Nothing was sent.", target: Path.Combine(place, missing));
        }

        return [.. names];
    }

    private static async Task<SortedDictionary<string, string>> HashAsync(IEnumerable<string> names, string place, CancellationToken cancellationToken)
    {
        var sums = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in names) sums[name] = await VerifiedDownload.HashAsync(Path.Combine(place, name), cancellationToken).ConfigureAwait(false);
        return sums;
    }

    private static async Task<string> CurrentAsync(ITemplateRegistry registry, TemplateKeys keys, string id, CancellationToken cancellationToken)
    {
        var content = await registry.ReadAsync(keys.Current, cancellationToken).ConfigureAwait(false) ?? throw new CharlyException(
            Errors.TemplateNotFound, $"the registry {registry.Name} has no template {id}", "Check the name, or push it from where it was built: charly template push", target: id);
        var revision = TemplateFolder.StripPrefix(Encoding.UTF8.GetString(content));
        if (revision.Length == 0) throw new CharlyException(Errors.TemplateNoCurrent, $"the registry {registry.Name} names no current revision of template {id}", "Name one with --revision, or push it again.", target: id);
        TemplateStore.ThrowIfUnsafe(revision, keys.Current);
        return revision;
    }

    private async Task FetchAsync(ITemplateRegistry registry, string key, string path, string id, string expected, CancellationToken cancellationToken)
    {
        var name = Path.GetFileName(path);
        if (!await registry.DownloadAsync(key, path, Meter($"pulling {id} {name}"), cancellationToken).ConfigureAwait(false))
        {
            throw TemplateReader.Corrupt(key, "the registry does not hold it, though its checksums name it");
        }

        var actual = await VerifiedDownload.HashAsync(path, cancellationToken).ConfigureAwait(false);
        if (actual != expected) throw Mismatch(id, new TemplateFileCheck(name, expected, actual));
    }

    /// <summary>The error of a file that is not what it should be.</summary>
    public static CharlyException Mismatch(string id, params IReadOnlyList<TemplateFileCheck> files) => new(
        Errors.TemplateChecksum,
        string.Join('\n', files.Select(f => f.Actual is null ? $"{f.Name} of template {id} is missing" : $"{f.Name} of template {id} has the checksum {f.Actual}, expected was {f.Expected}")),
        "Pull it again; if that does not help, push it again from where it was built.",
        target: id);

    private static async Task<bool> IsSameAsync(string place, SortedDictionary<string, string> sums, CancellationToken cancellationToken)
    {
        foreach (var (name, expected) in sums.Where(s => s.Key is TemplateFiles.Kernel or TemplateFiles.RootFs or TemplateFiles.Initrd))
        {
            var path = Path.Combine(place, name);
            if (!File.Exists(path) || await VerifiedDownload.HashAsync(path, cancellationToken).ConfigureAwait(false) != expected) return false;
        }

        return true;
    }

    private Action<long, long> Meter(string activity)
    {
        var told = -1L;
        return (done, total) =>
        {
            var step = Math.Max(total / 25, 1);
            if (done != total && done / step == told) return;
            told = done / step;
            progress.Report(new ProgressEvent(activity, done, total, "bytes", done == total));
        };
    }
}
