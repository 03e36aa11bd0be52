using OpenCharly.Checks;
using OpenCharly.Ledger;
using OpenCharly.Plans;
using OpenCharly.Vms;

namespace OpenCharly.Targets;

/// <summary>How a step ended.</summary>
public enum StepStatus
{
    /// <summary>It ran and succeeded.</summary>
    Done,

    /// <summary>It stood already, so it did not run.</summary>
    Unchanged,

    /// <summary>It was left out: a closed gate, or nothing for this target.</summary>
    Skipped,

    /// <summary>It ran and failed.</summary>
    Failed,

    /// <summary>It never got its turn, because an earlier one failed.</summary>
    NotRun,
}

/// <summary>What became of one step.</summary>
public sealed record StepResult
{
    /// <summary>The step.</summary>
    public required InstallStep Step { get; init; }

    /// <summary>How it ended.</summary>
    public required StepStatus Status { get; init; }

    /// <summary>Why, for all but done.</summary>
    public string? Reason { get; init; }

    /// <summary>Time on the target.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Exit code, if it ran.</summary>
    public int? ExitCode { get; init; }

    /// <summary>What it printed, standard output and standard error in order of arrival, secrets masked.</summary>
    public string Output { get; init; } = "";
}

/// <summary>What became of one reverse operation.</summary>
/// <param name="Candy">The candy that it belonged to.</param>
/// <param name="Operation">The operation.</param>
/// <param name="Status"><c>done</c>, <c>kept</c>, <c>missing</c>, <c>failed</c> or <c>planned</c>.</param>
/// <param name="Detail">What happened, or would happen: a command or a reason.</param>
public sealed record UndoResult(string Candy, ReverseOp Operation, string Status, string Detail);

/// <summary>The result of adding, removing or applying.</summary>
public sealed record DeployResult
{
    /// <summary>Deploy key.</summary>
    public required string Name { get; init; }

    /// <summary><c>add</c>, <c>del</c> or <c>update</c>.</summary>
    public required string Verb { get; init; }

    /// <summary>The plan; null for a removal.</summary>
    public InstallPlan? Plan { get; init; }

    /// <summary>Steps of an add, in order.</summary>
    public IReadOnlyList<StepResult> Steps { get; init; } = [];

    /// <summary>Operations of a removal, and of candies that a re-add left behind.</summary>
    public IReadOnlyList<UndoResult> Undone { get; init; } = [];

    /// <summary>What can't be undone, said before anything ran.</summary>
    public IReadOnlyList<string> NotUndoable { get; init; } = [];

    /// <summary>Files that were fetched from the target.</summary>
    public IReadOnlyList<RetrievedArtifact> Artifacts { get; init; } = [];

    /// <summary>What else came or went: files of a cluster's tree by path, packages of a device; for a preview what would.</summary>
    public IReadOnlyList<string> Items { get; init; } = [];

    /// <summary>Checks that ran afterwards; empty if none were asked for.</summary>
    public IReadOnlyList<CheckResult> Checks { get; init; } = [];

    /// <summary>What became of the deployments that go with it, in the order in which it was done: children that are nested in it, peers beside it.</summary>
    public IReadOnlyList<DeployResult> Members { get; init; } = [];

    /// <summary>Whether anything on the target changed.</summary>
    public bool Changed { get; init; }

    /// <summary>Whether it was only a preview.</summary>
    public bool DryRun { get; init; }

    /// <summary>Time from begin to end.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The machine's state, for vm targets.</summary>
    public VmDeployState? State { get; init; }

    /// <summary>
    /// The failure that ended it; null if it succeeded. With <see cref="Foundation.Errors.ChecksFailed"/> everything was
    /// applied, and checks failed afterwards.
    /// </summary>
    public Foundation.CharlyException? Failure { get; init; }
}

/// <summary>A deployment as the per-host file and the ledgers know it.</summary>
public sealed record BundleStatus
{
    /// <summary>Deploy key.</summary>
    public required string Name { get; init; }

    /// <summary>Target kind: <c>local vm pod k8s android</c>.</summary>
    public required string Target { get; init; }

    /// <summary>Where it is.</summary>
    public required string Host { get; init; }

    /// <summary><c>applied</c>, <c>partial</c> (a run was cut), <c>configured</c> (never applied), <c>generated</c> (a cluster's tree), <c>unreachable</c>; of a pod <c>ok</c> (a quadlet, or direct mode), <c>stale config</c> (neither), <c>no overrides</c> (no entry).</summary>
    public required string Status { get; init; }

    /// <summary>Deploy id; null if it was never applied.</summary>
    public string? DeployId { get; init; }

    /// <summary>Candies, in order.</summary>
    public IReadOnlyList<string> Candies { get; init; } = [];

    /// <summary>Steps on record.</summary>
    public int Steps { get; init; }

    /// <summary>When the last add ended.</summary>
    public DateTimeOffset? DeployedAt { get; init; }

    /// <summary>When a short-lived one is removed by itself, UTC; null for one without an end.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>What the user should know.</summary>
    public string? Note { get; init; }

    /// <summary>Whether a file has an entry for it; counts for pods.</summary>
    public bool HasEntry { get; init; } = true;

    /// <summary>Whether it has a quadlet; null for what is no pod.</summary>
    public bool? HasQuadlet { get; init; }

    /// <summary>Key of the deployment that it is nested in, or whose peer it is; null for one that stands by itself.</summary>
    public string? Owner { get; init; }

    /// <summary>The ledger records behind it.</summary>
    public LedgerRecord? Ledger { get; init; }
}
