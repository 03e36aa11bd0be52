using OpenCharly.Execution;

namespace OpenCharly.Operations;

/// <summary>Which machines of which VMFile an operation is about, and how it goes about them.</summary>
public sealed record VmFileRequest
{
    /// <summary>The VMFile; <c>VMFile.kdl</c> of the project's folder if null.</summary>
    public string? File { get; init; }

    /// <summary>Names of machines in it; all if empty.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Leave out the provisioners.</summary>
    public bool NoProvision { get; init; }

    /// <summary>Remove the machines with all their files instead of only stopping them.</summary>
    public bool Destroy { get; init; }

    /// <summary>Gets each line that a provisioner prints, as it comes; if null, lines go out as events.</summary>
    public Action<OutputLine>? Output { get; init; }

    /// <summary>Gets each step of provisioning when it has ended, also the one that failed.</summary>
    public Action<ProvisionResult>? Provisioned { get; init; }
}

/// <summary>What became of one step of provisioning.</summary>
/// <param name="Name">The machine.</param>
/// <param name="Step">Number of the step, from 1.</param>
/// <param name="Kind"><c>command</c>, <c>script</c> or <c>file-upload</c>.</param>
/// <param name="Summary">The step in one line.</param>
/// <param name="ExitCode">Exit code; 0 for a file that was uploaded.</param>
/// <param name="StandardOutput">What it printed.</param>
/// <param name="StandardError">What it printed on standard error.</param>
/// <param name="Duration">How long it took.</param>
public sealed record ProvisionResult(
    string Name, int Step, string Kind, string Summary, int ExitCode, string StandardOutput, string StandardError, TimeSpan Duration)
{
    /// <summary>Whether the exit code is zero.</summary>
    public bool Succeeded => ExitCode == 0;
}

/// <summary>What <c>CreateVmFromImage</c> works from; relative paths join the working folder.</summary>
public sealed record CreateVmFromImageRequest
{
    /// <summary>Name of the new machine.</summary>
    public required string Name { get; init; }

    /// <summary>Path of the base image; exactly one of this, <see cref="ImageUrl"/> and <see cref="Template"/>.</summary>
    public string? Image { get; init; }

    /// <summary>Address of the base image.</summary>
    public string? ImageUrl { get; init; }

    /// <summary>Template, <c>NAME</c> or <c>NAME@REVISION</c>, whose kernel boots its root file system.</summary>
    public string? Template { get; init; }

    /// <summary>Processors; if null 1, or the template's.</summary>
    public int? Cpus { get; init; }

    /// <summary>Memory, such as <c>2G</c>; MiB without a unit; if null 1024 MiB, or the template's.</summary>
    public string? Memory { get; init; }

    /// <summary>Size of the disk in GiB; the image's own if null.</summary>
    public int? DiskGb { get; init; }

    /// <summary>Bridge to join; user networking if null.</summary>
    public string? Bridge { get; init; }

    /// <summary>cloud-init user-data file, handed on unchanged; beats <see cref="SshKey"/>.</summary>
    public string? CloudInit { get; init; }

    /// <summary>Public key file that opens the account <c>vm</c>.</summary>
    public string? SshKey { get; init; }

    /// <summary>Boot by UEFI.</summary>
    public bool Uefi { get; init; }

    /// <summary>Forwards of user networking, <c>[address:]host:guest[/tcp|/udp]</c>.</summary>
    public IReadOnlyList<string> PortForwards { get; init; } = [];

    /// <summary>Kernel to boot instead of what is on the disk.</summary>
    public string? Kernel { get; init; }

    /// <summary>Initial RAM disk of that kernel.</summary>
    public string? Initrd { get; init; }

    /// <summary>Command line of that kernel.</summary>
    public string? Append { get; init; }

    /// <summary>Boot it.</summary>
    public bool Start { get; init; }
}
