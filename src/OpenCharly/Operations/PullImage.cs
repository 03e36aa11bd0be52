using OpenCharly.Foundation;
using OpenCharly.Vms.Images;

namespace OpenCharly.Operations;

/// <summary>Downloads an image into the cache.</summary>
/// <param name="context">What it works with.</param>
public sealed class PullImage(CharlyContext context)
{
    /// <summary>Downloads it, unless it is there.</summary>
    /// <param name="url">Address.</param>
    /// <param name="name">File name; the last part of the address if null.</param>
    /// <param name="cancellationToken">Stops; what came so far stays for the next try.</param>
    /// <exception cref="CharlyException"><see cref="Errors.ImageDownload"/>, <see cref="Errors.ImageFormat"/>, <see cref="Errors.BadName"/>.</exception>
    public async Task<VmImage> RunAsync(string url, string? name = null, CancellationToken cancellationToken = default)
    {
        var image = await new NamedImages(context.Paths, context.Processes, context.Progress).EnsureAsync(url, name, cancellationToken: cancellationToken).ConfigureAwait(false);
        return await new GetImages(context).InspectAsync(image.Path, cancellationToken).ConfigureAwait(false);
    }
}
