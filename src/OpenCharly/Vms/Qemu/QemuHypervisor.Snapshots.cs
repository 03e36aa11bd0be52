using OpenCharly.Foundation;
using OpenCharly.Vms.Images;

namespace OpenCharly.Vms.Qemu;

/// <content>
/// Snapshots. Inside the disk: by qemu-img while the machine is off, by QEMU's own jobs, memory included, while it runs.
/// Outside: the disk is frozen under a second name and goes on as an overlay; the memory of a running machine is written
/// beside it, and with both further machines are booted.
/// </content>
public sealed partial class QemuHypervisor
{
    private const string RootDisk = "drive0";

    private QemuImg Images => new(processes);

    /// <inheritdoc/>
    public async Task<VmSnapshotOutcome> SnapshotAsync(VmHandle handle, VmSnapshotOrder order, CancellationToken cancellationToken = default)
    {
        var (files, machine) = Made(handle);
        var disk = SnapshotDisk(handle, machine);
        var live = await StateAsync(handle, cancellationToken).ConfigureAwait(false);
        var isOn = live.Pid is not null;
        if (order.Mode == VmSnapshotMode.Internal)
        {
            if (isOn && !order.Memory) throw WrongState(handle, "runs, and a snapshot in its disk then holds its memory too", "Stop it first, or take an external one: --mode external. Nothing was changed.");
            if (!isOn)
            {
                await Images.CreateSnapshotAsync(disk, order.Name, cancellationToken).ConfigureAwait(false);
                return new VmSnapshotOutcome(handle, order.Name, null, null, HasMemory: false, Quiesced: false);
            }

            WarnOfOtherDisks(machine);
            await new QemuState(files.QmpSocket).SaveInternalAsync(RootDisk, order.Name, cancellationToken).ConfigureAwait(false);
            return new VmSnapshotOutcome(handle, order.Name, null, null, HasMemory: true, Quiesced: false);
        }

        WarnOfOtherDisks(machine);
        var frozen = DiskFreeze.Place(disk, order.Folder);
        var freeze = new DiskFreeze(Images);
        var overlay = isOn ? DiskFreeze.LiveOverlay(disk, order.Name) : disk + ".new";
        await freeze.BeginAsync(disk, frozen, overlay, cancellationToken).ConfigureAwait(false);
        if (!isOn)
        {
            DiskFreeze.Commit(disk, overlay);
            return new VmSnapshotOutcome(handle, null, frozen, null, HasMemory: false, Quiesced: false);
        }

        // A guest that wakes from its memory goes on where it was, so it must not have been frozen; and nothing is lost that was on its way to the disk.
        if (order is { Memory: true, Quiesce: true }) Warn("its memory is kept too, so the guest's file systems are not frozen");
        var isMappable = MemoryImage.Fits(machine);
        var memory = order.Memory ? Path.Combine(order.Folder, "memory") + (isMappable ? "" : StateFile.Extension(processes)) : null;
        QemuFrozen done;
        try
        {
            done = await new QemuState(files.QmpSocket).FreezeAsync(
                new QemuFreeze(RootDisk, overlay, memory is null ? null : StateFile.Writer(memory, processes), live.Status == VmStatus.Suspended, order is { Quiesce: true, Memory: false } ? machine.AgentSocket : null),
                Warn,
                cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            DiskFreeze.Cancel(frozen, overlay);
            throw;
        }

        // From now on QEMU writes to the overlay, whatever became of the memory.
        DiskFreeze.CommitLive(disk, overlay);
        if (memory is not null && done.MemoryFailure is { } why)
        {
            File.Delete(memory);
            Warn($"the memory could not be saved, so the snapshot holds the disk alone: {why}");
            memory = null;
        }

        if (memory is not null && isMappable) memory = await SplitAsync(memory, machine, cancellationToken).ConfigureAwait(false);
        if (memory is null) return new VmSnapshotOutcome(handle, null, frozen, null, HasMemory: false, done.Quiesced);

        // What is booted from it must have the very same devices.
        QemuMachineFile.Read(files.Command)!.Write(Path.Combine(order.Folder, "command.json"));
        if (machine.Firmware is { } firmware) File.Copy(firmware.Nvram, Path.Combine(order.Folder, "nvram.fd"), overwrite: true);
        return new VmSnapshotOutcome(handle, null, frozen, memory, HasMemory: true, done.Quiesced);
    }

    /// <inheritdoc/>
    public async Task<VmHandle> RestoreSnapshotAsync(VmHandle handle, VmSnapshot snapshot, CancellationToken cancellationToken = default)
    {
        var (files, machine) = Made(handle);
        var disk = SnapshotDisk(handle, machine);
        var live = await StateAsync(handle, cancellationToken).ConfigureAwait(false);
        if (live.Pid is not null && !snapshot.HasMemory)
        {
            throw WrongState(handle, $"runs, and the snapshot {snapshot.Name} has no memory to go on with", $"Stop it first: charly vm stop {VmName.Of(handle)}. Nothing was changed.");
        }

        if (snapshot.Mode == VmSnapshotMode.Internal)
        {
            if (live.Pid is null) await Images.ApplySnapshotAsync(disk, snapshot.LibvirtName ?? snapshot.Name, cancellationToken).ConfigureAwait(false);
            else await new QemuState(files.QmpSocket).LoadInternalAsync(RootDisk, snapshot.LibvirtName ?? snapshot.Name, cancellationToken).ConfigureAwait(false);
            return handle with { Failure = null };
        }

        var frozen = Existing(snapshot);
        if (live.Pid is not null) handle = await StopAsync(handle, TimeSpan.Zero, force: true, cancellationToken).ConfigureAwait(false);
        var overlay = disk + ".new";
        await Images.CreateOverlayAsync(overlay, frozen, "qcow2", null, cancellationToken).ConfigureAwait(false);
        DiskFreeze.Commit(disk, overlay);
        return live.Pid is null || snapshot.MemoryPath is not { } memory
            ? handle with { Failure = null }
            : await StartAsync(handle, memory, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<VmHandle> DeleteSnapshotAsync(
        VmHandle handle, VmSnapshot snapshot, IReadOnlyList<VmSnapshot> others, CancellationToken cancellationToken = default)
    {
        var (files, machine) = Made(handle);
        var disk = SnapshotDisk(handle, machine);
        var live = await StateAsync(handle, cancellationToken).ConfigureAwait(false);
        if (snapshot.Mode == VmSnapshotMode.Internal)
        {
            if (live.Pid is not null) await new QemuState(files.QmpSocket).DeleteInternalAsync(RootDisk, snapshot.LibvirtName ?? snapshot.Name, cancellationToken).ConfigureAwait(false);
            else await Images.DeleteSnapshotAsync(disk, snapshot.LibvirtName ?? snapshot.Name, cancellationToken).ConfigureAwait(false);
            return handle;
        }

        if (snapshot.DiskPath is { } frozen && File.Exists(frozen))
        {
            var below = await Images.InfoAsync(frozen, cancellationToken).ConfigureAwait(false);
            string[] above = [disk, .. others.Select(o => o.DiskPath).OfType<string>().Where(File.Exists)];
            foreach (var overlay in above)
            {
                if ((await Images.InfoAsync(overlay, cancellationToken).ConfigureAwait(false)).BackingFile != frozen) continue;
                if (overlay == disk && live.Pid is not null)
                {
                    throw WrongState(handle, $"runs on the snapshot {snapshot.Name}", $"Stop it first: charly vm stop {VmName.Of(handle)}. Nothing was changed.");
                }

                progress.Report(new NoticeEvent(NoticeLevel.Info, $"what {overlay} takes from the snapshot is copied into it"));
                await Images.RebaseAsync(overlay, below.BackingFile, below.BackingFormat, cancellationToken).ConfigureAwait(false);
            }

            File.Delete(frozen);
        }

        if (snapshot.MemoryPath is { } memory) StateFile.Delete(memory);
        return handle;
    }

    /// <inheritdoc/>
    public async Task<VmHandle> StartFromStateAsync(VmHandle handle, VmSnapshot state, CancellationToken cancellationToken = default)
    {
        var (files, own) = Made(handle);
        var memory = state.MemoryPath ?? throw Missing(state, null);
        if (StateFile.FindMissing(memory) is { } lost) throw Missing(state, lost);
        var folder = Path.GetDirectoryName(memory)!;
        var source = QemuMachineFile.Read(Path.Combine(folder, "command.json"))?.Machine ?? throw Missing(state, Path.Combine(folder, "command.json"));
        if (source.Network?.Tap is not null)
        {
            throw new CharlyException(
                Errors.VmState, $"the state {state.Name} of {state.Vm} has a card on the bridge {source.Network.Tap.Bridge}, where a second one with its address would stand in its way",
                "Create the machine without --from-state.", target: state.Name);
        }

        // The guest's memory knows its devices: the machine is the state's, only the files and ports are its own.
        var machine = source with
        {
            Id = own.Id,
            Disks = [own.Disks[0], .. source.Disks.Skip(1)],
            Seed = source.Seed is null ? null : own.Seed ?? source.Seed,
            Network = source.Network is { } network ? network with { Forwards = own.Network?.Forwards ?? [] } : null,
            Firmware = source.Firmware is { } firmware ? firmware with { Nvram = files.Nvram } : null,
            OemStrings = own.OemStrings,
            QmpSocket = own.QmpSocket,
            ConsoleSocket = own.ConsoleSocket,
            ConsoleLog = own.ConsoleLog,
            PidFile = own.PidFile,
            MonitorSocket = source.MonitorSocket is null ? null : files.MonitorSocket,
            AgentSocket = source.AgentSocket is null ? null : files.AgentSocket,
        };
        if (machine.Firmware is not null) File.Copy(Path.Combine(folder, "nvram.fd"), files.Nvram, overwrite: true);
        RecordCommand(files, machine, QemuMachineFile.Read(files.Command)!.Argv);
        handle = handle with
        {
            Vcpus = machine.Cpus, MemoryMb = checked((int)machine.MemoryMb), Uefi = machine.Firmware is not null, MacAddr = machine.Network?.Mac, SeedIsoPath = machine.Seed,
        };
        return await StartAsync(handle, memory, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> PrepareForegroundAsync(VmHandle handle, CancellationToken cancellationToken = default)
    {
        var (files, machine, accelerator) = await ReadyAsync(handle, cancellationToken).ConfigureAwait(false);
        var program = Program(machine.Architecture, handle.Name);
        string[] argv = [program, .. QemuArguments.Build(machine, accelerator, new AcceleratorProbe.HostFiles().Extension(), isForeground: true)];
        RecordCommand(files, machine, argv);
        return argv;
    }

    private (VmFiles Files, QemuMachine Machine) Made(VmHandle handle)
    {
        var files = Files(handle);
        return QemuMachineFile.Read(files.Command) is { } file
            ? (files, file.Machine)
            : throw WrongState(handle, "was not made to the end", $"Remove it and create it anew: charly vm destroy {VmName.Of(handle)}");
    }

    /// <summary>Makes the memory mappable; if that can't be, machines wake from it as it is, only later. The machine itself runs on by now.</summary>
    private async Task<string> SplitAsync(string memory, QemuMachine machine, CancellationToken cancellationToken)
    {
        var why = "QEMU wrote it in a way that is not known here";
        try
        {
            if (await Task.Run(() => StateFile.Split(memory, machine, cancellationToken), CancellationToken.None).ConfigureAwait(false) is { } image) return image;
        }
        catch (IOException e)
        {
            why = e.Message;
        }
        catch (OperationCanceledException)
        {
            why = "it was stopped";
        }

        Warn($"machines that wake from {memory} have to read all of it, as it could not be made ready for mapping: {why}");
        return memory;
    }

    private static string SnapshotDisk(VmHandle handle, QemuMachine machine)
    {
        var disk = machine.Disks[0];
        if (disk.Format != "qcow2") throw WrongState(handle, $"has a {disk.Format} disk, which holds no snapshots", "Convert it: charly image convert. Nothing was changed.");
        return File.Exists(disk.Path) ? disk.Path : throw WrongState(handle, $"has lost its disk {disk.Path}", $"Build it: charly vm build {VmName.Of(handle).Entity}");
    }

    private void WarnOfOtherDisks(QemuMachine machine)
    {
        foreach (var disk in machine.Disks.Skip(1).Where(d => !d.IsReadOnly && !d.IsCdrom)) Warn($"the snapshot is of the root disk; {disk.Path} is not part of it");
    }

    private static string Existing(VmSnapshot snapshot) => snapshot.DiskPath is { } path && File.Exists(path) ? path : throw Missing(snapshot, snapshot.DiskPath);

    private static CharlyException Missing(VmSnapshot snapshot, string? path) => new(
        Errors.SnapshotFailed, $"the file {path ?? "of the memory"} of the snapshot {snapshot.Name} of {snapshot.Vm} is gone", $"Remove the snapshot: charly vm snapshot delete {snapshot.Vm} {snapshot.Name}", target: snapshot.Name);
}
