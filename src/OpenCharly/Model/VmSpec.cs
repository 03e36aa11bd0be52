using OpenCharly.Foundation;

namespace OpenCharly.Model;

/// <summary>A <c>vm:</c> entity (vm.md §1).</summary>
public sealed record VmSpec
{
    /// <summary>Name of the entity.</summary>
    public required string Name { get; init; }

    /// <summary>Where it stands.</summary>
    public required SourcePosition Position { get; init; }

    /// <summary>Folder of the project that declares it; relative paths and the <c>output/</c> folder join it.</summary>
    public required string ProjectFolder { get; init; }

    /// <summary>Folder below which its disks are made; the project's if null.</summary>
    public string? OutputFolder { get; init; }

    /// <summary>What the disk is made of.</summary>
    public required VmSource Source { get; init; }

    /// <summary>Virtual disk size; the base's own if null.</summary>
    public ByteSize? DiskSize { get; init; }

    /// <summary>Memory.</summary>
    public ByteSize Ram { get; init; } = new(4L << 30);

    /// <summary>Whether the entity does not say how much memory; <see cref="Ram"/> is the usual then.</summary>
    public bool IsRamOpen { get; init; }

    /// <summary>Processors.</summary>
    public int Cpus { get; init; } = 2;

    /// <summary>Whether the entity does not say how many processors; <see cref="Cpus"/> is the usual then.</summary>
    public bool AreCpusOpen { get; init; }

    /// <summary>Machine type; null for the architecture's default.</summary>
    public string? Machine { get; init; }

    /// <summary>Firmware: <c>bios uefi-insecure uefi-secure</c>; null for the default.</summary>
    public string? Firmware { get; init; }

    /// <summary>Backend: <c>auto libvirt qemu noop</c>.</summary>
    public string Backend { get; init; } = "auto";

    /// <summary>Accelerator: <c>auto kvm tcg</c>.</summary>
    public string Accelerator { get; init; } = "auto";

    /// <summary>Processor model; null for the accelerator's default.</summary>
    public string? CpuModel { get; init; }

    /// <summary>Start with the host (libvirt).</summary>
    public bool Autostart { get; init; }

    /// <summary>Network.</summary>
    public VmNetwork Network { get; init; } = new();

    /// <summary>SSH access.</summary>
    public VmSsh Ssh { get; init; } = new();

    /// <summary>cloud-init; null means defaults.</summary>
    public VmCloudInit? CloudInit { get; init; }

    /// <summary>Snapshots that the author intends.</summary>
    public IReadOnlyList<VmSnapshotIntent> Snapshots { get; init; } = [];

    /// <summary>The <c>libvirt:</c> part as written; null if there is none.</summary>
    public Yaml.YamlMapping? Libvirt { get; init; }

    /// <summary>Display devices that deployments on this machine require. They stand in other entities, so an entity by itself has none.</summary>
    public IReadOnlyList<VmGpuClaim> GpuClaims { get; init; } = [];
}

/// <summary>What a machine's disk is made of.</summary>
public abstract record VmSource
{
    private protected VmSource()
    {
    }

    /// <summary>Kind, as in the file.</summary>
    public abstract string Kind { get; }
}

/// <summary>A ready-made cloud image.</summary>
public sealed record CloudImageSource : VmSource
{
    /// <inheritdoc/>
    public override string Kind => "cloud_image";

    /// <summary>Address: <c>http</c>, <c>https</c>, <c>file</c> or <c>oci</c>; null if <see cref="Path"/> is set.</summary>
    public string? Url { get; init; }

    /// <summary>Path on this machine; null if <see cref="Url"/> is set.</summary>
    public string? Path { get; init; }

    /// <summary>Expected SHA-256, 64 lower-case hex digits; null if not given.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Cache folder; null for the default.</summary>
    public string? Cache { get; init; }

    /// <summary>Account that the image comes with.</summary>
    public string? BaseUser { get; init; }
}

/// <summary>A root file system built from packages.</summary>
public sealed record BootstrapSource : VmSource
{
    /// <inheritdoc/>
    public override string Kind => "bootstrap";

