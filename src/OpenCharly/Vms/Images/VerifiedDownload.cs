using System.Security.Cryptography;
using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.Images;

/// <summary>A download that is hashed as it came, and then put in place, decompressed if its address says so.</summary>
/// <param name="http">Sends the requests.</param>
/// <param name="processes">Runs <c>zstd</c>.</param>
/// <param name="progress">Gets the bytes.</param>
internal sealed class VerifiedDownload(HttpClient http, IProcessRunner processes, IProgress<CharlyEvent> progress)
{
    /// <summary>First pause between two tries.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether the address is that of a compressed image.</summary>
    public static bool IsCompressed(Uri url) =>
        url.AbsolutePath.EndsWith(".zst", StringComparison.Ordinal) || url.AbsolutePath.EndsWith(".zstd", StringComparison.Ordinal);

    /// <summary>Digest of a file, 64 lower-case hex digits.</summary>
    public static async Task<string> HashAsync(string path, CancellationToken cancellationToken)
    {
        var stream = File.OpenRead(path);
        await using var own = stream.ConfigureAwait(false);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Downloads into the <c>.part</c> and verifies it; one with another digest is deleted.</summary>
    /// <returns>The digest.</returns>
    public async Task<string> RunAsync(Uri url, string part, string? expected, CancellationToken cancellationToken)
    {
        if (IsCompressed(url) && processes.Find("zstd") is null)
        {
            throw new CharlyException(
                Errors.ToolMissing, "the image is compressed and the program zstd is not installed", "Install it: apt-get install zstd (the package is called zstd everywhere).", target: "zstd");
        }

        if (url.IsFile) Copy(url, part);
        else await FetchAsync(url, part, expected, cancellationToken).ConfigureAwait(false);
        var actual = await HashAsync(part, cancellationToken).ConfigureAwait(false);
        if (expected is null || actual == expected) return actual;
        File.Delete(part);
        throw new CharlyException(
            Errors.ImageChecksum,
            $"{ImageDownload.Describe(url)} has the digest {actual}, expected was {expected}",
            "Correct the checksum, or try again if the file was being replaced just now.",
            target: ImageDownload.Describe(url));
    }

    private async Task FetchAsync(Uri url, string part, string? expected, CancellationToken cancellationToken)
    {
        if (expected is null)
        {
            progress.Report(new NoticeEvent(NoticeLevel.Warning, $"{ImageDownload.Describe(url)} has no checksum: the download can't be verified"));
        }

        await new ImageDownload(http, url, part, progress) { RetryDelay = RetryDelay }.RunAsync(cancellationToken).ConfigureAwait(false);
    }

    private static void Copy(Uri url, string part)
    {
        var source = url.LocalPath;
        if (!File.Exists(source)) throw new CharlyException(Errors.ImageNotFound, $"there is no image {source}", "Check the path.", target: source);
        try
        {
            File.Copy(source, part, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            File.Delete(part);
            throw new CharlyException(Errors.Io, $"{source} could not be copied to {part}: {e.Message}", "Free disk space or correct the rights, then run the same command again.", target: part, inner: e);
        }
    }

    /// <summary>Puts a finished download in place.</summary>
    public async Task UnpackAsync(Uri url, string part, string image, CancellationToken cancellationToken)
    {
        if (!IsCompressed(url))
        {
            File.Move(part, image);
            return;
        }

        var temporary = image + ".tmp";
        try
        {
            progress.Report(new NoticeEvent(NoticeLevel.Info, $"decompressing {Path.GetFileName(part)[..^".part".Length]}"));
            var result = await processes.RunAsync(new ProcessRequest("zstd", "-d", "-q", "-f", "-o", temporary, part), cancellationToken).ConfigureAwait(false);
            if (!result.Succeeded)
            {
                throw new CharlyException(
                    Errors.ImageConversion,
                    $"the downloaded image could not be decompressed: {result.Tail()}",
                    $"Free disk space and try again; if the download itself is damaged, remove it first: rm {Shell.Quote(part)}",
                    target: part);
            }

            File.Move(temporary, image);
            File.Delete(part);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
