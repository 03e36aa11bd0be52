using OpenCharly.Foundation;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>Puts the disk of one machine on a snapshot of another.</summary>
internal static class SnapshotBase
{
    /// <summary>Notes that a machine stands on a snapshot, which from now on can't be removed under it; one inside a disk is copied out first.</summary>
    /// <param name="services">Services of machines.</param>
    /// <param name="parent">The machine whose snapshot it is.</param>
    /// <param name="snapshotName">The snapshot.</param>
    /// <param name="user">The machine that is to stand on it.</param>
    /// <param name="position">Where that is asked for.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The file that the disk is to stand on, a qcow2.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.SnapshotNotFound"/>, <see cref="Errors.SnapshotFailed"/> if its file is gone.</exception>
    public static async Task<string> ClaimAsync(
        VmServices services, VmName parent, string snapshotName, VmName user, SourcePosition? position, CancellationToken cancellationToken)
    {
        using var held = await services.LockAsync(parent, cancellationToken).ConfigureAwait(false);
        var registry = new SnapshotRegistry(services.Files(parent), parent.ToString());
        var snapshot = registry.Require(snapshotName);
        if (snapshot.Mode == VmSnapshotMode.Internal)
        {
            services.Notice(NoticeLevel.Info, $"the snapshot {snapshot.Name} is inside the disk of {parent}; it is copied into a file of its own first");
            snapshot = await PromoteVmSnapshot.RunLockedAsync(
                services, await services.RequireHandleAsync(parent, cancellationToken).ConfigureAwait(false), snapshot.Name, cancellationToken).ConfigureAwait(false);
        }

        if (snapshot.DiskPath is not { } path || !File.Exists(path))
        {
            throw new CharlyException(
                Errors.SnapshotFailed, $"the file {snapshot.DiskPath} of the snapshot {snapshot.Name} of {parent} is gone, and {user} was to stand on it", "Use another snapshot.", position, user.ToString());
        }

        registry.SetUser(snapshot.Name, user.Id, stands: true);
        if (services.Registry.Find(parent.Id) is { } handle) await new VmSnapshotting(services, handle).MirrorAsync().ConfigureAwait(false);
        return path;
    }
}
