using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Vms.Definitions;

/// <summary>
/// A machine as a VMFile defines it, or as <c>vm create</c> is told of it in options (vm.md §8, §2.2). Paths are absolute.
/// </summary>
public sealed record VmDefinition
{
    /// <summary>Name, also of its folder; unique among VMFile machines.</summary>
    public required string Name { get; init; }

    /// <summary>Where it is defined; null if it comes from options.</summary>
    public SourcePosition? Position { get; init; }

    /// <summary>The VMFile that defines it; null if it comes from options.</summary>
    public string? Path => Position?.File;

    /// <summary>Path of the base image; null if <see cref="ImageUrl"/> is set.</summary>
    public string? Image { get; init; }

    /// <summary>Address of the base image; null if <see cref="Image"/> is set.</summary>
    public string? ImageUrl { get; init; }

    /// <summary>Processors.</summary>
    public int Vcpus { get; init; } = 1;

    /// <summary>Memory in MiB.</summary>
    public int MemoryMb { get; init; } = 1024;

    /// <summary>Size of the disk in GiB; the image's own if null.</summary>
    public int? DiskGb { get; init; }

    /// <summary>Size of a blank second disk in MiB; 0 without one.</summary>
    public int DataDiskMib { get; init; }

    /// <summary>Network.</summary>
    public VmHandleNetwork Network { get; init; } = new("User", null, null);

    /// <summary>cloud-init; null for a machine without a seed.</summary>
    public VmDefinitionCloudInit? CloudInit { get; init; }

    /// <summary>How ssh reaches it; null if the author says nothing of it.</summary>
    public VmDefinitionSsh? Ssh { get; init; }

    /// <summary>What is done in the guest after boot, in order.</summary>
    public IReadOnlyList<ProvisionStep> Provisions { get; init; } = [];

    /// <summary>Boot by UEFI.</summary>
    public bool Uefi { get; init; }

    /// <summary>Forwards of user networking beside the one for ssh.</summary>
    public IReadOnlyList<PortForward> PortForwards { get; init; } = [];

    /// <summary>A kernel to boot instead of what is on the disk; null to boot by firmware.</summary>
    public VmDirectBoot? DirectBoot { get; init; }

    /// <summary>Account that ssh logs in to.</summary>
    public string SshUser => Ssh?.User ?? "vm";
}

/// <summary>cloud-init of a defined machine.</summary>
/// <param name="Hostname">Host name; the machine's name if null.</param>
/// <param name="SshKey">Public key file; null to make a pair for this machine.</param>
/// <param name="UserData">File that is handed on unchanged, instead of everything else; null to render one.</param>
public sealed record VmDefinitionCloudInit(string? Hostname = null, string? SshKey = null, string? UserData = null);

/// <summary>How ssh reaches a defined machine.</summary>
/// <param name="User">Account; <c>vm</c> if null.</param>
/// <param name="PrivateKey">Private key file beside the generated one and the user's own.</param>
public sealed record VmDefinitionSsh(string? User = null, string? PrivateKey = null);

/// <summary>A kernel that the hypervisor loads itself (vm.md §11).</summary>
/// <param name="Kernel">Kernel.</param>
/// <param name="Initrd">Initial RAM disk; null without.</param>
/// <param name="CommandLine">Kernel command line as given.</param>
public sealed record VmDirectBoot(string Kernel, string? Initrd = null, string? CommandLine = null);

/// <summary>One step of provisioning.</summary>
public abstract record ProvisionStep
{
    private protected ProvisionStep()
    {
    }

    /// <summary>What kind of step it is, as the provision log names it: <c>command</c>, <c>script</c>, <c>file-upload</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>The step in one line, for people.</summary>
    public abstract string Summary { get; }

    /// <summary>Where it is defined.</summary>
    public SourcePosition? Position { get; init; }
}

/// <summary>A command line for the guest.</summary>
/// <param name="Command">The command line; it may have several lines.</param>
public sealed record InlineStep(string Command) : ProvisionStep
{
    /// <inheritdoc/>
    public override string Kind => "command";

    /// <inheritdoc/>
    public override string Summary => Command.Trim().Split('\n')[0].Trim() is var line && line.Length > 72 ? line[..72] + "…" : line;
}

/// <summary>A script file that is uploaded and run.</summary>
/// <param name="Path">The file on this machine.</param>
public sealed record ScriptStep(string Path) : ProvisionStep
{
    /// <inheritdoc/>
    public override string Kind => "script";

    /// <inheritdoc/>
    public override string Summary => Path;
}

/// <summary>A file that is uploaded with its mode.</summary>
/// <param name="Source">The file on this machine.</param>
/// <param name="Destination">Absolute path in the guest.</param>
public sealed record FileStep(string Source, string Destination) : ProvisionStep
{
    /// <inheritdoc/>
    public override string Kind => "file-upload";

    /// <inheritdoc/>
    public override string Summary => $"{Source} to {Destination}";
}
