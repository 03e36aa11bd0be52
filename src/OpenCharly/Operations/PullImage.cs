using OpenCharly.Foundation;
using OpenCharly.Vms.Images;

namespace OpenCharly.Operations;

/// <summary>Downloads an image into the cache.</summary>
/// <param name="context">What it works with.</param>
public sealed class PullImage(CharlyContext context)
{
    /// <summary>Downloads it, unless it is there.</summary>
    /// <param name="url">Address; one of <c>oci://</c> for an image in a registry.</param>
    /// <param name="name">File name; the last part of the address if null.</param>
    /// <param name="refresh">Download it even if it is there; refused if other bytes came and a machine's disk stands on the old ones.</param>
    /// <param name="cancellationToken">Stops; what came so far stays for the next try.</param>
    /// <exception cref="CharlyException"><see cref="Errors.ImageDownload"/>, <see cref="Errors.OciPull"/>, <see cref="Errors.ImageChecksum"/>,
    /// <see cref="Errors.ImageFormat"/>, <see cref="Errors.BadName"/>, <see cref="Errors.VmState"/>.</exception>
    public async Task<VmImage> RunAsync(string url, string? name = null, bool refresh = false, CancellationToken cancellationToken = default)
    {
        var image = await new NamedImages(context.Paths, context.Processes, context.Progress, environment: context.Environment)
            .EnsureAsync(url, name, null, refresh, new ImageUsers(context).RefuseAsync, cancellationToken).ConfigureAwait(false);
        return await new GetImages(context).InspectAsync(image.Path, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Where it would be downloaded to; nothing is.</summary>
    /// <returns>The path, and whether it is there already and would stay as it is.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.BadName"/>; that the address can't be read; <see cref="Errors.VmState"/> if a disk stands on what would be replaced.</exception>
    public async Task<(string Path, bool Stays)> PreviewAsync(string url, string? name = null, bool refresh = false, CancellationToken cancellationToken = default)
    {
        var path = new NamedImages(context.Paths, context.Processes, context.Progress, environment: context.Environment).PathOf(url, name);
        if (refresh && File.Exists(path)) await new ImageUsers(context).RefuseAsync(path, cancellationToken).ConfigureAwait(false);
        return (path, File.Exists(path) && !refresh);
    }
}