    /// <summary>Builder: <c>debootstrap</c> or <c>pacstrap</c>.</summary>
    public required string Builder { get; init; }

    /// <summary>Distribution, such as <c>debian</c>.</summary>
    public required string Distro { get; init; }

    /// <summary>Container image that the builder runs in; null to build on this machine, <c>host</c> likewise.</summary>
    public string? BuilderImage { get; init; }

    /// <summary>Suite, such as <c>trixie</c>; null for the distribution's default.</summary>
    public string? Suite { get; init; }

    /// <summary>Mirror; null for the host's own.</summary>
    public string? Mirror { get; init; }

    /// <summary>Root file system: <c>ext4</c>, <c>xfs</c>, <c>btrfs</c>.</summary>
    public string RootFs { get; init; } = "ext4";

    /// <summary>Kernel arguments.</summary>
    public IReadOnlyList<string> KernelArgs { get; init; } = [];

    /// <summary>Packages beyond what a machine needs to boot and be reached.</summary>
    public IReadOnlyList<string> Packages { get; init; } = [];

    /// <summary>Architecture; null for the host's.</summary>
    public string? Architecture { get; init; }

    /// <summary>Variant.</summary>
    public string Variant { get; init; } = "minbase";

    /// <summary>Components of the archive, for templates; empty for <c>main</c>.</summary>
    public IReadOnlyList<string> Components { get; init; } = [];

    /// <summary>Package of the kernel, for templates; null for the one that fits virtual machines.</summary>
    public string? KernelPackage { get; init; }
}

/// <summary>A bootable container image.</summary>
public sealed record BootcSource : VmSource
{
    /// <inheritdoc/>
    public override string Kind => "bootc";

    /// <summary>Box.</summary>
    public required string Box { get; init; }

    /// <summary>Transport: <c>registry containers-storage oci oci-archive</c>.</summary>
    public string? Transport { get; init; }

    /// <summary>Root file system.</summary>
    public string? RootFs { get; init; }

    /// <summary>Root size.</summary>
    public ByteSize? RootSize { get; init; }

    /// <summary>Kernel arguments.</summary>
    public IReadOnlyList<string> KernelArgs { get; init; } = [];
}

/// <summary>A clone of another machine's snapshot.</summary>
/// <param name="FromVm">Machine.</param>
/// <param name="FromSnapshot">Snapshot.</param>
/// <param name="CloudInitClean">Whether the clone gets a machine identity of its own.</param>
public sealed record CloneSource(string FromVm, string FromSnapshot, bool CloudInitClean) : VmSource
{
    /// <inheritdoc/>
    public override string Kind => "clone";
}

/// <summary>An adopted libvirt domain.</summary>
/// <param name="LibvirtName">Domain.</param>
/// <param name="DiskPath">Absolute path of its disk.</param>
/// <param name="DiskFormat"><c>qcow2</c> or <c>raw</c>.</param>
public sealed record ImportedSource(string LibvirtName, string DiskPath, string DiskFormat) : VmSource
{
    /// <inheritdoc/>
    public override string Kind => "imported";
}

/// <summary>Network of a machine.</summary>
public sealed record VmNetwork
{
    /// <summary>Mode: <c>user bridge nat none</c>.</summary>
    public string Mode { get; init; } = "user";

    /// <summary>Bridge, or libvirt network.</summary>
    public string? Bridge { get; init; }

    /// <summary>Device model.</summary>
    public string Model { get; init; } = "virtio-net-pci";

    /// <summary>MAC address; null to derive one from the id.</summary>
    public string? Mac { get; init; }

    /// <summary>Port forwards beside the one for ssh.</summary>
    public IReadOnlyList<PortForward> PortForwards { get; init; } = [];
}

/// <summary>A port of the host that leads into the guest.</summary>
/// <param name="Bind">Address on the host.</param>
/// <param name="HostPort">Port on the host.</param>
/// <param name="GuestPort">Port in the guest.</param>
/// <param name="Protocol"><c>tcp</c> or <c>udp</c>.</param>
public sealed record PortForward(string Bind, int HostPort, int GuestPort, string Protocol);

