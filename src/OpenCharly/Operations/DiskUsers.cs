using OpenCharly.Foundation;
using OpenCharly.Vms;
using OpenCharly.Vms.Images;

namespace OpenCharly.Operations;

/// <summary>Guards the disk of an entity while the disks of its instances stand on it: a write below an overlay destroys it.</summary>
internal sealed class DiskUsers(VmServices services)
{
    /// <summary>Refuses to boot a machine whose disk others stand on.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmState"/> naming them.</exception>
    public async Task RefuseUnderInstancesAsync(VmHandle handle, CancellationToken cancellationToken)
    {
        var name = VmName.Of(handle);
        if (name.IsVmFile || name.Instance is not null || handle.OverlayPath is not { } disk || !VmPlacement.IsOurs(disk, name)) return;
        var images = new QemuImg(services.Context.Processes);
        foreach (var instance in VmPlacement.Instances(Path.GetDirectoryName(disk)!))
        {
            var overlay = Path.Combine(Path.GetDirectoryName(disk)!, instance, VmPlacement.DiskName);
            if ((await images.InfoAsync(overlay, cancellationToken).ConfigureAwait(false)).BackingFile != disk) continue;
            var other = name with { Instance = instance };
            throw new CharlyException(
                Errors.VmState,
                $"the disk of {other} stands on the disk of {name}, and would be destroyed if {name} wrote to it",
                $"Boot another instance instead (charly vm create {name} -i NAME --start), or remove that one with its disk: charly vm destroy {other} --disk. Nothing was changed.",
                target: name.ToString());
        }
    }

    /// <summary>Refuses to put an instance on the disk of a machine that runs.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmState"/>.</exception>
    public async Task RefuseUnderRunningAsync(VmName instance, CancellationToken cancellationToken)
    {
        var owner = instance with { Instance = null };
        if (services.Registry.Find(owner.Id) is not { } handle
            || (await services.Router.For(handle).StateAsync(handle, cancellationToken).ConfigureAwait(false)).Pid is null) return;
        throw new CharlyException(
            Errors.VmState,
            $"machine {owner} writes to the disk that {instance} would stand on",
            $"Stop and destroy {owner} first, or wake the instance from a saved state of it: charly vm snapshot create {owner} NAME --mode external, then charly vm create {owner} -i {instance.Instance} --from-state NAME",
            target: instance.ToString());
    }
}
