using OpenCharly.Plans;

namespace OpenCharly.Ledger;

/// <summary>What was applied under one deploy id (candy-and-plan.md §7.2).</summary>
public sealed record DeployRecord
{
    /// <summary>Schema version, <c>2026.161.1649</c>.</summary>
    public required string SchemaVersion { get; init; }

    /// <summary>16 hex digits.</summary>
    public required string DeployId { get; init; }

    /// <summary>Deploy key.</summary>
    public string? Name { get; init; }

    /// <summary>Box or reference; the template's name for template-only deployments.</summary>
    public string Image { get; init; } = "";

    /// <summary>Pinned image tag.</summary>
    public string? Tag { get; init; }

    /// <summary><c>host</c>, <c>vm:&lt;entity&gt;</c>, <c>pod:&lt;name&gt;</c>.</summary>
    public required string Target { get; init; }

    /// <summary>Candies, in order.</summary>
    public IReadOnlyList<string> Candy { get; init; } = [];

    /// <summary>Overlays as given.</summary>
    public IReadOnlyList<string> AddCandy { get; init; } = [];

    /// <summary>Full reference of the overlay image that a pod runs (pod.md §13); null for other targets.</summary>
    public string? Overlay { get; init; }

    /// <summary>When the last add of this id ended.</summary>
    public required DateTimeOffset DeployedAt { get; init; }
}

/// <summary>What a candy left on a target (candy-and-plan.md §7.3).</summary>
public sealed record CandyRecord
{
    /// <summary>Schema version, <c>2026.161.1649</c>.</summary>
    public required string SchemaVersion { get; init; }

    /// <summary>Candy.</summary>
    public required string Candy { get; init; }

    /// <summary>Its version.</summary>
    public string? Version { get; init; }

    /// <summary>Deploy ids that hold it.</summary>
    public IReadOnlyList<string> DeployedBy { get; init; } = [];

    /// <summary>When it was last written.</summary>
    public required DateTimeOffset DeployedAt { get; init; }

    /// <summary>Builder image.</summary>
    public string? BuilderImage { get; init; }

    /// <summary>Finished steps, in order.</summary>
    public IReadOnlyList<RecordedStep> Steps { get; init; } = [];

    /// <summary>How to undo them, in install order: undone last first.</summary>
    public IReadOnlyList<ReverseOp> ReverseOps { get; init; } = [];
}

/// <summary>A finished step in a candy record.</summary>
public sealed record RecordedStep
{
    /// <summary>Kind.</summary>
    public required StepKind Kind { get; init; }

    /// <summary>Scope.</summary>
    public required StepScope Scope { get; init; }

    /// <summary>Venue.</summary>
    public required StepVenue Venue { get; init; }

    /// <summary>The step in one line.</summary>
    public string? Summary { get; init; }

    /// <summary>When it ended.</summary>
    public required DateTimeOffset CompletedAt { get; init; }

    /// <summary>Further facts: <c>digest</c>, and the traces that show whether it still stands.</summary>
    public IReadOnlyDictionary<string, string> Extra { get; init; } = new Dictionary<string, string>();
}

/// <summary>A ledger as read from one target.</summary>
/// <param name="Target">Display name of the target, such as <c>vm:web</c>.</param>
/// <param name="Deploys">Deploy records, by name.</param>
/// <param name="Candies">Candy records, by name.</param>
/// <param name="UnfinishedRun">The oldest run that was cut short and neither finished nor taken back since; null if there is none.</param>
public sealed record LedgerRecord(
    string Target, IReadOnlyList<DeployRecord> Deploys, IReadOnlyList<CandyRecord> Candies, UnfinishedRun? UnfinishedRun)
{
    /// <summary>All runs that were cut short, oldest first.</summary>
    public IReadOnlyList<UnfinishedRun> UnfinishedRuns { get; init; } = [];
}

/// <summary>A run that was cut: what it meant to do, how far it came.</summary>
/// <param name="RunId">Its id.</param>
/// <param name="DeployName">Deploy key.</param>
/// <param name="Verb"><c>add</c> or <c>del</c>.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="FinishedSteps">Steps with an end in the journal.</param>
/// <param name="OpenSteps">One-line summaries of steps that may be half done.</param>
public sealed record UnfinishedRun(
    string RunId, string DeployName, string Verb, DateTimeOffset StartedAt, int FinishedSteps, IReadOnlyList<string> OpenSteps);