/// <summary>SSH access to a machine.</summary>
public sealed record VmSsh
{
    /// <summary>Account; null for the default of vm.md §5.5.</summary>
    public string? User { get; init; }

    /// <summary>Host port; null for an allocated one if <see cref="PortAuto"/>, else 2222.</summary>
    public int? Port { get; init; }

    /// <summary>Whether the port is allocated.</summary>
    public bool PortAuto { get; init; }

    /// <summary><c>auto generate none</c> or an absolute path.</summary>
    public string KeySource { get; init; } = "auto";

    /// <summary>SMBIOS channel: <c>auto enabled disabled</c>.</summary>
    public string InjectSmbios { get; init; } = "auto";

    /// <summary>cloud-init channel: <c>auto enabled disabled</c>.</summary>
    public string InjectCloudInit { get; init; } = "auto";
}

/// <summary>cloud-init of a machine (vm.md §5.1).</summary>
public sealed record VmCloudInit
{
    /// <summary>Host name; null for the machine's name.</summary>
    public string? Hostname { get; init; }

    /// <summary>Time zone.</summary>
    public string? Timezone { get; init; }

    /// <summary>Locale.</summary>
    public string? Locale { get; init; }

    /// <summary>Users.</summary>
    public IReadOnlyList<CloudInitUser> Users { get; init; } = [];

    /// <summary>Packages.</summary>
    public IReadOnlyList<string> Packages { get; init; } = [];

    /// <summary>Commands at the end of the first boot.</summary>
    public IReadOnlyList<string> RunCommands { get; init; } = [];

    /// <summary>Commands early in every boot.</summary>
    public IReadOnlyList<string> BootCommands { get; init; } = [];

    /// <summary>Files.</summary>
    public IReadOnlyList<CloudInitFile> Files { get; init; } = [];

    /// <summary>The <c>network:</c> part as written.</summary>
    public Yaml.YamlMapping? Network { get; init; }

    /// <summary>Mirrors: <c>apt</c>, <c>dnf</c>, <c>pacman</c> to address.</summary>
    public IReadOnlyDictionary<string, string> Mirrors { get; init; } = new Dictionary<string, string>();

    /// <summary>How charly comes into the guest: <c>auto scp url skip</c>; null if the entity does not say, which is <c>auto</c> once something needs it there.</summary>
    public string? InstallStrategy { get; init; }

    /// <summary>Address for the <c>url</c> strategy.</summary>
    public string? InstallUrl { get; init; }

    /// <summary>Digest for the <c>url</c> strategy.</summary>
    public string? InstallChecksum { get; init; }

    /// <summary>Raw YAML merged last.</summary>
    public string? Extra { get; init; }
}

/// <summary>A cloud-init user.</summary>
/// <param name="Name">Name.</param>
/// <param name="Sudo">Sudo rule; null for none.</param>
/// <param name="Groups">Groups.</param>
/// <param name="Shell">Shell.</param>
/// <param name="LockPassword">Whether the password is locked.</param>
public sealed record CloudInitUser(string Name, string? Sudo, IReadOnlyList<string> Groups, string? Shell, bool? LockPassword);

/// <summary>A cloud-init file.</summary>
/// <param name="Path">Path.</param>
/// <param name="Content">Content.</param>
/// <param name="Owner">Owner.</param>
/// <param name="Permissions">Mode, octal.</param>
/// <param name="Encoding">Empty, <c>b64</c>, <c>gz</c>, <c>gz+b64</c>.</param>
public sealed record CloudInitFile(string Path, string Content, string? Owner, string? Permissions, string? Encoding);

/// <summary>A snapshot that the author intends.</summary>
/// <param name="Name">Name.</param>
/// <param name="Description">Description.</param>
/// <param name="Mode"><c>external</c> or <c>internal</c>.</param>
/// <param name="Quiesce">Whether file systems are frozen.</param>
public sealed record VmSnapshotIntent(string Name, string? Description, string? Mode, bool Quiesce);
