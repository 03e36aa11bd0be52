using OpenCharly.Foundation;

namespace OpenCharly.Checks;

/// <summary>How a check ended.</summary>
public enum CheckStatus
{
    /// <summary>Everything was as it must be.</summary>
    Pass,

    /// <summary>Something was not.</summary>
    Fail,

    /// <summary>It does not apply here, or can't be answered here.</summary>
    Skip,

    /// <summary>A step of a scenario that only people can judge.</summary>
    Pending,
}

/// <summary>What became of one check (candy-and-plan.md §9.5).</summary>
public sealed record CheckResult
{
    /// <summary>Its id; one made of candy, verb and number if it has none, or of scenario and step.</summary>
    public required string Id { get; init; }

    /// <summary>Deploy key of the deployment that was checked; empty if it is known from elsewhere.</summary>
    public string Target { get; init; } = "";

    /// <summary>Its verb; empty for a step without one.</summary>
    public required string Verb { get; init; }

    /// <summary>What the verb is about, variables filled in: a path, a command, a name.</summary>
    public string Subject { get; init; } = "";

    /// <summary>The candy, box, template or deployment that brought it.</summary>
    public required string Candy { get; init; }

    /// <summary>Where it comes from: <c>candy</c>, <c>box</c>, <c>local</c> or <c>deploy</c>.</summary>
    public required string Section { get; init; }

    /// <summary>Its scenario; null if it belongs to none.</summary>
    public string? Scenario { get; init; }

    /// <summary>What it is for, in the words of its author; empty if there are none.</summary>
    public string Description { get; init; } = "";

    /// <summary>How it ended.</summary>
    public required CheckStatus Status { get; init; }

    /// <summary>Time on the target; for one that was tried several times, from the first attempt to the last.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>How many times it was tried; 0 if it was skipped.</summary>
    public int Attempts { get; init; }

    /// <summary>What was expected, for the first thing that was not so.</summary>
    public string? Expected { get; init; }

    /// <summary>What was there instead.</summary>
    public string? Actual { get; init; }

    /// <summary>Why it was skipped or could not be answered, or what a failed command said.</summary>
    public string? Message { get; init; }

    /// <summary>Where it stands.</summary>
    public SourcePosition? Position { get; init; }
}

/// <summary>Everything that was checked on one deployment.</summary>
/// <param name="Name">Deploy key.</param>
/// <param name="Results">One result a check, in the order in which they ran.</param>
/// <param name="Duration">Time from begin to end.</param>
public sealed record CheckReport(string Name, IReadOnlyList<CheckResult> Results, TimeSpan Duration)
{
    /// <summary>How many ended so.</summary>
    public int CountOf(CheckStatus status) => Results.Count(r => r.Status == status);

    /// <summary>Whether none failed.</summary>
    public bool Passed => CountOf(CheckStatus.Fail) == 0;

    /// <summary>The error that failed checks mean to a caller; null if none failed.</summary>
    public CharlyException? Failure => Of(Name, Results);

    /// <summary>As <see cref="Failure"/>, for results of a deployment.</summary>
    public static CharlyException? Of(string name, IReadOnlyList<CheckResult> results)
    {
        var failed = results.Where(r => r.Status == CheckStatus.Fail).ToArray();
        if (failed.Length == 0) return null;
        var names = string.Join(", ", failed.Take(5).Select(r => r.Id)) + (failed.Length > 5 ? ", …" : "");
        return new CharlyException(
            Errors.ChecksFailed,
            $"{failed.Length} of {results.Count} checks of {name} failed: {names}",
            $"What was applied stands. See what was expected: charly bundle check {name}",
            target: name);
    }
}
