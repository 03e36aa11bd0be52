using OpenCharly.Foundation;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>What the snapshot operations share. The caller holds the machine's lock.</summary>
internal sealed class VmSnapshotting(VmServices services, VmHandle handle)
{
    private readonly VmName _name = VmName.Of(handle);

    /// <summary>The machine's snapshots.</summary>
    public SnapshotRegistry Registry { get; } = new(services.Files(VmName.Of(handle)), VmName.Of(handle).ToString());

    /// <summary>Takes a snapshot.</summary>
    public async Task<VmSnapshot> TakeAsync(CreateVmSnapshotRequest request, CancellationToken cancellationToken)
    {
        CheckName(request.Snapshot);
        var hypervisor = services.Router.For(handle);
        var live = await hypervisor.StateAsync(handle, cancellationToken).ConfigureAwait(false);
        var order = Plan(request, hypervisor, live.Pid is not null);
        var all = Registry.Read();
        if (all.Any(s => s.Name == request.Snapshot))
        {
            throw new CharlyException(
                Errors.SnapshotExists, $"machine {_name} has a snapshot \"{request.Snapshot}\" already", $"Choose another name, or remove it: charly vm snapshot delete {_name} {request.Snapshot}", target: request.Snapshot);
        }

        if (order.Mode == VmSnapshotMode.External) RefuseForeignDisk();

        // What a cut one left is nobody's: only the registry says what is a snapshot.
        var isNewFolder = !Directory.Exists(order.Folder);
        if (order.Mode == VmSnapshotMode.External) AtomicFile.EnsureFolder(order.Folder, isPrivate: true);
        VmSnapshotOutcome outcome;
        try
        {
            outcome = await hypervisor.SnapshotAsync(handle, order, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            if (isNewFolder && Directory.Exists(order.Folder) && !Directory.EnumerateFiles(order.Folder, "disk.qcow2").Any()) Directory.Delete(order.Folder, recursive: true);
            throw;
        }

        var snapshot = new VmSnapshot
        {
            Vm = _name.ToString(),
            Name = request.Snapshot,
            Mode = order.Mode,
            LibvirtName = outcome.LibvirtName,
            DiskPath = outcome.DiskPath,
            Description = request.Description,
            Created = services.Context.Environment.Clock.GetUtcNow(),
            Parent = all.Count > 0 ? all[^1].Name : null,
            Quiesced = outcome.Quiesced,
            HasMemory = outcome.HasMemory,
            MemoryPath = outcome.MemoryPath,
        };
        if (outcome.MemoryPath is not null) VmSavedGuest.Keep(services, _name, order.Folder);
        Registry.Put(snapshot);
        await services.Registry.PutAsync(outcome.Handle, CancellationToken.None).ConfigureAwait(false);
        await MirrorAsync().ConfigureAwait(false);
        return snapshot;
    }

    /// <summary>Checks, before anything changes, that the backend can do it, and says what is to be frozen.</summary>
    internal VmSnapshotOrder Plan(CreateVmSnapshotRequest request, IHypervisor hypervisor, bool isOn)
    {
        var can = hypervisor.Capabilities;
        var mode = request.Mode ?? (can.InternalSnapshots ? VmSnapshotMode.Internal : VmSnapshotMode.External);
        var memory = isOn && !request.DiskOnly && (mode == VmSnapshotMode.Internal || can.SavedStates);
        var isPossible = (mode, isOn, memory) switch
        {
            (VmSnapshotMode.Internal, false, _) => can.InternalSnapshots,
            (VmSnapshotMode.Internal, true, _) => can.LiveInternalSnapshots,
            (_, false, _) => can.ExternalSnapshots,
            (_, true, true) => can.SavedStates,
            _ => can.LiveExternalSnapshots,
        };
        if (!isPossible) throw hypervisor.Unsupported($"{mode.ToString().ToLowerInvariant()} snapshots of a machine that {(isOn ? "runs" : "is off")}", handle);
        return new VmSnapshotOrder(request.Snapshot, mode, memory, request.Quiesce, Registry.Folder(request.Snapshot));
    }

    /// <summary>Writes the snapshots into the per-host file as well, for those who look there.</summary>
    public async Task MirrorAsync()
    {
        if (_name.IsVmFile) return;
        await services.States.UpdateAsync(_name.Key, s => s with { Snapshots = Registry.Read() }, null, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Checks the name of a snapshot, which becomes a folder.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.BadName"/>.</exception>
    public static void CheckName(string name)
    {
        if (Names.IsVm(name)) return;
        throw new CharlyException(
            Errors.BadName, $"\"{name}\" can't name a snapshot", "Use up to 63 letters, digits, dashes and underscores, beginning with a letter or digit.", target: name);
    }

    private void RefuseForeignDisk()
    {
        var disk = handle.OverlayPath ?? "";
        if (_name.IsVmFile || VmPlacement.IsOurs(disk, _name)) return;
        throw new CharlyException(
            Errors.VmState, $"the disk {disk} of machine {_name} is the user's own file, and is not put aside for an external snapshot", "Take an internal one: --mode internal. Nothing was changed.", target: _name.ToString());
    }
}
