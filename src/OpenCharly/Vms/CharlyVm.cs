using OpenCharly.Model;

namespace OpenCharly.Vms;

/// <summary>Live state of a virtual machine (vm.md §2.1).</summary>
public enum VmStatus
{
    /// <summary>Its overlay, seed and sockets are being made.</summary>
    Preparing,

    /// <summary>Made, never booted.</summary>
    Prepared,

    /// <summary>Running.</summary>
    Running,

    /// <summary>Its processors are stopped.</summary>
    Suspended,

    /// <summary>Off.</summary>
    Stopped,

    /// <summary>Off after an operation that ended in an error.</summary>
    Failed,

    /// <summary>Gone.</summary>
    Destroyed,
}

/// <summary>What the registry knows of a machine (vm.md §2.5).</summary>
public sealed record VmHandle
{
    /// <summary><c>&lt;backend&gt;-&lt;uuid4&gt;</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Machine id, such as <c>charly-web</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Backend: <c>qemu libvirt propolis noop</c>.</summary>
    public required string Backend { get; init; }

    /// <summary>State folder.</summary>
    public required string WorkDir { get; init; }

    /// <summary>Overlay.</summary>
    public string? OverlayPath { get; init; }

    /// <summary>Seed.</summary>
    public string? SeedIsoPath { get; init; }

    /// <summary>QMP socket.</summary>
    public string? QmpSocket { get; init; }

    /// <summary>Console socket.</summary>
    public string? ConsoleSocket { get; init; }

    /// <summary>VNC address.</summary>
    public string? VncAddr { get; init; }

    /// <summary>Processors.</summary>
    public int Vcpus { get; init; } = 1;

    /// <summary>Memory in MiB.</summary>
    public int MemoryMb { get; init; } = 1024;

    /// <summary>Disk in GB.</summary>
    public int? DiskGb { get; init; }

    /// <summary>Network.</summary>
    public VmHandleNetwork Network { get; init; } = new("User", null, null);

    /// <summary>MAC address.</summary>
    public string? MacAddr { get; init; }

    /// <summary>Process id when last started.</summary>
    public int? Pid { get; init; }

    /// <summary>Host port of ssh.</summary>
    public int? SshHostPort { get; init; }

    /// <summary>UEFI firmware.</summary>
    public bool Uefi { get; init; }

    /// <summary>Further forwards, <c>[bind:]host:guest[/proto]</c>.</summary>
    public IReadOnlyList<string> PortForwards { get; init; } = [];

    /// <summary>A kernel to boot instead of what is on the disk; null to boot by firmware.</summary>
    public Definitions.VmDirectBoot? DirectBoot { get; init; }

    /// <summary>Account of a VMFile machine that ssh logs in to; charly machines have it in the per-host file.</summary>
    public string? SshUser { get; init; }

    /// <summary>Instance.</summary>
    public string? Instance { get; init; }

    /// <summary>Error that the last operation ended in; null if it succeeded.</summary>
    public string? Failure { get; init; }
}

/// <summary>Network in a handle.</summary>
/// <param name="Type"><c>User Tap Vnic None</c>.</param>
/// <param name="Bridge">Bridge of a tap.</param>
/// <param name="Name">Name of a vnic.</param>
public sealed record VmHandleNetwork(string Type, string? Bridge, string? Name);

/// <summary>Where ssh reaches a machine.</summary>
/// <param name="Alias">Alias in the managed ssh config.</param>
/// <param name="Host">Host name or address.</param>
/// <param name="Port">Port.</param>
/// <param name="User">Account.</param>
public sealed record SshEndpoint(string Alias, string Host, int Port, string User);

/// <summary>A virtual machine as it is right now.</summary>
public sealed record CharlyVm
{
    /// <summary>Name of the entity, with <c>/instance</c> for an instance.</summary>
    public required string Name { get; init; }

    /// <summary>Machine id, such as <c>charly-web</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Whether it is a machine of a VMFile, or of an image, and none of the project.</summary>
    public bool IsVmFile { get; init; }

    /// <summary>Size of the disk in GB, if it was asked for.</summary>
    public int? DiskGb { get; init; }

    /// <summary>Backend.</summary>
    public required string Backend { get; init; }

    /// <summary>Live state, from process and hypervisor.</summary>
    public required VmStatus Status { get; init; }

