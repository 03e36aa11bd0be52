using OpenCharly.Foundation;
using OpenCharly.Vms.Images;
using OpenCharly.Vms.Qemu;

namespace OpenCharly.Vms.Libvirt;

/// <content>
/// Snapshots (vm.md §2.6). Inside the disk by qemu-img while the machine is off; outside by freezing the disk under a second name
/// and going on with an overlay, which libvirt switches to, all at once, where the machine runs.
/// </content>
public sealed partial class LibvirtHypervisor
{
    private QemuImg Images => new(_processes);

    /// <inheritdoc/>
    public async Task<VmSnapshotOutcome> SnapshotAsync(VmHandle handle, VmSnapshotOrder order, CancellationToken cancellationToken = default)
    {
        var disk = SnapshotDisk(handle);
        var live = await StateAsync(handle, cancellationToken).ConfigureAwait(false);
        if (order.Memory) throw ((IHypervisor)this).Unsupported("snapshots with memory", handle);
        if (order.Mode == VmSnapshotMode.Internal)
        {
            if (live.IsOn) throw WrongState(handle, "runs, and its disk can't hold a snapshot then", "Stop it first, or take an external one: --mode external. Nothing was changed.");
            await Images.CreateSnapshotAsync(disk, order.Name, cancellationToken).ConfigureAwait(false);
            return new VmSnapshotOutcome(handle, order.Name, null, null, HasMemory: false, Quiesced: false);
        }

        var frozen = DiskFreeze.Place(disk, order.Folder);
        var overlay = disk + ".new";
        await new DiskFreeze(Images).BeginAsync(disk, frozen, overlay, cancellationToken).ConfigureAwait(false);
        var isQuiesced = false;
        if (live.IsOn)
        {
            try
            {
                isQuiesced = await SwitchDiskAsync(handle, order, overlay, cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                // Either libvirt switched, or nothing happened: it does it at once or not at all.
                if (await IsOnDiskAsync(handle, overlay).ConfigureAwait(false)) DiskFreeze.Commit(disk, overlay);
                else DiskFreeze.Cancel(frozen, overlay);
                throw;
            }
        }

        DiskFreeze.Commit(disk, overlay);

        // libvirt noted the overlay's first name; the next start is by the disk's.
        if (live.IsOn) await _virsh.MustAsync(VmName.Of(handle), "define", ["define", Files(handle).Domain], cancellationToken).ConfigureAwait(false);
        return new VmSnapshotOutcome(handle, null, frozen, null, HasMemory: false, isQuiesced);
    }

    /// <inheritdoc/>
    public async Task<VmHandle> RestoreSnapshotAsync(VmHandle handle, VmSnapshot snapshot, CancellationToken cancellationToken = default)
    {
        var disk = SnapshotDisk(handle);
        await RefuseWhileOnAsync(handle, cancellationToken).ConfigureAwait(false);
        if (snapshot.Mode == VmSnapshotMode.Internal)
        {
            await Images.ApplySnapshotAsync(disk, snapshot.LibvirtName ?? snapshot.Name, cancellationToken).ConfigureAwait(false);
            return handle with { Failure = null };
        }

        if (snapshot.DiskPath is not { } frozen || !File.Exists(frozen))
        {
            throw new CharlyException(
                Errors.SnapshotFailed,
                $"the file {snapshot.DiskPath} of the snapshot {snapshot.Name} of {snapshot.Vm} is gone",
                $"Remove the snapshot: charly vm snapshot delete {snapshot.Vm} {snapshot.Name}",
                target: snapshot.Name);
        }

        var overlay = disk + ".new";
        await Images.CreateOverlayAsync(overlay, frozen, "qcow2", null, cancellationToken).ConfigureAwait(false);
        DiskFreeze.Commit(disk, overlay);
        return handle with { Failure = null };
    }

    /// <inheritdoc/>
    public async Task<VmHandle> DeleteSnapshotAsync(
        VmHandle handle, VmSnapshot snapshot, IReadOnlyList<VmSnapshot> others, CancellationToken cancellationToken = default)
    {
        var disk = SnapshotDisk(handle);
        await RefuseWhileOnAsync(handle, cancellationToken).ConfigureAwait(false);
        if (snapshot.Mode == VmSnapshotMode.Internal)
        {
            await Images.DeleteSnapshotAsync(disk, snapshot.LibvirtName ?? snapshot.Name, cancellationToken).ConfigureAwait(false);
            return handle;
        }

        if (snapshot.DiskPath is not { } frozen || !File.Exists(frozen)) return handle;
        var below = await Images.InfoAsync(frozen, cancellationToken).ConfigureAwait(false);
        foreach (var overlay in new[] { disk }.Concat(others.Select(o => o.DiskPath).OfType<string>().Where(File.Exists)))
        {
            if ((await Images.InfoAsync(overlay, cancellationToken).ConfigureAwait(false)).BackingFile != frozen) continue;
            _progress.Report(new NoticeEvent(NoticeLevel.Info, $"what {overlay} takes from the snapshot is copied into it"));
            await Images.RebaseAsync(overlay, below.BackingFile, below.BackingFormat, cancellationToken).ConfigureAwait(false);
        }

        File.Delete(frozen);
        return handle;
    }

    private async Task<bool> SwitchDiskAsync(VmHandle handle, VmSnapshotOrder order, string overlay, CancellationToken cancellationToken)
    {
        string[] command =
        [
            "snapshot-create-as", handle.Name, "--disk-only", "--atomic", "--no-metadata", "--reuse-external",
            "--diskspec", $"vda,snapshot=external,file={overlay.Replace(",", ",,", StringComparison.Ordinal)}",
        ];
        if (order.Quiesce)
        {
            var quiet = await _virsh.RunAsync([.. command, "--quiesce"], cancellationToken).ConfigureAwait(false);
            if (quiet.Succeeded) return true;
            _progress.Report(new NoticeEvent(NoticeLevel.Info, $"the guest's file systems were not frozen for the snapshot: {Virsh.Words(quiet)}"));
        }

        var result = await _virsh.RunAsync(command, cancellationToken).ConfigureAwait(false);
        if (result.Succeeded) return false;
        throw new CharlyException(
            Errors.SnapshotFailed, $"libvirt took no snapshot of machine {VmName.Of(handle)}: {Virsh.Words(result)}", "The machine goes on as before.", target: VmName.Of(handle).ToString());
    }

    private async Task<bool> IsOnDiskAsync(VmHandle handle, string path)
    {
        var disks = await _virsh.RunAsync(["domblklist", handle.Name], CancellationToken.None).ConfigureAwait(false);
        return disks.StandardOutput.Contains(path, StringComparison.Ordinal);
    }

    private async Task RefuseWhileOnAsync(VmHandle handle, CancellationToken cancellationToken)
    {
        if (!(await StateAsync(handle, cancellationToken).ConfigureAwait(false)).IsOn) return;
        throw WrongState(handle, "runs, and its snapshots hold no memory to go on with", $"Stop it first: charly vm stop {VmName.Of(handle)}. Nothing was changed.");
    }

    private string SnapshotDisk(VmHandle handle)
    {
        var disk = LibvirtDomainFile.Read(Files(handle).Domain)?.Domain.Element("devices")!.Elements("disk").First()
            ?? throw WrongState(handle, "was not made to the end", $"Remove it and create it anew: charly vm destroy {VmName.Of(handle)}");
        if ((string?)disk.Element("driver")?.Attribute("type") is not "qcow2" and var format)
        {
            throw WrongState(handle, $"has a {format} disk, which holds no snapshots", "Convert it: charly image convert. Nothing was changed.");
        }

        var path = (string?)disk.Element("source")?.Attribute("file") ?? "";
        return File.Exists(path) ? path : throw WrongState(handle, $"has lost its disk {path}", $"Build it: charly vm build {VmName.Of(handle).Entity}");
    }
}
