using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.Images;

/// <summary>Brings an image of a registry into its <c>.part</c>, going on where an earlier try ended, and verifies it.</summary>
internal static class OciDownload
{
    /// <summary>Refuses an image that is not the one which was asked for, before anything is downloaded.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.ImageChecksum"/>.</exception>
    public static void ThrowIfOther(OciReference reference, OciLayer layer, string? expected)
    {
        if (expected is null || layer.Sha256 == expected) return;
        throw new CharlyException(Errors.ImageChecksum, $"{reference.Name} has the digest {layer.Sha256}, expected was {expected}", "Correct the checksum, or the tag: it may mean another image today.", target: reference.Name);
    }

    /// <summary>Downloads and verifies it.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.OciPull"/>, <see cref="Errors.ImageChecksum"/>, <see cref="Errors.Io"/>.</exception>
    public static async Task RunAsync(
        OciReference reference, OciLayer layer, string part, IProcessRunner processes, IProgress<CharlyEvent> progress, CancellationToken cancellationToken, TimeSpan? retryDelay = null)
    {
        using var client = OciRegistry.ClientFor(layer);
        var download = new VerifiedDownload(client, processes, progress) { RetryDelay = retryDelay ?? TimeSpan.FromSeconds(1) };
        try
        {
            await download.RunAsync(layer.Url, part, layer.Sha256, cancellationToken).ConfigureAwait(false);
        }
        catch (CharlyException e) when (e.Code == Errors.ImageDownload)
        {
            throw OciRegistry.Failed(reference, $"{e.Message}. The same command goes on where it stopped", e);
        }
    }
}
