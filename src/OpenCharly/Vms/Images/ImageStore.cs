using System.Security.Cryptography;
using System.Text;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Vms.Images;

/// <summary>
/// The cache of downloaded base images (vm.md §1.1, "URL fetch"): <c>&lt;cache&gt;/&lt;sha256 of the address&gt;.qcow2</c>,
/// with the digest of the downloaded bytes in <c>.qcow2.sha256</c> and an unfinished download in <c>.qcow2.part</c>.
/// </summary>
/// <param name="environment">Resolves relative paths; the clock.</param>
/// <param name="paths">Where the default cache is.</param>
/// <param name="processes">Runs <c>qemu-img</c> and <c>zstd</c>.</param>
/// <param name="progress">Gets the bytes of a download, at least at every twentieth.</param>
/// <param name="http">Sends requests; one of its own if null.</param>
public sealed class ImageStore(CharlyEnvironment environment, HostPaths paths, IProcessRunner processes, IProgress<CharlyEvent> progress, HttpClient? http = null)
{
    private static readonly TimeSpan SidecarTimeout = TimeSpan.FromSeconds(30);

    /// <summary>First pause between two tries of a download.</summary>
    internal TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The image of a source: from the cache, from a path on this machine, or downloaded now.</summary>
    /// <param name="source">The source. A path and a <c>file://</c> address are used in place and never written.</param>
    /// <param name="refresh">Download again what has no expected digest. Another content gets a file name of its own, since
    /// disks may stand on the old one.</param>
    /// <param name="cancellationToken">Stops the download; what came so far stays for the next try.</param>
    /// <exception cref="CharlyException"><see cref="Errors.ImageDownload"/>, <see cref="Errors.OciPull"/>,
    /// <see cref="Errors.ImageChecksum"/>, <see cref="Errors.ImageNotFound"/>, <see cref="Errors.ImageFormat"/>, <see cref="Errors.ToolMissing"/>,
    /// <see cref="Errors.Io"/>.</exception>
    public async Task<BaseImage> EnsureAsync(CloudImageSource source, bool refresh, CancellationToken cancellationToken = default)
    {
        if (source.Path is { } path) return await UseInPlaceAsync(environment.Resolve(path), source.Sha256, cancellationToken).ConfigureAwait(false);
        var reference = OciReference.Is(source.Url) ? OciReference.Parse(source.Url!) : null;
        var url = reference?.At("manifests/" + reference.Tag) ?? ImageDownload.ParseUrl(source.Url);
        if (url.IsFile) return await UseInPlaceAsync(url.LocalPath, source.Sha256, cancellationToken).ConfigureAwait(false);

        var folder = source.Cache is { } cache ? environment.Resolve(cache) : paths.VmImages;
        var cached = new CachedImage(folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(source.Url!))));
        AtomicFile.EnsureFolder(folder);
        using var held = await FileLock.AcquireAsync(
            cached.LockFile,
            owner => progress.Report(new NoticeEvent(NoticeLevel.Info, $"waiting for {owner}, which downloads the same image")),
            cancellationToken).ConfigureAwait(false);
        if (reference is not null) return await PullAsync(reference, cached, source.Sha256, refresh, cancellationToken).ConfigureAwait(false);
        using var own = http is null ? ImageDownload.NewClient() : null;
        var client = http ?? own!;

        var expected = source.Sha256 ?? await FindSidecarAsync(client, url, cancellationToken).ConfigureAwait(false);
        if (cached.Current is { } hit && (expected is null ? !refresh : hit.Sha256 == expected))
        {
            return await WithFormatAsync(hit, cancellationToken).ConfigureAwait(false);
        }

        return await DownloadAsync(client, url, cached, expected, cancellationToken).ConfigureAwait(false);
    }

    private async Task<BaseImage> DownloadAsync(HttpClient client, Uri url, CachedImage cached, string? expected, CancellationToken cancellationToken)
    {
        var download = new VerifiedDownload(client, processes, progress) { RetryDelay = RetryDelay };
        var digest = await download.RunAsync(url, cached.PartFile, expected, cancellationToken).ConfigureAwait(false);
        if (cached.Current is { } same && same.Sha256 == digest)
        {
            File.Delete(cached.PartFile);
            return await WithFormatAsync(same, cancellationToken).ConfigureAwait(false);
        }

        var image = cached.NewPath(environment.Clock.GetUtcNow());
        await download.UnpackAsync(url, cached.PartFile, image, cancellationToken).ConfigureAwait(false);
        return await WithFormatAsync(cached.Commit(image, digest), cancellationToken).ConfigureAwait(false);
    }

    private async Task<BaseImage> PullAsync(OciReference reference, CachedImage cached, string? expected, bool refresh, CancellationToken cancellationToken)
    {
        if (cached.Current is { } hit && !refresh && (expected is null || hit.Sha256 == expected)) return await WithFormatAsync(hit, cancellationToken).ConfigureAwait(false);
        var layer = await new OciRegistry(environment) { RetryDelay = RetryDelay }.FindAsync(reference, cancellationToken).ConfigureAwait(false);
        OciDownload.ThrowIfOther(reference, layer, expected);
        if (cached.Current is { } same && same.Sha256 == layer.Sha256) return await WithFormatAsync(same, cancellationToken).ConfigureAwait(false);
        await OciDownload.RunAsync(reference, layer, cached.PartFile, processes, progress, cancellationToken, RetryDelay).ConfigureAwait(false);
        var image = cached.NewPath(environment.Clock.GetUtcNow());
        File.Move(cached.PartFile, image);
        return await WithFormatAsync(cached.Commit(image, layer.Sha256), cancellationToken).ConfigureAwait(false);
    }

    private async Task<BaseImage> UseInPlaceAsync(string path, string? expected, CancellationToken cancellationToken)
    {
        var info = await new QemuImg(processes).InfoAsync(path, cancellationToken).ConfigureAwait(false);
        if (expected is not null && await VerifiedDownload.HashAsync(path, cancellationToken).ConfigureAwait(false) is var actual && actual != expected)
        {
            throw new CharlyException(
                Errors.ImageChecksum, $"{path} has the digest {actual}, expected was {expected}", "Correct the checksum or the file.", target: path);
        }

        return new BaseImage(path, info.Format, expected);
    }

    private async Task<BaseImage> WithFormatAsync(BaseImage image, CancellationToken cancellationToken) =>
        image with { Format = (await new QemuImg(processes).InfoAsync(image.Path, cancellationToken).ConfigureAwait(false)).Format };

    private async Task<string?> FindSidecarAsync(HttpClient client, Uri url, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(SidecarTimeout);
        foreach (var suffix in SidecarDigest.Suffixes)
        {
            var address = new UriBuilder(url) { Path = url.AbsolutePath + suffix }.Uri;
            try
            {
                using var response = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, limit.Token).ConfigureAwait(false);
                if (!response.IsSuccessStatusCode) continue;
                var text = await ReadLimitedAsync(response, limit.Token).ConfigureAwait(false);
                if (text is not null && SidecarDigest.Find(text, Path.GetFileName(url.LocalPath)) is { } digest) return digest;
            }
            catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                // A server that doesn't answer now would not answer for the other names either.
                progress.Report(new NoticeEvent(NoticeLevel.Debug, $"no digest from {ImageDownload.Describe(address)}: {e.Message}"));
                return null;
            }
        }

        return null;
    }

    private static async Task<string?> ReadLimitedAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using var own = body.ConfigureAwait(false);
        var buffer = new byte[SidecarDigest.MaxSize + 1];
        var count = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return count > SidecarDigest.MaxSize ? null : Encoding.UTF8.GetString(buffer, 0, count);
    }
}
