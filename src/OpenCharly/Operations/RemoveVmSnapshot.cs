using OpenCharly.Foundation;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>Removes a snapshot of a virtual machine.</summary>
public sealed class RemoveVmSnapshot
{
    private readonly VmServices _services;

    /// <summary>Makes the operation.</summary>
    /// <param name="context">What it works with.</param>
    public RemoveVmSnapshot(CharlyContext context)
        : this(new VmServices(context))
    {
    }

    internal RemoveVmSnapshot(VmServices services) => _services = services;

    /// <summary>Removes it; the machine and its other snapshots keep all that they have.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.SnapshotNotFound"/>; <see cref="Errors.SnapshotInUse"/> while clones stand on it, unless
    /// forced; <see cref="Errors.VmState"/> if the running machine itself stands on it; <see cref="Errors.SnapshotFailed"/>.</exception>
    public async Task RunAsync(VmSnapshotRequest request, CancellationToken cancellationToken = default)
    {
        var vm = await _services.ResolveAsync(request.Name, cancellationToken).ConfigureAwait(false);
        var services = _services.For(vm);
        using var held = await services.LockAsync(vm, cancellationToken).ConfigureAwait(false);
        var handle = services.Registry.Find(vm.Id);
        var registry = new SnapshotRegistry(services.Files(vm), vm.ToString());
        var snapshot = registry.Require(request.Snapshot);
        RefuseWhileUsed(services, vm, registry, snapshot, request.Force);
        if (handle is null)
        {
            throw new CharlyException(
                Errors.VmNotCreated, $"machine {vm} is not there, and its disk may stand on the snapshot {snapshot.Name}", $"Create it first: charly vm create {vm}; or remove disk and snapshots: charly vm destroy {vm} --disk", target: vm.ToString());
        }

        await RemoveAsync(services, handle, snapshot, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes data and record, for a caller that holds the lock.</summary>
    internal static async Task RemoveAsync(VmServices services, VmHandle handle, VmSnapshot snapshot, CancellationToken cancellationToken)
    {
        var snapshots = new VmSnapshotting(services, handle);
        var registry = snapshots.Registry;
        await services.Router.For(handle).DeleteSnapshotAsync(handle, snapshot, [.. registry.Read().Where(s => s.Name != snapshot.Name)], cancellationToken).ConfigureAwait(false);

        // The record goes before the folder: what is left of a cut removal is files that nobody speaks of.
        registry.Remove(snapshot.Name);
        var folder = registry.Folder(snapshot.Name);
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        await snapshots.MirrorAsync().ConfigureAwait(false);
    }

    private static void RefuseWhileUsed(VmServices services, VmName vm, SnapshotRegistry registry, VmSnapshot snapshot, bool force)
    {
        if (snapshot.Refcount == 0) return;
        var users = string.Join(", ", registry.Users(snapshot.Name));
        if (force)
        {
            services.Notice(NoticeLevel.Warning, $"{users} lose the base of their disks");
            return;
        }

        throw new CharlyException(
            Errors.SnapshotInUse, $"the disks of {users} stand on the snapshot {snapshot.Name} of {vm}", "Destroy them with their disks first. Nothing was changed.", target: snapshot.Name);
    }
}
