using OpenCharly.Foundation;
using OpenCharly.Vms;
using OpenCharly.Vms.Images;

namespace OpenCharly.Operations;

/// <summary>Guards the images in the cache while the disks of machines stand on them.</summary>
internal sealed class ImageUsers(CharlyContext context)
{
    /// <summary>Refuses to change an image that a machine's disk stands on.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmState"/> naming the machine.</exception>
    public async Task RefuseAsync(string path, CancellationToken cancellationToken)
    {
        var tool = new QemuImg(context.Processes);
        foreach (var handle in new VmServices(context).Registry.Read().Values.Where(h => File.Exists(h.OverlayPath)))
        {
            var info = await tool.InfoAsync(handle.OverlayPath!, cancellationToken).ConfigureAwait(false);
            if (info.BackingFile != path) continue;
            var vm = VmName.Of(handle);
            throw new CharlyException(Errors.VmState, $"the disk of machine {vm} stands on the image {Path.GetFileName(path)}", $"Destroy the machine first: charly vm destroy {vm}", target: Path.GetFileName(path));
        }
    }
}
