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

    /// <summary>systemd credentials for the guest, <c>name=value</c> as SMBIOS strings.</summary>
    public IReadOnlyList<string> Credentials { get; init; } = [];
}

/// <summary>What a backend can do; an unsupported request fails before anything is changed.</summary>
/// <param name="Suspend">It can stop and continue the processors.</param>
/// <param name="Console">It has a console to attach to.</param>
/// <param name="Bridge">It can join a host bridge.</param>
/// <param name="Autostart">It can start machines with the host.</param>
public sealed record HypervisorCapabilities(bool Suspend, bool Console, bool Bridge, bool Autostart);

/// <summary>Live state of a machine.</summary>
/// <param name="Status">State.</param>
/// <param name="Pid">Process id while there is a process.</param>
public sealed record VmLive(VmStatus Status, int? Pid = null);

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

    /// <summary>The guest's address as the host reaches it; null if there is none.</summary>
    Task<string?> AddressAsync(VmHandle handle, CancellationToken cancellationToken = default);

    /// <summary>Where its console is.</summary>
    ConsoleEndpoint Console(VmHandle handle);
}
