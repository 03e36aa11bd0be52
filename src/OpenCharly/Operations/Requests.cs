using OpenCharly.Model;

namespace OpenCharly.Operations;

/// <summary>What <c>CompilePlan</c> and <c>AddBundle</c> work from; unset flags leave the entry's own options.</summary>
public sealed record BundleRequest
{
    /// <summary>Deploy key, such as <c>vm:web</c>, <c>host</c> or the name of an entry.</summary>
    public required string Name { get; init; }

    /// <summary>Candy or box; the entry's own if null.</summary>
    public string? Ref { get; init; }

    /// <summary>Overlay candies, after the entry's.</summary>
    public IReadOnlyList<string> AddCandies { get; init; } = [];

    /// <summary>Options from the command line.</summary>
    public InstallOptions Options { get; init; } = new();

    /// <summary>Pinned image version.</summary>
    public string? Tag { get; init; }

    /// <summary>Fetch remote references anew.</summary>
    public bool Pull { get; init; }

    /// <summary>Apply steps again that are on record.</summary>
    public bool Force { get; init; }

    /// <summary>An error instead of starting a machine that is off.</summary>
    public bool NoStart { get; init; }

    /// <summary>How long to wait for ssh; 120 s if null.</summary>
    public TimeSpan? SshTimeout { get; init; }

    /// <summary>Overrides the entry's host: <c>local</c>, <c>[user@]host[:port]</c>, ssh alias; the entry's own if null.</summary>
    public string? Host { get; init; }

    /// <summary>Mark the entry as one that may be destroyed unattended.</summary>
    public bool Disposable { get; init; }

    /// <summary>Label for the entry.</summary>
    public string? Lifecycle { get; init; }

    /// <summary>Only this deployment: neither the children that are nested in it nor its peers.</summary>
    public bool NodeOnly { get; init; }

    /// <summary>Cluster profile instead of the entry's own; for clusters.</summary>
    public string? Cluster { get; init; }

    /// <summary>Bring the cluster to what was written; for clusters.</summary>
    public bool Apply { get; init; }
}

/// <summary>What <c>RemoveBundle</c> works from.</summary>
public sealed record RemoveBundleRequest
{
    /// <summary>Deploy key.</summary>
    public required string Name { get; init; }

    /// <summary>Only say what would be done.</summary>
    public bool DryRun { get; init; }

    /// <summary>Leave package repositories in place.</summary>
    public bool KeepRepoChanges { get; init; }

    /// <summary>Leave units in place.</summary>
    public bool KeepServices { get; init; }

    /// <summary>Also forget the machine's state in the per-host file; of a pod also its entry and its named volumes.</summary>
    public bool Purge { get; init; }

    /// <summary>Leave the overlay image of a pod.</summary>
    public bool KeepImage { get; init; }

    /// <summary>Only this deployment: neither the children that are nested in it nor its peers.</summary>
    public bool NodeOnly { get; init; }

    /// <summary>Also delete the named volumes of a pod, whose entry stays: what a short-lived one leaves is nobody's.</summary>
    internal bool Volumes { get; init; }

    /// <summary>Forget the deployment even though its machine does not answer.</summary>
    public bool ForceLocal { get; init; }

    /// <summary>How long to wait for ssh; 120 s if null.</summary>
    public TimeSpan? SshTimeout { get; init; }
}

/// <summary>What <c>BuildVm</c> works from.</summary>
public sealed record BuildVmRequest
{
    /// <summary>Name of the entity.</summary>
    public required string Name { get; init; }

    /// <summary>Disk size instead of the entity's, such as <c>20G</c>.</summary>
    public string? Size { get; init; }

    /// <summary><c>qcow2</c> or <c>raw</c>.</summary>
    public string Type { get; init; } = "qcow2";

    /// <summary>Fetch or build the base image anew.</summary>
    public bool Refresh { get; init; }

    /// <summary>Source bootc: size of the root file system instead of the entity's, such as <c>8G</c>.</summary>
    public string? RootSize { get; init; }

    /// <summary>Source bootc: how the machine fetches its updates, instead of the entity's: <c>registry containers-storage oci oci-archive</c>.</summary>
    public string? Transport { get; init; }

    /// <summary>Source bootc: tag of the box instead of its newest.</summary>
    public string? Tag { get; init; }

    /// <summary>Sources bootc and bootstrap: also have the kernel speak on the serial port.</summary>
    public bool Console { get; init; }
}

/// <summary>What <c>CreateVm</c> works from.</summary>
public sealed record CreateVmRequest
{
    /// <summary>Name of the entity.</summary>
    public required string Name { get; init; }

    /// <summary>Instance.</summary>
    public string? Instance { get; init; }

    /// <summary>Memory instead of the entity's, such as <c>2G</c>.</summary>
    public string? Ram { get; init; }

    /// <summary>Processors instead of the entity's.</summary>
    public int? Cpus { get; init; }

    /// <summary>Key source instead of the entity's.</summary>
    public string? SshKey { get; init; }

    /// <summary>Boot it, and wait until ssh answers.</summary>
    public bool Start { get; init; }

    /// <summary>
    /// Wake it from the memory that a snapshot holds, instead of booting it: <c>NAME</c> of a snapshot of the entity's own machine, or
    /// <c>VM@NAME</c>. Host key, machine id, name and clock of the guest are made anew. Implies <see cref="Start"/>.
    /// </summary>
    public string? FromState { get; init; }

    /// <summary>Whether it is the machine of a short-lived deployment, whose name nobody else may give.</summary>
    internal bool IsEphemeral { get; init; }
}

/// <summary>What <c>StopVm</c> works from.</summary>
public sealed record StopVmRequest
{
    /// <summary>Name of the machine.</summary>
    public required string Name { get; init; }

