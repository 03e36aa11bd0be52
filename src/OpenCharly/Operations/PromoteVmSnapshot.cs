using OpenCharly.Foundation;
using OpenCharly.Vms;
using OpenCharly.Vms.Images;

namespace OpenCharly.Operations;

/// <summary>Gives a snapshot inside a disk a file of its own, on which clones can stand.</summary>
public sealed class PromoteVmSnapshot
{
    private readonly VmServices _services;

    /// <summary>Makes the operation.</summary>
    /// <param name="context">What it works with.</param>
    public PromoteVmSnapshot(CharlyContext context)
        : this(new VmServices(context))
    {
    }

    internal PromoteVmSnapshot(VmServices services) => _services = services;

    /// <summary>Copies it out; the one inside the disk is kept, without a record.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.SnapshotNotFound"/>, <see cref="Errors.SnapshotNotInternal"/>,
    /// <see cref="Errors.VmState"/> while the machine runs, <see cref="Errors.ImageConversion"/>.</exception>
    public async Task<VmSnapshot> RunAsync(VmSnapshotRequest request, CancellationToken cancellationToken = default)
    {
        var vm = await _services.ResolveAsync(request.Name, cancellationToken).ConfigureAwait(false);
        var services = _services.For(vm);
        using var held = await services.LockAsync(vm, cancellationToken).ConfigureAwait(false);
        return await RunLockedAsync(services, await services.RequireHandleAsync(vm, cancellationToken).ConfigureAwait(false), request.Snapshot, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>As <see cref="RunAsync"/>, for a caller that holds the lock.</summary>
    internal static async Task<VmSnapshot> RunLockedAsync(VmServices services, VmHandle handle, string name, CancellationToken cancellationToken)
    {
        var vm = VmName.Of(handle);
        var snapshots = new VmSnapshotting(services, handle);
        var snapshot = snapshots.Registry.Require(name);
        if (snapshot.Mode != VmSnapshotMode.Internal)
        {
            throw new CharlyException(Errors.SnapshotNotInternal, $"the snapshot {name} of {vm} is a file of its own already: {snapshot.DiskPath}", "Clone it as it is.", target: name);
        }

        if ((await services.Router.For(handle).StateAsync(handle, cancellationToken).ConfigureAwait(false)).Pid is not null)
        {
            throw new CharlyException(Errors.VmState, $"machine {vm} runs on the disk that the snapshot {name} is in", $"Stop it first: charly vm stop {vm}", target: vm.ToString());
        }

        var target = Path.Combine(snapshots.Registry.Folder(name), "disk.qcow2");
        AtomicFile.EnsureFolder(Path.GetDirectoryName(target)!, isPrivate: true);
        await new QemuImg(services.Context.Processes).ExtractSnapshotAsync(handle.OverlayPath!, snapshot.LibvirtName ?? name, target, cancellationToken).ConfigureAwait(false);
        var promoted = snapshot with { Mode = VmSnapshotMode.External, DiskPath = target, HasMemory = false };
        snapshots.Registry.Put(promoted);
        await snapshots.MirrorAsync().ConfigureAwait(false);
        return promoted;
    }
}
