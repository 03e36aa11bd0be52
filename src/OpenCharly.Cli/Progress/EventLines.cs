using OpenCharly.Cli.Output;
using OpenCharly.Foundation;

namespace OpenCharly.Cli.Progress;

/// <summary>
/// Turns events into the lines that stay on the screen: one for each step that ended; notices; and, where no live
/// view shows them, the beginnings of waits and of long work. The last output of a failed step is in its error.
/// </summary>
/// <param name="levels">What is told.</param>
/// <param name="palette">Colours.</param>
/// <param name="tellsBeginnings">Whether waits and long work are announced.</param>
internal sealed class EventLines(LogLevels levels, Palette palette, bool tellsBeginnings)
{
    private readonly SortedDictionary<(string Target, int Index), RunningStep> _running = [];
    private readonly HashSet<string> _begun = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _totals = new(StringComparer.Ordinal);
    private int _nameWidth;

    /// <summary>Steps that run right now, by target and index.</summary>
    public IEnumerable<RunningStep> Running => _running.Values;

    /// <summary>Begins each line with the target that it is about, because several are worked on.</summary>
    public void Name(IReadOnlyList<string> targets) => _nameWidth = targets.Count == 0 ? 0 : targets.Max(t => t.Length);

    public IEnumerable<string> Of(CharlyEvent happened) =>
        // A text may hold several lines, and each of them needs its name.
        _nameWidth == 0 ? Lines(happened) : Lines(happened).SelectMany(text => text.Split('\n')).Select(line => Prefix(happened.Target) + line);

    /// <summary>What a line about a target begins with; empty if only one is worked on.</summary>
    public string Prefix(string? target) => _nameWidth == 0 ? "" : palette.Cyan((target ?? "").PadRight(_nameWidth)) + palette.Dim(" | ");

    private IEnumerable<string> Lines(CharlyEvent happened) => happened switch
    {
        NoticeEvent notice => OfNotice(notice),
        StepStartedEvent step => OfStart(step),
        StepOutputEvent output => OfOutput(output),
        StepFinishedEvent step => OfEnd(step),
        WaitEvent wait => OfWait(wait),
        ProgressEvent progress => OfProgress(progress),
        _ => [],
    };

    /// <summary><c>[3/20]</c>, or <c>[3]</c> while the number of steps is not known.</summary>
    public string Counter(string? target, int index) => _totals.TryGetValue(target ?? "", out var total) ? $"[{index + 1}/{total}]" : $"[{index + 1}]";

    private IEnumerable<string> OfNotice(NoticeEvent notice) => notice.Level switch
    {
        NoticeLevel.Warning when levels.Tells(LogLevels.Notice, LogLevel.Warn) => [$"{palette.Yellow("warning")}: {notice.Text}"],
        NoticeLevel.Info when levels.Tells(LogLevels.Notice, LogLevel.Info) => [notice.Text],
        NoticeLevel.Debug when levels.Tells(LogLevels.Notice, LogLevel.Debug) => [palette.Dim(notice.Text)],
        _ => [],
    };

    private IEnumerable<string> OfStart(StepStartedEvent step)
    {
        Count(step.Target, step.Total);
        var running = _running[Key(step, step.Index)] = new RunningStep(step);
        return levels.Tells(LogLevels.Step, LogLevel.Trace) ? [$"{Counter(step.Target, step.Index)} {running.Title}"] : [];
    }

    private IEnumerable<string> OfOutput(StepOutputEvent output)
    {
        if (_running.TryGetValue(Key(output, output.Index), out var step)) step.Add(output.Line);
        return levels.Tells(LogLevels.Step, LogLevel.Trace) ? [palette.Dim("    | ") + output.Line] : [];
    }

    private IEnumerable<string> OfEnd(StepFinishedEvent step)
    {
        Count(step.Target, step.Total);
        _running.Remove(Key(step, step.Index), out var ran);
        var isFailure = step.Status == "failed";
        if (!levels.Tells(LogLevels.Step, isFailure ? LogLevel.Error : LogLevel.Info)) yield break;
        var reason = step.Reason is { Length: > 0 } text ? $" ({text})" : "";
        // A step that never began stood already or is left out; the summary at the end counts those without a word to tell.
        if (ran is null && step.Status == "unchanged" && !levels.Tells(LogLevels.Step, LogLevel.Debug)) yield break;
        var title = ran is null ? "" : $" {ran.Title} …";
        var duration = step.Status is "done" or "failed" ? " " + Times.Duration(step.Duration) : "";
        yield return $"{palette.Dim(Counter(step.Target, step.Index))}{title} {Status(step.Status)}{duration}{palette.Dim(reason)}";
    }

    private IEnumerable<string> OfWait(WaitEvent wait)
    {
        if (levels.Tells(LogLevels.Wait, LogLevel.Debug))
        {
            if (wait.LastSeen.Length > 0 && _begun.Add($"wait {wait.Target} {wait.Probe} {wait.LastSeen}")) yield return palette.Dim($"{Describe(wait)}: {wait.LastSeen}");
        }
        else if (tellsBeginnings && levels.Tells(LogLevels.Wait, LogLevel.Info) && _begun.Add($"wait {wait.Target} {wait.Probe}"))
        {
            yield return Describe(wait);
        }
    }

    private IEnumerable<string> OfProgress(ProgressEvent progress)
    {
        if (!tellsBeginnings || !levels.Tells(LogLevels.Progress, LogLevel.Info)) yield break;
        if (progress.IsCompleted)
        {
            _begun.Remove($"work {progress.Target} {progress.Activity}");
            yield return progress.Unit == "bytes" ? $"{progress.Activity}: {Amount(progress.Done, progress.Unit)}" : $"{progress.Activity}: done";
        }
        else if (_begun.Add($"work {progress.Target} {progress.Activity}"))
        {
            yield return progress is { Unit: "bytes", Total: { } total } ? $"{progress.Activity} ({Amount(total, progress.Unit)}) …" : $"{progress.Activity} …";
        }
    }

    /// <summary>What is waited for, with its place among the probes.</summary>
    public static string Describe(WaitEvent wait) =>
        wait.Count > 1 ? $"waiting: {wait.Probe} ({wait.Index} of {wait.Count})" : $"waiting: {wait.Probe}";

    /// <summary>An amount with its unit, bytes for people.</summary>
    public static string Amount(long amount, string unit) =>
        unit == "bytes" ? new ByteSize(amount).ToHuman() : $"{amount} {unit}";

    private static (string, int) Key(CharlyEvent happened, int index) => (happened.Target ?? "", index);

    private void Count(string? target, int? total)
    {
        if (total is { } known) _totals[target ?? ""] = known;
    }

    private string Status(string status) => status switch
    {
        "done" => palette.Green(status),
        "failed" => palette.Red(status),
        "skipped" => palette.Yellow(status),
        _ => palette.Dim(status),
    };
}