    /// <summary>How long the guest may take before it is killed.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Pull the plug at once.</summary>
    public bool Force { get; init; }
}

/// <summary>What <c>DestroyVm</c> works from.</summary>
public sealed record DestroyVmRequest
{
    /// <summary>Name of the machine.</summary>
    public required string Name { get; init; }

    /// <summary>Delete its disk as well.</summary>
    public bool Disk { get; init; }

    /// <summary>Keep its state in the per-host file.</summary>
    public bool KeepDeploy { get; init; }
}

/// <summary>What <c>WaitVm</c> waits for.</summary>
public enum VmWaitCondition
{
    /// <summary>ssh answers.</summary>
    Ssh,

    /// <summary>cloud-init has ended.</summary>
    CloudInit,

    /// <summary>The machine is off.</summary>
    Stopped,
}

/// <summary>What <c>WaitVm</c> works from.</summary>
public sealed record WaitVmRequest
{
    /// <summary>Name of the machine.</summary>
    public required string Name { get; init; }

    /// <summary>What to wait for.</summary>
    public VmWaitCondition For { get; init; } = VmWaitCondition.Ssh;

    /// <summary>How long.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(120);
}

/// <summary>What <c>RunInVm</c> works from.</summary>
public sealed record RunInVmRequest
{
    /// <summary>Name of the machine; empty for the only one of the VMFile.</summary>
    public required string Name { get; init; }

    /// <summary>VMFile whose <c>ssh</c> block counts; the one of the project's folder if null.</summary>
    public string? VmFile { get; init; }

    /// <summary>Command line for the guest's login shell; the words are joined by blanks as ssh does.</summary>
    public required string Command { get; init; }

    /// <summary>Account instead of the configured one.</summary>
    public string? User { get; init; }

    /// <summary>Port instead of the configured one.</summary>
    public int? Port { get; init; }

    /// <summary>Private key instead of the configured one.</summary>
    public string? KeyPath { get; init; }

    /// <summary>How long it may take.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Called for each line as it arrives.</summary>
    public Action<Execution.OutputLine>? Output { get; init; }
}

/// <summary>What <c>GetVmLog</c> works from.</summary>
public sealed record VmLogRequest
{
    /// <summary>Name of the machine; empty for the only one of the VMFile.</summary>
    public required string Name { get; init; }

    /// <summary>Only the console log.</summary>
    public bool Console { get; init; }

    /// <summary>Only the provision log.</summary>
    public bool Provision { get; init; }

    /// <summary>Last lines; all if 0.</summary>
    public int Tail { get; init; }

    /// <summary>Go on with new lines until cancelled.</summary>
    public bool Follow { get; init; }
}

/// <summary>What <c>ApplyPlan</c> works from.</summary>
public sealed record ApplyPlanRequest
{
    /// <summary>The plan; its steps may have been filtered.</summary>
    public required Plans.InstallPlan Plan { get; init; }

    /// <summary>Apply steps again that are on record, and a plan whose target changed since.</summary>
    public bool Force { get; init; }

    /// <summary>Gates to open in addition to the plan's own.</summary>
    public InstallOptions Options { get; init; } = new();

    /// <summary>Only say what would be done.</summary>
    public bool DryRun { get; init; }

    /// <summary>An error instead of starting a machine that is off.</summary>
    public bool NoStart { get; init; }

    /// <summary>How long to wait for ssh; 120 s if null.</summary>
    public TimeSpan? SshTimeout { get; init; }
}

/// <summary>Which deployments <c>GetBundles</c> lists.</summary>
public sealed record BundleQuery
{
    /// <summary>Names, with the wildcards <c>*</c>, <c>?</c> and <c>[]</c>; all if empty.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Ask the targets; false lists only what this machine's files know.</summary>
    public bool Probe { get; init; } = true;

    /// <summary>Also list deployments to pods, clusters and devices, which have no ledger of their own.</summary>
    public bool AllTargets { get; init; }

    /// <summary>Also list, behind each, the deployments that are nested in it.</summary>
    public bool Nested { get; init; }
}

/// <summary>Which machines <c>GetVms</c> lists.</summary>
public sealed record VmQuery
{
    /// <summary>Names, with the wildcards <c>*</c>, <c>?</c> and <c>[]</c>; all if empty.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Of charly's machines only those that run or are suspended; VMFile machines are all listed.</summary>
    public bool RunningOnly { get; init; }
}

/// <summary>What <c>EnterVm</c> works from.</summary>
public sealed record EnterVmRequest
{
    /// <summary>Name of the machine; empty for the only one of the VMFile.</summary>
    public required string Name { get; init; }

    /// <summary>VMFile whose <c>ssh</c> block counts; the one of the project's folder if null.</summary>
    public string? VmFile { get; init; }

    /// <summary>Account instead of the configured one.</summary>
    public string? User { get; init; }

    /// <summary>Port instead of the configured one.</summary>
    public int? Port { get; init; }

    /// <summary>Private key instead of the configured one.</summary>
    public string? KeyPath { get; init; }

    /// <summary>Command line to run; a login shell if null.</summary>
    public string? Command { get; init; }

    /// <summary>Whether the command gets a terminal in the guest; without one, its bytes pass through untouched.</summary>
    public bool Terminal { get; init; } = true;
}

/// <summary>A program that a face runs on its own terminal.</summary>
/// <param name="Program">Path of the program.</param>
/// <param name="Arguments">Arguments.</param>
public sealed record InteractiveCommand(string Program, IReadOnlyList<string> Arguments);

/// <summary>A line of a machine's log.</summary>
/// <param name="Log"><c>console</c> or <c>provision</c>.</param>
/// <param name="Text">The line.</param>
public sealed record VmLogLine(string Log, string Text);
