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
        var tool = new QemuImg(context.Processes);
        foreach (var handle in new VmServices(context).Registry.Read().Values.Where(h => File.Exists(h.OverlayPath)))
        {
            var info = await tool.InfoAsync(handle.OverlayPath!, cancellationToken).ConfigureAwait(false);
            if (info.BackingFile != path) continue;
            var vm = Vms.VmName.Of(handle);
            throw new CharlyException(Errors.VmState, $"the disk of machine {vm} stands on the image {name}", $"Destroy the machine first: charly vm destroy {vm}", target: name);
        }

        File.Delete(path);
        File.Delete(path + ".url");
    }
}
