using OpenCharly.Model;

namespace OpenCharly.Checks;

/// <summary>What a check is for in a scenario.</summary>
internal enum TaskRole
{
    /// <summary>No scenario.</summary>
    Check,

    /// <summary>Before the steps.</summary>
    Setup,

    /// <summary>A step that the ones after it stand on: given, when.</summary>
    Precondition,

    /// <summary>A step.</summary>
    Step,

    /// <summary>After a failed step.</summary>
    OnFail,

    /// <summary>After the steps.</summary>
    Teardown,
}

/// <summary>One run of one check, from the schedule to its result.</summary>
internal sealed class CheckTask
{
    /// <summary>Number that is unique in the run, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>The check; null for a step without one.</summary>
    public required Check? Check { get; init; }

    public required string Id { get; init; }

    public required string Section { get; init; }

    public required string Owner { get; init; }

    public string Description { get; init; } = "";

    public Foundation.SourcePosition? Position { get; init; }

    public Scenario? Scenario { get; init; }

    public TaskRole Role { get; init; }

    /// <summary>Variables of this run alone.</summary>
    public IReadOnlyDictionary<string, string> Locals { get; init; } = new Dictionary<string, string>();

    /// <summary>What became of it; null before, and for one that turned out not to be needed.</summary>
    public CheckResult? Result { get; set; }

    /// <summary>A result without an attempt, or the frame for one.</summary>
    public CheckResult Conclude(Verdict verdict, Check? filled = null) => new()
    {
        Id = Id,
        Verb = Check?.Verb ?? "",
        Subject = (filled ?? Check)?.Subject.Trim() ?? "",
        Candy = Owner,
        Section = Section,
        Scenario = Scenario?.Name,
        Description = Description,
        Status = verdict.Status,
        Expected = verdict.Expected,
        Actual = verdict.Actual,
        Message = verdict.Message,
        Position = Position,
    };
}
