using OpenCharly.Model;
using OpenCharly.Vms.Qemu;
using OpenCharly.Yaml;

namespace OpenCharly.Vms.Libvirt;

/// <summary>How a libvirt domain gets user networking with forwarded ports.</summary>
internal enum UserNetwork
{
    /// <summary>By passt, libvirt's own way.</summary>
    Passt,

    /// <summary>By QEMU's built-in network, handed through as arguments, for a libvirt that is too old for passt.</summary>
    Slirp,
}

/// <summary>Everything that a libvirt domain follows from: the entity, and what was found out on this machine.</summary>
internal sealed record DomainInput
{
    /// <summary>The entity, and what was resolved for it.</summary>
    public required VmPreparation Preparation { get; init; }

    /// <summary>Where the machine's files are.</summary>
    public required VmFiles Files { get; init; }

    /// <summary>Architecture of the guest, as libvirt and QEMU name it.</summary>
    public required string Architecture { get; init; }

    /// <summary>Whether the guest runs on the hardware.</summary>
    public required bool IsKvm { get; init; }

    /// <summary>The host's own extension, <c>vmx</c> or <c>svm</c>, passed on to KVM guests; null if unknown.</summary>
    public string? ProcessorExtension { get; init; }

    /// <summary>UEFI; null for BIOS.</summary>
    public DomainFirmware? Firmware { get; init; }

    /// <summary>How user networking is had.</summary>
    public UserNetwork UserNetwork { get; init; } = UserNetwork.Passt;

    /// <summary>The user's subordinate ids, for shared folders; null without.</summary>
    public SubordinateIds? SubordinateIds { get; init; }

    /// <summary>Host devices: the entity's, then those of <c>instance.yml</c>.</summary>
    public IReadOnlyList<YamlMapping> HostDevices { get; init; } = [];

    /// <summary>Shared folders: the entity's, then those of <c>instance.yml</c>.</summary>
    public IReadOnlyList<YamlMapping> FileSystems { get; init; } = [];

    /// <summary>Gets a line for each thing that libvirt has no place for.</summary>
    public Action<string> Warn { get; init; } = _ => { };

    /// <summary>The entity.</summary>
    public VmSpec Spec => Preparation.Spec;

    /// <summary>The entity's <c>libvirt:</c> part.</summary>
    public YamlMapping? Part => Spec.Libvirt;

    /// <summary>The declared devices.</summary>
    public YamlMapping? Devices => DomainYaml.Map(Part, "devices");

    /// <summary>Whether the architecture is a PC's.</summary>
    public bool IsPc => Architecture is "x86_64" or "i686";

    /// <summary>Machine type.</summary>
    public string MachineType => QemuMachine.NameType(Spec.Machine, Architecture);

    /// <summary>Expands the machine's own places in a path: <c>{{.VmStateDir}}</c> and <c>{{.VmName}}</c>.</summary>
    public string Expand(string text) => text
        .Replace("{{.VmStateDir}}", Files.Folder, StringComparison.Ordinal)
        .Replace("{{.VmName}}", Preparation.Name.Id, StringComparison.Ordinal);
}

/// <summary>UEFI firmware of a domain.</summary>
/// <param name="Code">Code, shared and read-only.</param>
/// <param name="Template">The variables that a new machine begins with.</param>
/// <param name="Nvram">This machine's variables.</param>
/// <param name="IsSecure">Whether only signed loaders boot.</param>
internal sealed record DomainFirmware(string Code, string Template, string Nvram, bool IsSecure);
