namespace OpenCharly.Foundation;

/// <summary>
/// What the engine tells about its progress while it works. Every face listens through <see cref="IProgress{T}"/>:
/// the command draws lines and bars, the module writes progress and verbose records, tests assert.
/// </summary>
public abstract record CharlyEvent
{
    /// <summary>The machine or deployment that this is about, such as <c>vm:web</c>; null if none.</summary>
    public string? Target { get; init; }
}

/// <summary>How much a notice matters.</summary>
public enum NoticeLevel
{
    /// <summary>Only for those who debug.</summary>
    Debug,

    /// <summary>Explains what is going on.</summary>
    Info,

    /// <summary>Something is not as the user may expect; the work goes on.</summary>
    Warning,
}

/// <summary>One line of text for people.</summary>
/// <param name="Level">How much it matters.</param>
/// <param name="Text">The line; never a secret.</param>
public sealed record NoticeEvent(NoticeLevel Level, string Text) : CharlyEvent;

/// <summary>Long work that can be measured, such as a download.</summary>
/// <param name="Activity">What is being done, the same text from begin to end.</param>
/// <param name="Done">Units done so far.</param>
/// <param name="Total">Units in all, if known.</param>
/// <param name="Unit">The unit: <c>bytes</c>, <c>steps</c>.</param>
/// <param name="IsCompleted">True on the last event of this activity.</param>
public sealed record ProgressEvent(string Activity, long Done, long? Total, string Unit, bool IsCompleted = false) : CharlyEvent;

/// <summary>A wait for a condition: which named probe of how many is being tried, and what it saw last.</summary>
/// <param name="Probe">What is waited for, such as <c>ssh answers</c>.</param>
/// <param name="Index">Number of the probe, from 1.</param>
/// <param name="Count">Number of probes in all.</param>
/// <param name="Deadline">When the wait gives up.</param>
/// <param name="LastSeen">What the last attempt saw.</param>
public sealed record WaitEvent(string Probe, int Index, int Count, DateTimeOffset Deadline, string LastSeen) : CharlyEvent;

/// <summary>A plan step begins to run.</summary>
/// <param name="Index">Index of the step in its plan, from 0.</param>
/// <param name="Candy">The candy that it belongs to.</param>
/// <param name="Kind">The step kind.</param>
/// <param name="Summary">The step in one line.</param>
public sealed record StepStartedEvent(int Index, string Candy, string Kind, string Summary) : CharlyEvent
{
    /// <summary>Number of steps of the plan; null if it is not known.</summary>
    public int? Total { get; init; }
}

/// <summary>A line that a running step printed.</summary>
/// <param name="Index">Index of the step in its plan, from 0.</param>
/// <param name="IsError">True for standard error.</param>
/// <param name="Line">The line without its newline, secrets masked.</param>
public sealed record StepOutputEvent(int Index, bool IsError, string Line) : CharlyEvent;

/// <summary>A plan step ended, or was found not to be needed.</summary>
/// <param name="Index">Index of the step in its plan, from 0.</param>
/// <param name="Status">How it ended: <c>done</c>, <c>unchanged</c>, <c>skipped</c>, <c>failed</c>.</param>
/// <param name="Duration">How long it took on the target.</param>
/// <param name="Reason">Why, for all but <c>done</c>.</param>
public sealed record StepFinishedEvent(int Index, string Status, TimeSpan Duration, string? Reason) : CharlyEvent
{
    /// <summary>Number of steps of the plan; null if it is not known.</summary>
    public int? Total { get; init; }
}
