using System.Security.Cryptography;
using System.Text;
using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.Images;

/// <summary>
/// The images that are kept under a readable name, for VMFiles and <c>image pull</c> (vm.md §1.1, "VMFile cache"; §9):
/// <c>&lt;data&gt;/vmctl/images/&lt;file&gt;</c> with the address in <c>&lt;file&gt;.url</c>. A file that is there is used
/// without asking the network.
/// </summary>
/// <param name="paths">Where the data folder is.</param>
/// <param name="processes">Runs <c>qemu-img</c> and <c>zstd</c>.</param>
/// <param name="progress">Gets the bytes of a download.</param>
/// <param name="http">Sends requests; one of its own if null.</param>
/// <param name="environment">Where accounts for registries are found; null for none.</param>
public sealed class NamedImages(HostPaths paths, IProcessRunner processes, IProgress<CharlyEvent> progress, HttpClient? http = null, CharlyEnvironment? environment = null)
{
    private static readonly string[] HiddenSuffixes = [".part", ".tmp", ".sha256", ".url", ".lock", ".owner"];

    private const int MaxName = 200;

    /// <summary>The folder.</summary>
    public string Folder { get; } = Path.Combine(paths.VmFileData, "images");

    /// <summary>The image of an address, downloaded now unless it is there.</summary>
    /// <param name="url">The address; <c>.zst</c> and <c>.zstd</c> are decompressed. One of <c>oci://</c> means an image in a registry.</param>
    /// <param name="name">File name; null for the last part of the address, or a registry's reference with <c>_</c> for <c>/</c> and <c>:</c>.</param>
    /// <param name="sha256">Expected digest of the downloaded bytes, 64 lower-case hex digits; not verified if null. Of a registry
    /// the digest is always known.</param>
    /// <param name="refresh">Download again what is there. Equal bytes leave the file alone.</param>
    /// <param name="replacing">Called before other bytes take the place of a file, to refuse that.</param>
    /// <param name="cancellationToken">Stops the download; what came so far stays for the next try.</param>
    /// <exception cref="CharlyException"><see cref="Errors.BadName"/> for a name with a slash, and the errors of
    /// <see cref="ImageStore.EnsureAsync"/>.</exception>
    public async Task<BaseImage> EnsureAsync(
        string url, string? name = null, string? sha256 = null, bool refresh = false, Func<string, CancellationToken, Task>? replacing = null, CancellationToken cancellationToken = default)
    {
        var (reference, address) = Parse(url, name);
        AtomicFile.EnsureFolder(Folder);
        using var held = await FileLock.AcquireAsync(
            Path.Combine(Folder, ".lock"), owner => progress.Report(new NoticeEvent(NoticeLevel.Info, $"waiting for {owner}, which fetches an image")), cancellationToken).ConfigureAwait(false);
        var path = PathOf(url, name, reference, address);
        if (refresh || !File.Exists(path))
        {
            if (reference is not null) await PullAsync(reference, path, sha256, replacing, cancellationToken).ConfigureAwait(false);
            else await DownloadAsync(address!, path, sha256, replacing, cancellationToken).ConfigureAwait(false);
            AtomicFile.Write(path + ".url", url + "\n", AtomicFile.Private);
        }
        else if (File.Exists(path + ".url") && (await File.ReadAllTextAsync(path + ".url", cancellationToken).ConfigureAwait(false)).Trim() != url)
        {
            progress.Report(new NoticeEvent(NoticeLevel.Warning, $"{Path.GetFileName(path)} is there already, and came from another address; --refresh fetches this one, another --name keeps both"));
        }

        return new BaseImage(path, (await new QemuImg(processes).InfoAsync(path, cancellationToken).ConfigureAwait(false)).Format, sha256);
    }

    /// <summary>Where the image of an address is, or would be.</summary>
    /// <exception cref="CharlyException">What <see cref="EnsureAsync"/> throws before it fetches anything.</exception>
    public string PathOf(string url, string? name)
    {
        var (reference, address) = Parse(url, name);
        return PathOf(url, name, reference, address);
    }

    /// <summary>Names of the images, sorted; unfinished downloads and notes are left out.</summary>
    public IReadOnlyList<string> List() => !Directory.Exists(Folder)
        ? []
        : [.. Directory.EnumerateFiles(Folder).Select(f => Path.GetFileName(f)).Where(f => !HiddenSuffixes.Any(f.EndsWith)).Order(StringComparer.Ordinal)];

