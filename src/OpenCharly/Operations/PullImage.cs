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

    /// <summary>What <see cref="RunAsync"/> would do, one line each; fetches nothing.</summary>
    /// <exception cref="CharlyException">What <see cref="RunAsync"/> throws before it fetches anything.</exception>
    public IReadOnlyList<string> Preview(string url, string? name = null, bool refresh = false)
    {
        var path = new NamedImages(context.Paths, context.Processes, context.Progress, environment: context.Environment).PathOf(url, name);
        return File.Exists(path) && !refresh ? [] : [$"fetch {url} into {path}"];
    }
}
