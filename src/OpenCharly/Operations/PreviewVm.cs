using OpenCharly.Foundation;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>A verb that changes a machine.</summary>
public enum VmVerb
{
    /// <summary>Boot.</summary>
    Start,

    /// <summary>Shut down.</summary>
    Stop,

    /// <summary>Shut down and boot.</summary>
    Restart,

    /// <summary>Stop the processors.</summary>
    Suspend,

    /// <summary>Let them go on.</summary>
    Resume,

    /// <summary>Remove what was made.</summary>
    Destroy,

    /// <summary>Take a snapshot.</summary>
    Snapshot,

    /// <summary>Go back to a snapshot.</summary>
    Restore,

    /// <summary>Remove a snapshot.</summary>
    DeleteSnapshot,

    /// <summary>Give a snapshot a file of its own.</summary>
    Promote,

    /// <summary>Build the disk; see <see cref="BuildVm.PreviewAsync"/>.</summary>
    Build,

    /// <summary>Define it; see <see cref="CreateVm.PreviewAsync"/> and <see cref="CreateVmFromImage.PreviewAsync"/>.</summary>
    Create,

    /// <summary>Declare another one on a snapshot of it; see <see cref="CloneVm.PreviewAsync"/>.</summary>
    Clone,

    /// <summary>Grow its disk, or start it with the host; see <see cref="SetVm.PreviewAsync"/>.</summary>
    Change,

    /// <summary>Adopt a domain of libvirt's; see <see cref="ImportVm.PreviewAsync"/>.</summary>
    Import,

    /// <summary>Copy files; see <see cref="CopyVmItem.PreviewAsync"/>.</summary>
    Copy,

    /// <summary>Run its provisioners; see <see cref="ProvisionVmFile.PreviewAsync"/>.</summary>
    Provision,
}

/// <summary>What <c>PreviewVm</c> works from.</summary>
/// <param name="Verb">The verb, up to <see cref="VmVerb.Promote"/>; the others take more than a name, and their operations tell.</param>
/// <param name="Name">Name of the machine.</param>
/// <param name="Snapshot">Name of the snapshot, for verbs that take one.</param>
/// <param name="Disk">For <see cref="VmVerb.Destroy"/>: whether the disk goes too.</param>
public sealed record PreviewVmRequest(VmVerb Verb, string Name, string? Snapshot = null, bool Disk = false);

/// <summary>What a verb would do.</summary>
/// <param name="Name">The machine.</param>
/// <param name="Verb">The verb.</param>
/// <param name="From">State now.</param>
/// <param name="To">State afterwards.</param>
/// <param name="Changes">What would be made, changed or removed; empty if nothing.</param>
public sealed record VmPreview(string Name, VmVerb Verb, VmStatus From, VmStatus To, IReadOnlyList<string> Changes);

/// <summary>Tells what a verb would do to a virtual machine, and refuses what the verb would refuse; changes nothing.</summary>
public sealed class PreviewVm
{
    private readonly VmServices _services;

    /// <summary>Makes the operation.</summary>
    /// <param name="context">What it works with.</param>
    public PreviewVm(CharlyContext context)
        : this(new VmServices(context))
    {
    }

    internal PreviewVm(VmServices services) => _services = services;