    /// <summary>Path of an image by its name.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.BadName"/>, <see cref="Errors.ImageNotFound"/>.</exception>
    public string Find(string name)
    {
        ThrowIfBad(name);
        var path = Path.Combine(Folder, name);
        if (File.Exists(path)) return path;
        throw new CharlyException(
            Errors.ImageNotFound, $"there is no image {name}", Nearest.Suggest(name, List(), "List the images: charly image list."), target: name);
    }

    private static (OciReference? Reference, Uri? Address) Parse(string url, string? name)
    {
        var reference = OciReference.Is(url) ? OciReference.Parse(url) : null;
        var address = reference is null ? ImageDownload.ParseUrl(url) : null;
        if (name is not null) ThrowIfBad(name);
        return (reference, address);
    }

    private string PathOf(string url, string? name, OciReference? reference, Uri? address) => Path.Combine(Folder, name ?? NameFor(url, reference?.FileName ?? LastPart(address!)));

    private async Task DownloadAsync(Uri address, string path, string? sha256, Func<string, CancellationToken, Task>? replacing, CancellationToken cancellationToken)
    {
        using var own = http is null ? ImageDownload.NewClient() : null;
        var fetch = new VerifiedDownload(http ?? own!, processes, progress);
        var digest = await fetch.RunAsync(address, path + ".part", sha256, cancellationToken).ConfigureAwait(false);
        if (IsCurrent(path, digest))
        {
            File.Delete(path + ".part");
            return;
        }

        var fresh = path + ".fresh.tmp";
        File.Delete(fresh);
        await fetch.UnpackAsync(address, path + ".part", fresh, cancellationToken).ConfigureAwait(false);
        await PlaceAsync(fresh, path, digest, replacing, cancellationToken).ConfigureAwait(false);
    }

    private async Task PullAsync(OciReference reference, string path, string? sha256, Func<string, CancellationToken, Task>? replacing, CancellationToken cancellationToken)
    {
        var layer = await new OciRegistry(environment).FindAsync(reference, cancellationToken).ConfigureAwait(false);
        OciDownload.ThrowIfOther(reference, layer, sha256);
        if (IsCurrent(path, layer.Sha256)) return;
        await OciDownload.RunAsync(reference, layer, path + ".part", processes, progress, cancellationToken).ConfigureAwait(false);
        await PlaceAsync(path + ".part", path, layer.Sha256, replacing, cancellationToken).ConfigureAwait(false);
    }

    private static bool IsCurrent(string path, string digest) =>
        File.Exists(path) && File.Exists(path + ".sha256") && File.ReadAllText(path + ".sha256").StartsWith(digest, StringComparison.Ordinal);

    // The digest is taken away first: a cut in between leaves an image without one, which the next refresh fetches again.
    private static async Task PlaceAsync(string fresh, string path, string digest, Func<string, CancellationToken, Task>? replacing, CancellationToken cancellationToken)
    {
        try
        {
            if (File.Exists(path) && replacing is not null) await replacing(path, cancellationToken).ConfigureAwait(false);
            File.Delete(path + ".sha256");
            File.Move(fresh, path, overwrite: true);
            AtomicFile.Write(path + ".sha256", $"{digest}  {Path.GetFileName(path)}\n");
        }
        finally
        {
            File.Delete(fresh);
        }
    }

    private static string LastPart(Uri address)
    {
        var name = Path.GetFileName(address.LocalPath);
        if (VerifiedDownload.IsCompressed(address)) name = Path.GetFileNameWithoutExtension(name);
        return name;
    }

    // Machines with the same address share a download; another address with the same last part gets a name of its own.
    private string NameFor(string url, string name)
    {
        if (!CanName(name)) name = "image";
        var note = Path.Combine(Folder, name + ".url");
        var isTaken = File.Exists(Path.Combine(Folder, name)) && !(File.Exists(note) && File.ReadAllText(note).Trim() == url);
        if (!isTaken) return name;
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(url)))[..8];
        return $"{Path.GetFileNameWithoutExtension(name)}-{digest}{Path.GetExtension(name)}";
    }

    private static void ThrowIfBad(string name)
    {
        if (CanName(name)) return;
        throw new CharlyException(Errors.BadName, $"\"{name}\" can't name an image", "Use a plain file name such as debian.qcow2.", target: name);
    }

    // Not what would be hidden from the list, lead out of the folder, or leave no room for the endings of our notes.
    private static bool CanName(string name) =>
        name.Length > 0 && name[0] is not ('.' or '-') && Encoding.UTF8.GetByteCount(name) <= MaxName && !name.Any(c => c is '/' or '\\' || char.IsControl(c)) && !HiddenSuffixes.Any(name.EndsWith);
}
