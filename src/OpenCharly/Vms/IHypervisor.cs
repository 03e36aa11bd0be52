using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Vms;

/// <summary>What a hypervisor makes a machine of: the entity, with everything resolved that does not depend on the backend.</summary>
public sealed record VmPreparation
{
    /// <summary>Name.</summary>
    public required VmName Name { get; init; }

    /// <summary>The entity.</summary>
    public required VmSpec Spec { get; init; }

    /// <summary>Absolute path of the disk, a qcow2 file.</summary>
    public required string Disk { get; init; }

    /// <summary>Absolute path of the seed; null without cloud-init.</summary>
    public string? Seed { get; init; }

    /// <summary>Processors.</summary>
    public required int Cpus { get; init; }

    /// <summary>Memory in MiB.</summary>
    public required long MemoryMb { get; init; }

    /// <summary>MAC address of the first network card.</summary>
    public required string Mac { get; init; }

    /// <summary>Host port of ssh; null without user networking.</summary>
    public int? SshPort { get; init; }

    /// <summary>Whether another ssh port may be taken at start if this one is busy by then.</summary>
    public bool SshPortIsFree { get; init; }

    /// <summary>A kernel to boot instead of what is on the disk; null to boot by firmware.</summary>
    public Definitions.VmDirectBoot? DirectBoot { get; init; }

    /// <summary>Absolute path of a blank second disk, a qcow2 file; null without one.</summary>
    public string? DataDisk { get; init; }

    /// <summary>systemd credentials for the guest, <c>name=value</c> as SMBIOS strings.</summary>
    public IReadOnlyList<string> Credentials { get; init; } = [];
}

/// <summary>What a backend can do; an unsupported request fails before anything is changed.</summary>
/// <param name="Suspend">It can stop and continue the processors.</param>
/// <param name="Console">It has a console to attach to.</param>
/// <param name="Bridge">It can join a host bridge.</param>
/// <param name="Autostart">It can start machines with the host.</param>
public sealed record HypervisorCapabilities(bool Suspend, bool Console, bool Bridge, bool Autostart)
{
    /// <summary>It keeps snapshots inside the disk of a machine that is off.</summary>
    public bool InternalSnapshots { get; init; }

    /// <summary>It keeps snapshots inside the disk of a running machine, its memory included.</summary>
    public bool LiveInternalSnapshots { get; init; }

    /// <summary>It freezes the disk as a file of its own, on which clones can stand.</summary>
    public bool ExternalSnapshots { get; init; }

    /// <summary>It freezes the disk of a running machine so, without its memory.</summary>
    public bool LiveExternalSnapshots { get; init; }

    /// <summary>It saves the memory of a running machine beside the frozen disk, and boots further machines from both.</summary>
    public bool SavedStates { get; init; }

    /// <summary>It can run a machine in the foreground with its monitor on the terminal.</summary>
    public bool Monitor { get; init; }

    /// <summary>It can hand devices of the host to a guest.</summary>
    public bool HostDevices { get; init; }

    /// <summary>Its guests reach out through their user's own network, and ports of this machine lead into them.</summary>
    public bool UserNetwork { get; init; }

    /// <summary>It can join a network of libvirt's; others use user networking instead.</summary>
    public bool Nat { get; init; }

    /// <summary>It can give a guest a VNIC of illumos.</summary>
    public bool Vnic { get; init; }

    /// <summary>It makes the disk of a machine itself, from an image that is its own business; there is nothing to build.</summary>
    public bool MakesDisk { get; init; }

    /// <summary>It can boot a kernel that is given instead of what is on the disk.</summary>
    public bool DirectBoot { get; init; }

    /// <summary>It can boot by UEFI, with secure boot too.</summary>
    public bool Uefi { get; init; }

    /// <summary>It can share folders of the host by virtiofs or 9p; others ignore them with a warning.</summary>
    public bool SharedFolders { get; init; }

    /// <summary>It takes snippets of domain XML; others ignore them with a warning.</summary>
    public bool RawXml { get; init; }
}

