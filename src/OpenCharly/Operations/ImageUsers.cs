using OpenCharly.Foundation;
using OpenCharly.Vms;
using OpenCharly.Vms.Images;

namespace OpenCharly.Operations;

/// <summary>Guards the images in the cache while the disks of machines stand on them.</summary>
internal sealed class ImageUsers(CharlyContext context)
{
    /// <summary>Refuses to change an image that a machine's disk stands on, also by way of snapshots, or of another machine's disk.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmState"/> naming the machine.</exception>
    public async Task RefuseAsync(string path, CancellationToken cancellationToken)
    {
        foreach (var (disk, vm, remedy) in Disks())
        {
            if (!await StandsOnAsync(disk, path, cancellationToken).ConfigureAwait(false)) continue;
            throw new CharlyException(Errors.VmState, $"the disk of machine {vm} stands on the image {Path.GetFileName(path)}", $"Destroy the machine first: {remedy}", target: Path.GetFileName(path));
        }
    }

    // Machines that were created, and disks that were built for machines which were not.
    private IEnumerable<(string Disk, string Vm, string Remedy)> Disks()
    {
        var services = new VmServices(context);
        var created = services.Registry.Read().Values.Where(h => h.OverlayPath is not null)
            .Select(h => (Disk: h.OverlayPath!, Name: VmName.Of(h)))
            .Select(h => (h.Disk, h.Name.ToString(), $"charly vm destroy {h.Name}{(h.Name.IsVmFile ? "" : " --disk")}"));
        var built = services.States.ReadAll().Where(s => s.Value.DiskPath is not null)
            .Select(s => (s.Value.DiskPath!, s.Key, $"charly vm destroy {s.Key} --disk"));
        return created.Concat(built).DistinctBy(d => d.Item1).Where(d => File.Exists(d.Item1));
    }

    private async Task<bool> StandsOnAsync(string disk, string path, CancellationToken cancellationToken)
    {
        var tool = new QemuImg(context.Processes);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var at = disk; seen.Add(at);)
        {
            var info = await tool.InfoAsync(at, cancellationToken).ConfigureAwait(false);
            if (info.BackingFile == path) return true;
            if (info.BackingFile is not { } next || !File.Exists(next)) return false;
            at = next;
        }

        return false;
    }
}
