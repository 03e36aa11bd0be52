using System.Runtime.InteropServices;
using OpenCharly.Model;

namespace OpenCharly.Vms.Qemu;

/// <summary>
/// Everything that QEMU's arguments follow from, except the accelerator, which is chosen anew at each start. It is kept in
/// <c>command.json</c>, so that a start repeats what <c>create</c> decided, whatever the project says by then.
/// </summary>
public sealed record QemuMachine
{
    /// <summary>Machine id.</summary>
    public required string Id { get; init; }

    /// <summary>Architecture of the guest, as in <c>qemu-system-…</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>Machine type as QEMU names it: <c>q35</c>, <c>pc</c>, <c>virt</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Accelerator that the entity wishes: <c>auto kvm tcg</c>.</summary>
    public string AcceleratorWish { get; init; } = "auto";

    /// <summary>Processor.</summary>
    public QemuCpu Cpu { get; init; } = new();

    /// <summary>Processors.</summary>
    public required int Cpus { get; init; }

    /// <summary>Memory in MiB.</summary>
    public required long MemoryMb { get; init; }

    /// <summary>UEFI; null for the machine's own firmware.</summary>
    public QemuFirmware? Firmware { get; init; }

    /// <summary>Kernel to boot directly; null to boot by firmware.</summary>
    public QemuKernel? Kernel { get; init; }

    /// <summary>The root disk and further ones.</summary>
    public required IReadOnlyList<QemuDisk> Disks { get; init; }

    /// <summary>Seed image; null without.</summary>
    public string? Seed { get; init; }

    /// <summary>Network; null for none.</summary>
    public QemuNetwork? Network { get; init; }

    /// <summary>SMBIOS type 11 strings: systemd credentials and the author's own.</summary>
    public IReadOnlyList<string> OemStrings { get; init; } = [];

    /// <summary>Whether there is a memory balloon.</summary>
    public bool Balloon { get; init; }

    /// <summary>Guest agent socket; null if no channel is declared.</summary>
    public string? AgentSocket { get; init; }

    /// <summary>Control socket.</summary>
    public required string QmpSocket { get; init; }

    /// <summary>Human monitor's socket; null for no monitor.</summary>
    public string? MonitorSocket { get; init; }

    /// <summary>Serial console's socket.</summary>
    public required string ConsoleSocket { get; init; }

    /// <summary>Serial console's log.</summary>
    public required string ConsoleLog { get; init; }

    /// <summary>Whether a screen is offered by VNC on loopback.</summary>
    public bool Vnc { get; init; }

    /// <summary>Process id file.</summary>
    public required string PidFile { get; init; }

    /// <summary>The architecture of this machine, in QEMU's words.</summary>
    public static string HostArchitecture { get; } = RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "x86_64",
        System.Runtime.InteropServices.Architecture.Arm64 => "aarch64",
        System.Runtime.InteropServices.Architecture.RiscV64 => "riscv64",
        var other => other.ToString().ToLowerInvariant(),
    };

    /// <summary>QEMU's word for an architecture that a distribution may call otherwise, such as <c>amd64</c>.</summary>
    public static string NameArchitecture(string name) => name switch
    {
        "amd64" or "x64" => "x86_64",
        "arm64" => "aarch64",
        _ => name,
    };

    /// <summary>QEMU's name of a machine type; the architecture's default for null (vm.md §1).</summary>
    public static string NameType(string? type, string architecture) => type switch
    {
        null => architecture == "x86_64" ? "q35" : "virt",
        "i440fx" => "pc",
        _ => type,
    };
}

/// <summary>Processor of a guest.</summary>
/// <param name="Mode">libvirt's mode: <c>host-passthrough host-model custom maximum</c>; null for the accelerator's default.</param>
/// <param name="Model">Model; null for the mode's.</param>
/// <param name="Features">Features with libvirt's policies.</param>
public sealed record QemuCpu(string? Mode = null, string? Model = null, params IReadOnlyList<QemuCpuFeature> Features);

/// <summary>A processor feature.</summary>
/// <param name="Policy">libvirt's policy: <c>force require optional disable forbid</c>.</param>
/// <param name="Name">Name.</param>
public sealed record QemuCpuFeature(string Policy, string Name);

/// <summary>UEFI firmware.</summary>
/// <param name="Code">Code, shared and read-only.</param>
/// <param name="Nvram">This machine's variables.</param>
/// <param name="IsSecure">Whether only signed loaders boot.</param>
public sealed record QemuFirmware(string Code, string Nvram, bool IsSecure);

/// <summary>A kernel that QEMU loads itself.</summary>
/// <param name="Path">Kernel.</param>
/// <param name="Initrd">Initial RAM disk.</param>
/// <param name="CommandLine">Kernel command line.</param>
public sealed record QemuKernel(string Path, string? Initrd, string CommandLine);

/// <summary>A disk.</summary>
/// <param name="Path">File.</param>
/// <param name="Format"><c>qcow2</c> or <c>raw</c>.</param>
/// <param name="Interface">QEMU's interface: <c>virtio ide scsi</c>.</param>
/// <param name="IsCdrom">Whether it is a CD.</param>
/// <param name="IsReadOnly">Whether the guest can't write.</param>
public sealed record QemuDisk(string Path, string Format, string Interface = "virtio", bool IsCdrom = false, bool IsReadOnly = false);

/// <summary>Network of a guest.</summary>
/// <param name="Model">Device model.</param>
/// <param name="Mac">MAC address.</param>
/// <param name="Forwards">Forwards of user networking, the one for ssh first.</param>
/// <param name="Tap">Bridge to join instead of user networking.</param>
public sealed record QemuNetwork(string Model, string Mac, IReadOnlyList<PortForward> Forwards, QemuTap? Tap = null);

/// <summary>A tap device that joins a bridge.</summary>
/// <param name="Bridge">Bridge.</param>
/// <param name="Helper">Path of qemu-bridge-helper; null if we made the device ourselves.</param>
/// <param name="Device">Name of the device that we made; null with a helper.</param>
public sealed record QemuTap(string Bridge, string? Helper, string? Device);
