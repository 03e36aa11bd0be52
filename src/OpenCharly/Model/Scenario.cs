using OpenCharly.Foundation;

namespace OpenCharly.Model;

/// <summary>
/// A scenario (candy-and-plan.md §9.6): steps in order, with what comes before and after. One with examples is read as
/// one scenario a row, its placeholders filled in.
/// </summary>
public sealed record Scenario
{
    /// <summary>Name; that of a row ends with the row's values.</summary>
    public required string Name { get; init; }

    /// <summary>Name without the row's values, by which others depend on it.</summary>
    public required string BaseName { get; init; }

    /// <summary>Where it stands.</summary>
    public required SourcePosition Position { get; init; }

    /// <summary>Free words.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Steps, in order.</summary>
    public IReadOnlyList<ScenarioStep> Steps { get; init; } = [];

    /// <summary>Checks before the steps; if one fails, the steps are skipped.</summary>
    public IReadOnlyList<Check> Setup { get; init; } = [];

    /// <summary>Checks after the steps, whatever became of them.</summary>
    public IReadOnlyList<Check> Teardown { get; init; } = [];

    /// <summary>Checks that run only if a step failed, to show why.</summary>
    public IReadOnlyList<Check> OnFail { get; init; } = [];

    /// <summary>Names of scenarios that must have passed before.</summary>
    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>Pod that it is for; null if it is for the deployment itself.</summary>
    public string? Pod { get; init; }
}

/// <summary>One step of a scenario.</summary>
/// <param name="Keyword"><c>given</c>, <c>when</c>, <c>then</c>, <c>and</c> or <c>but</c>.</param>
/// <param name="Text">What it says.</param>
/// <param name="Check">How it is checked; null for one that only people can judge.</param>
/// <param name="Position">Where it stands.</param>
public sealed record ScenarioStep(string Keyword, string Text, Check? Check, SourcePosition Position);