    /// <summary>Looks at the machine.</summary>
    /// <exception cref="CharlyException">What the verb itself would throw before it changes anything.</exception>
    public async Task<VmPreview> RunAsync(PreviewVmRequest request, CancellationToken cancellationToken = default)
    {
        var vm = await _services.ResolveAsync(request.Name, cancellationToken).ConfigureAwait(false);
        var handle = request.Verb == VmVerb.Destroy && _services.Registry.Find(vm.Id) is null ? LostMachine.Find(_services, vm) : await _services.RequireHandleAsync(vm, cancellationToken).ConfigureAwait(false);
        if (handle is null)
        {
            await DestroyVm.RequireKnownAsync(_services, vm, cancellationToken).ConfigureAwait(false);
            return new VmPreview(vm.ToString(), request.Verb, VmStatus.Destroyed, VmStatus.Destroyed, ["remove what is left of it"]);
        }

        var now = (await _services.Router.For(handle).StateAsync(handle, cancellationToken).ConfigureAwait(false)).Status;
        var isOn = now is VmStatus.Running or VmStatus.Suspended;
        var registry = new SnapshotRegistry(_services.Files(vm), vm.ToString());
        var named = request.Snapshot is { } text && request.Verb is not VmVerb.Snapshot ? registry.Require(text) : null;
        VmPreview Of(VmStatus to, params IReadOnlyList<string> changes) => new(vm.ToString(), request.Verb, now, to, changes);
        switch (request.Verb)
        {
            case VmVerb.Start or VmVerb.Resume or VmVerb.Suspend when isOn && now == Target(request.Verb):
                return Of(now);
            case VmVerb.Start when now == VmStatus.Suspended:
                throw State(vm, "is suspended", $"Continue it: charly vm resume {vm}");
            case VmVerb.Start:
                await new DiskUsers(_services).RefuseUnderInstancesAsync(handle, cancellationToken).ConfigureAwait(false);
                return Of(VmStatus.Running, "boot it");
            case VmVerb.Stop when !isOn:
                return Of(now);
            case VmVerb.Stop:
                return Of(VmStatus.Stopped, "shut it down");
            case VmVerb.Restart:
                return Of(VmStatus.Running, isOn ? ["shut it down", "boot it"] : ["boot it"]);
            case VmVerb.Suspend or VmVerb.Resume when !isOn:
                throw State(vm, "is not running", $"Start it: charly vm start {vm}");
            case VmVerb.Suspend:
                return Of(VmStatus.Suspended, "stop its processors");
            case VmVerb.Resume:
                return Of(VmStatus.Running, "let its processors go on");
            case VmVerb.Destroy:
                return Of(VmStatus.Destroyed, [.. Removed(vm, handle, registry, request.Disk, isOn)]);
            case VmVerb.Snapshot:
                VmSnapshotting.CheckName(request.Snapshot ?? "");
                if (registry.Find(request.Snapshot!) is not null) throw new CharlyException(Errors.SnapshotExists, $"machine {vm} has a snapshot \"{request.Snapshot}\" already", "Choose another name.", target: request.Snapshot);
                return Of(now, $"take the snapshot {request.Snapshot}");
            case VmVerb.Restore when isOn && !named!.HasMemory:
                throw State(vm, $"runs, and the snapshot {named.Name} has no memory to go on with", $"Stop it first: charly vm stop {vm}");
            case VmVerb.Restore:
                return Of(now, $"throw away what its disk holds since the snapshot {named!.Name}");
            case VmVerb.DeleteSnapshot when named!.Refcount > 0:
                throw new CharlyException(Errors.SnapshotInUse, $"{named.Refcount} disks stand on the snapshot {named.Name} of {vm}", "Destroy those machines with their disks first.", target: named.Name);
            case VmVerb.DeleteSnapshot:
                return Of(now, $"remove the snapshot {named!.Name}");
            case VmVerb.Promote:
                if (named!.Mode != VmSnapshotMode.Internal) throw new CharlyException(Errors.SnapshotNotInternal, $"the snapshot {named.Name} of {vm} is a file of its own already", "Clone it as it is.", target: named.Name);
                return Of(now, $"copy the snapshot {named.Name} into a file of its own");
            default:
                throw new ArgumentOutOfRangeException(nameof(request), request.Verb, "its own operation tells what it would do");
        }
    }

    private static VmStatus Target(VmVerb verb) => verb == VmVerb.Suspend ? VmStatus.Suspended : VmStatus.Running;

    private static IEnumerable<string> Removed(VmName vm, VmHandle handle, SnapshotRegistry registry, bool disk, bool isOn)
    {
        if (isOn) yield return "shut it down";
        yield return $"remove its record, its ssh stanza and the files of its run in {handle.WorkDir}";
        if (!vm.IsVmFile && !disk) yield break;
        var used = registry.Read().FirstOrDefault(s => s.Refcount > 0);
        if (used is not null) throw new CharlyException(Errors.SnapshotInUse, $"clones stand on the snapshot {used.Name} of machine {vm}", "Destroy the clones first.", target: vm.ToString());
        if (handle.OverlayPath is { } path && (vm.IsVmFile || VmPlacement.IsOurs(path, vm))) yield return $"delete its disk {path}";
        foreach (var snapshot in registry.Read()) yield return $"delete its snapshot {snapshot.Name}";
    }

    private static CharlyException State(VmName vm, string what, string help) => new(Errors.VmState, $"machine {vm} {what}", help, target: vm.ToString());
}
