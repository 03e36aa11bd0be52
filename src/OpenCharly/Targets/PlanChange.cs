using OpenCharly.Plans;

namespace OpenCharly.Targets;

/// <summary>What applying a plan would do about one step.</summary>
public enum PlanVerdict
{
    /// <summary>It would change the target.</summary>
    Change,

    /// <summary>It would leave the target as it is.</summary>
    NoChange,

    /// <summary>Only running it will tell.</summary>
    Unknown,
}

/// <summary>Why a verdict is what it is.</summary>
public enum PlanReason
{
    /// <summary>The target has no record of such a step.</summary>
    NewStep,

    /// <summary>The target has a record of the step with another content.</summary>
    DigestDiffers,

    /// <summary>Something that the step left is gone.</summary>
    TraceMissing,

    /// <summary>Something that the step left is not as the step left it.</summary>
    TraceModified,

    /// <summary>What the step left can't be looked at without root rights.</summary>
    TraceUnreadable,

    /// <summary>A command of a candy that would run: what it changes, nobody knows before.</summary>
    OpaqueCommand,

    /// <summary>A command that would run again, because an earlier step of its candy does.</summary>
    EarlierStep,

    /// <summary>On record, and what it left stands.</summary>
    OnRecord,

    /// <summary>The plan leaves the step out: a closed gate, or nothing for this target.</summary>
    LeftOut,

    /// <summary>On record, but no longer in the plan: would be undone.</summary>
    RemovedAndUndone,

    /// <summary>On record, but no longer in the plan: would stay.</summary>
    RemovedAndLeft,
}

/// <summary>One step of a plan, or of what was applied before, against its target.</summary>
public sealed record PlanChange
{
    /// <summary>Deploy key.</summary>
    public required string Name { get; init; }

    /// <summary>Number of the step in the plan, from 1; null for a step that is no longer in it.</summary>
    public int? Number { get; init; }

    /// <summary>Its candy.</summary>
    public required string Candy { get; init; }

    /// <summary>Its kind.</summary>
    public required StepKind Kind { get; init; }

    /// <summary>Its scope.</summary>
    public required StepScope Scope { get; init; }

    /// <summary>The step in one line.</summary>
    public required string Summary { get; init; }

    /// <summary>What applying the plan would do about it.</summary>
    public required PlanVerdict Verdict { get; init; }

    /// <summary>Why.</summary>
    public required PlanReason Reason { get; init; }

    /// <summary>Why, in words.</summary>
    public required string Detail { get; init; }

    /// <summary>The step; null for one that is no longer in the plan.</summary>
    public InstallStep? Step { get; init; }
}