    /// <summary>Process id; null if it is not running.</summary>
    public int? Pid { get; init; }

    /// <summary>Processors.</summary>
    public int Cpus { get; init; }

    /// <summary>Memory in MiB.</summary>
    public int MemoryMb { get; init; }

    /// <summary>Network mode.</summary>
    public string Network { get; init; } = "user";

    /// <summary>Where ssh reaches it; null without a network.</summary>
    public SshEndpoint? Ssh { get; init; }

    /// <summary>This host's address as the guest sees it (vm.md §11, <c>Addr</c>); null where that is not known.</summary>
    public string? HostAddress { get; init; }

    /// <summary>State folder.</summary>
    public string WorkDir { get; init; } = "";

    /// <summary>Disk.</summary>
    public string? Disk { get; init; }

    /// <summary>Seed.</summary>
    public string? Seed { get; init; }

    /// <summary>MAC address.</summary>
    public string? Mac { get; init; }

    /// <summary>VNC address.</summary>
    public string? Vnc { get; init; }

    /// <summary>Why it is failed; null otherwise.</summary>
    public string? Failure { get; init; }

    /// <summary>When the short-lived deployment that made it removes it, UTC (deploy.md §9); null for one without an end.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>What the per-host file records of it; null if nothing.</summary>
    public VmDeployState? State { get; init; }
}

/// <summary>A disk that <c>vm build</c> made.</summary>
/// <param name="Name">Name of the entity.</param>
/// <param name="Path">Path of the disk.</param>
/// <param name="Format"><c>qcow2</c> or <c>raw</c>.</param>
/// <param name="VirtualSize">Size that the guest sees, in bytes.</param>
/// <param name="ActualSize">Size on disk, in bytes.</param>
/// <param name="BaseImage">Image that it is an overlay of; null if it stands alone.</param>
/// <param name="BaseSha256">Digest of that image, hex.</param>
public sealed record VmDisk(string Name, string Path, string Format, long VirtualSize, long ActualSize, string? BaseImage, string? BaseSha256);

/// <summary>What the per-host file records of a machine: <c>vm_state</c> (vm.md §7.9).</summary>
public sealed record VmDeployState
{
    /// <summary>Deploy key: <c>vm:&lt;entity&gt;[/&lt;instance&gt;]</c>; not part of the file's mapping.</summary>
    public required string Key { get; init; }

    /// <summary>cloud-init instance id, a version 4 UUID, fixed from first build on.</summary>
    public string? InstanceId { get; init; }

    /// <summary>Absolute path of the disk.</summary>
    public string? DiskPath { get; init; }

    /// <summary>Absolute path of the seed; empty without one.</summary>
    public string? SeedIso { get; init; }

    /// <summary>Absolute path of the NVRAM; empty for BIOS.</summary>
    public string? NvramPath { get; init; }

    /// <summary>Host port of ssh.</summary>
    public int? SshPort { get; init; }

    /// <summary>Guest account.</summary>
    public string? SshUser { get; init; }

    /// <summary>Pinned backend.</summary>
    public string? Backend { get; init; }

    /// <summary>Whether the SMBIOS key channel is used.</summary>
    public bool? KeyInjectionSmbios { get; init; }

    /// <summary>Whether the cloud-init key channel is used.</summary>
    public bool? KeyInjectionCloudInit { get; init; }

    /// <summary>How charly comes into the guest.</summary>
    public string? CharlyInstallStrategy { get; init; }

    /// <summary><c>sha256:</c> and hex of the rendered user-data.</summary>
    public string? CloudInitRenderedDigest { get; init; }

    /// <summary>Digest of the base image, hex.</summary>
    public string? BaseImageSha256 { get; init; }

    /// <summary>When the disk was last built.</summary>
    public DateTimeOffset? LastBuild { get; init; }

    /// <summary>When a bundle was last added.</summary>
    public DateTimeOffset? LastDeploy { get; init; }

    /// <summary>Candies that are applied.</summary>
    public IReadOnlyList<string> AppliedLayers { get; init; } = [];

    /// <summary>Its snapshots, as a mirror of the machine's own registry of them.</summary>
    public IReadOnlyList<VmSnapshot> Snapshots { get; init; } = [];
}