/// <summary>Live state of a machine.</summary>
/// <param name="Status">State.</param>
/// <param name="Pid">Process id while there is a process.</param>
public sealed record VmLive(VmStatus Status, int? Pid = null)
{
    /// <summary>Whether it holds memory and devices: it runs, or its processors are stopped.</summary>
    public bool IsOn => Pid is not null || Status is VmStatus.Running or VmStatus.Suspended;
}

/// <summary>A backend that finds out how fast guests of an entity will be.</summary>
public interface IAcceleratedHypervisor
{
    /// <summary>What guests of an entity run on here.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.QemuSpawn"/> if QEMU is not installed.</exception>
    Task<Qemu.Accelerator> ChooseAcceleratorAsync(VmSpec spec, CancellationToken cancellationToken = default);
}

/// <summary>How a console is reached.</summary>
public enum ConsoleKind
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>A unix socket.</summary>
    Socket,

    /// <summary>A WebSocket address.</summary>
    WebSocket,

    /// <summary>A terminal device.</summary>
    Terminal,
}

/// <summary>Where a console is.</summary>
/// <param name="Kind">How it is reached.</param>
/// <param name="Address">Path or address; empty for none.</param>
public sealed record ConsoleEndpoint(ConsoleKind Kind, string Address);

/// <summary>
/// A backend that runs machines. Verbs take the registry's handle and return it changed; writing it back is the
/// caller's. They presume that the caller holds the machine's lock, and refuse what the state forbids (vm.md §2.1).
/// </summary>
public interface IHypervisor
{
    /// <summary>Backend name, as in handles.</summary>
    string Backend { get; }

    /// <summary>What it can do.</summary>
    HypervisorCapabilities Capabilities { get; }

    /// <summary>Refuses what this backend can't do here for an entity, before anything is made.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.BackendUnsupported"/>, <see cref="Errors.BackendMissing"/>,
    /// <see cref="Errors.VmValidation"/>, <see cref="Errors.FirmwareMissing"/>, <see cref="Errors.VmNameExists"/>.</exception>
    Task CheckAsync(VmSpec spec, VmName name, CancellationToken cancellationToken = default) => Task.CompletedTask;

    /// <summary>Whether <see cref="PrepareAsync"/> came to its end; what a cut one left behind is to be removed.</summary>
    bool IsWhole(VmHandle handle) => true;

    /// <summary>Makes what a machine needs to boot; removes it again if that fails.</summary>
    /// <returns>A handle in state prepared.</returns>
    Task<VmHandle> PrepareAsync(VmPreparation preparation, CancellationToken cancellationToken = default);

    /// <summary>Boots.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmAlreadyRunning"/>, <see cref="Errors.VmState"/> if suspended,
    /// <see cref="Errors.PortInUse"/>, <see cref="Errors.QemuSpawn"/>, <see cref="Errors.QmpConnect"/>.</exception>
    Task<VmHandle> StartAsync(VmHandle handle, CancellationToken cancellationToken = default);

    /// <summary>Shuts down; escalates when the guest does not follow within <paramref name="timeout"/>, or at once if forced.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmNotRunning"/>, <see cref="Errors.VmStop"/>.</exception>
    Task<VmHandle> StopAsync(VmHandle handle, TimeSpan timeout, bool force, CancellationToken cancellationToken = default);

    /// <summary>Stops the processors; nothing to do if they are stopped.</summary>
    Task<VmHandle> SuspendAsync(VmHandle handle, CancellationToken cancellationToken = default);

    /// <summary>Continues; nothing to do if it runs.</summary>
    Task<VmHandle> ResumeAsync(VmHandle handle, CancellationToken cancellationToken = default);

    /// <summary>Ends the machine and removes what <see cref="PrepareAsync"/> made; the disk stays.</summary>
    Task DestroyAsync(VmHandle handle, CancellationToken cancellationToken = default);

    /// <summary>Live state, never from what was stored.</summary>
    Task<VmLive> StateAsync(VmHandle handle, CancellationToken cancellationToken = default);

