using OpenCharly.Foundation;
using OpenCharly.Vms.Images;

namespace OpenCharly.Operations;

/// <summary>Removes an image from the cache.</summary>
/// <param name="context">What it works with.</param>
public sealed class RemoveImage(CharlyContext context)
{
    /// <summary>Removes it, unless a machine's disk stands on it.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.ImageNotFound"/>, <see cref="Errors.BadName"/>; <see cref="Errors.VmState"/> while it is used.</exception>
    public async Task RunAsync(string name, CancellationToken cancellationToken = default)
    {
        var path = new NamedImages(context.Paths, context.Processes, context.Progress).Find(name);
        await new ImageUsers(context).RefuseAsync(path, cancellationToken).ConfigureAwait(false);
        File.Delete(path);
        File.Delete(path + ".url");
        File.Delete(path + ".sha256");
    }

    /// <summary>What <see cref="RunAsync"/> would do, in one line; removes nothing.</summary>
    /// <exception cref="CharlyException">What <see cref="RunAsync"/> throws.</exception>
    public async Task<IReadOnlyList<string>> PreviewAsync(string name, CancellationToken cancellationToken = default)
    {
        var path = new NamedImages(context.Paths, context.Processes, context.Progress).Find(name);
        await new ImageUsers(context).RefuseAsync(path, cancellationToken).ConfigureAwait(false);
        return [$"remove {path}"];
    }
}
