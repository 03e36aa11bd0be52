namespace OpenCharly.Plans;

/// <summary>
/// One step of an install plan: a closed hierarchy of twelve kinds. A step is a value; it knows what it would do, on
/// whose behalf, behind which gate, and how it is undone, but it does nothing itself.
/// </summary>
public abstract record InstallStep
{
    private protected InstallStep()
    {
    }

    /// <summary>The candy that the step belongs to.</summary>
    public required string Candy { get; init; }

    /// <summary>Position in the plan, from 0, as lists and files count.</summary>
    public int Index { get; init; }

    /// <summary>Position in the plan, from 1, as people count: every message and table says this one.</summary>
    public int Number => Index + 1;

    /// <summary>The kind.</summary>
    public abstract StepKind Kind { get; }

    /// <summary>On whose behalf it works.</summary>
    public required StepScope Scope { get; init; }

    /// <summary>Where it runs.</summary>
    public StepVenue Venue { get; init; } = StepVenue.HostNative;

    /// <summary>Its phase, for kinds that have phases.</summary>
    public virtual StepPhase? Phase => null;

    /// <summary>The permission that it needs.</summary>
    public StepGate Gate { get; init; }

    /// <summary>Why it will not run; null if it will.</summary>
    public SkipReason? Skip { get; init; }

    /// <summary>Whether it will run.</summary>
    public bool Enabled => Skip is null;

    /// <summary>The step in one line, for people.</summary>
    public abstract string Summary { get; }

    /// <summary>How it is undone, as far as that is known before it runs.</summary>
    public IReadOnlyList<ReverseOp> Reverse { get; init; } = [];

    /// <summary>SHA-256 over kind, candy and fields in canonical JSON, home resolved; empty until the plan is sealed.</summary>
    public string Digest { get; init; } = "";

    /// <summary>The plan that it was taken from.</summary>
    internal StepOrigin TakenFrom { get; init; }
}

/// <summary>The plan that a step belongs to: known to the step, but no part of what it is, so that equal steps of two plans are equal.</summary>
/// <param name="plan">The plan.</param>
internal readonly struct StepOrigin(InstallPlan? plan) : IEquatable<StepOrigin>
{
    public InstallPlan? Plan => plan;

    public bool Equals(StepOrigin other) => true;

    public override bool Equals(object? obj) => obj is StepOrigin;

    public override int GetHashCode() => 0;
}