    /// <summary>Live states of several machines, asked for at once; null if asking each by <see cref="StateAsync"/> is as good.</summary>
    /// <returns>States by <see cref="VmHandle.Name"/>, one for each handle.</returns>
    Task<IReadOnlyDictionary<string, VmLive>?> StatesAsync(IReadOnlyList<VmHandle> handles, CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyDictionary<string, VmLive>?>(null);

    /// <summary>The guest's address as the host reaches it; null if there is none.</summary>
    Task<string?> AddressAsync(VmHandle handle, CancellationToken cancellationToken = default);

    /// <summary>Where its console is.</summary>
    ConsoleEndpoint Console(VmHandle handle);

    /// <summary>The socket of a running guest's agent; null without a channel for one, or if nobody in the guest listens there.</summary>
    Task<string?> AgentSocketAsync(VmHandle handle, CancellationToken cancellationToken = default) => Task.FromResult<string?>(null);

    /// <summary>Freezes the machine's disk, and its memory if asked.</summary>
    /// <param name="handle">The machine.</param>
    /// <param name="order">What to freeze and where; its folder exists and is empty.</param>
    /// <param name="cancellationToken">Gives up, leaving the machine as it was.</param>
    /// <returns>What was made, and the handle, whose disk may be another file now.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.BackendUnsupported"/> before anything changes;
    /// <see cref="Errors.VmState"/>, <see cref="Errors.SnapshotFailed"/>.</exception>
    Task<VmSnapshotOutcome> SnapshotAsync(VmHandle handle, VmSnapshotOrder order, CancellationToken cancellationToken = default) =>
        throw Unsupported("snapshots", handle);

    /// <summary>Puts the disk back to a snapshot, and a running machine's memory too where the snapshot has it.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.BackendUnsupported"/>, <see cref="Errors.VmState"/>, <see cref="Errors.SnapshotFailed"/>.</exception>
    Task<VmHandle> RestoreSnapshotAsync(VmHandle handle, VmSnapshot snapshot, CancellationToken cancellationToken = default) =>
        throw Unsupported("snapshots", handle);

    /// <summary>Removes a snapshot's data; what stands on it is put on what it stood on.</summary>
    /// <param name="handle">The machine.</param>
    /// <param name="snapshot">The snapshot to remove.</param>
    /// <param name="others">The machine's other snapshots.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Errors.BackendUnsupported"/>, <see cref="Errors.VmState"/>, <see cref="Errors.SnapshotFailed"/>.</exception>
    Task<VmHandle> DeleteSnapshotAsync(
        VmHandle handle, VmSnapshot snapshot, IReadOnlyList<VmSnapshot> others, CancellationToken cancellationToken = default) =>
        throw Unsupported("snapshots", handle);

    /// <summary>Boots a prepared machine from the memory that a snapshot of another one holds; it runs on when this returns.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.BackendUnsupported"/>, and what <see cref="StartAsync"/> throws.</exception>
    Task<VmHandle> StartFromStateAsync(VmHandle handle, VmSnapshot state, CancellationToken cancellationToken = default) =>
        throw Unsupported("booting from a saved state", handle);

    /// <summary>Makes the machine start with the host, or no more.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.BackendUnsupported"/>.</exception>
    Task SetAutostartAsync(VmHandle handle, bool isOn, CancellationToken cancellationToken = default) => throw Unsupported("autostart", handle);

    /// <summary>Readies a machine that is off to run in the foreground, its monitor on the terminal.</summary>
    /// <returns>Program and arguments for the caller to run on its own terminal.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.BackendUnsupported"/>, and what <see cref="StartAsync"/> throws before it boots.</exception>
    Task<IReadOnlyList<string>> PrepareForegroundAsync(VmHandle handle, CancellationToken cancellationToken = default) =>
        throw Unsupported("a monitor on the terminal", handle);

    /// <summary>The error for what this backend can't do.</summary>
    /// <param name="what">What was asked for, such as <c>snapshots</c>.</param>
    /// <param name="handle">The machine.</param>
    CharlyException Unsupported(string what, VmHandle handle) => new(
        Errors.BackendUnsupported,
        $"the backend {Backend} of machine {VmName.Of(handle)} has no support for {what}",
        $"Nothing was changed. Use another backend for this machine: {string.Join(" or ", new[] { "qemu", "libvirt" }.Where(b => b != Backend).Select(b => $"backend: {b}"))}.",
        target: VmName.Of(handle).ToString());
}
