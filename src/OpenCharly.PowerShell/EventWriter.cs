using System.Globalization;
using System.Management.Automation;
using OpenCharly.Foundation;

namespace OpenCharly.PowerShell;

/// <summary>
/// Engine events on PowerShell's streams: progress with a bar for each target and its activities below, steps and
/// notes as verbose lines, warnings as warnings, what steps print as information records tagged <c>StepOutput</c>.
/// </summary>
/// <param name="cmdlet">The cmdlet that writes; all calls come on its thread.</param>
internal sealed class EventWriter(CharlyCmdlet cmdlet)
{
    private readonly Dictionary<string, ProgressRecord> _records = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _probes = new(StringComparer.Ordinal);

    /// <summary>Writes one event.</summary>
    public void Write(CharlyEvent value)
    {
        var target = value.Target ?? "";
        switch (value)
        {
            case NoticeEvent notice: Notice(target, notice); break;
            case ProgressEvent progress: Progress(target, progress); break;
            case WaitEvent wait: Wait(target, wait); break;
            case StepStartedEvent step: StepStarted(target, step); break;
            case StepOutputEvent output:
                cmdlet.WriteInformation(Prefix(target) + output.Line, ["OpenCharly", "StepOutput", output.IsError ? "Error" : "Output"]);
                break;
            case StepFinishedEvent step:
                cmdlet.WriteVerbose($"{Prefix(target)}{Place(step.Index, step.Total)}: {step.Status} in {step.Duration.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s{(step.Reason is null ? "" : $" ({step.Reason})")}");
                break;
            default: throw new ArgumentOutOfRangeException(nameof(value), value, "an event without a stream");
        }
    }

    /// <summary>Takes every bar away.</summary>
    public void Complete()
    {
        foreach (var record in _records.Values.OrderByDescending(r => r.ActivityId)) Finish(record);
        _records.Clear();
    }

    private void Notice(string target, NoticeEvent notice)
    {
        var text = Prefix(target) + notice.Text;
        switch (notice.Level)
        {
            case NoticeLevel.Warning: cmdlet.WriteWarning(text); break;
            case NoticeLevel.Info: cmdlet.WriteVerbose(text); break;
            default: cmdlet.WriteDebug(text); break;
        }
    }

    private void Progress(string target, ProgressEvent progress)
    {
        var record = Record(target, progress.Activity);
        record.StatusDescription = Amount(progress);
        record.PercentComplete = progress.Total is > 0 ? (int)Math.Clamp(progress.Done * 100 / progress.Total.Value, 0, 100) : -1;
        if (progress.IsCompleted)
        {
            Finish(record);
            _records.Remove(Key(target, progress.Activity));
        }
        else
        {
            Show(record);
        }
    }

    private void Wait(string target, WaitEvent wait)
    {
        var record = Record(target, "Waiting");
        record.StatusDescription = $"{wait.Index} of {wait.Count}: {wait.Probe}";
        record.CurrentOperation = wait.LastSeen;
        record.SecondsRemaining = (int)Math.Max(0, (wait.Deadline - DateTimeOffset.UtcNow).TotalSeconds);
        Show(record);
        if (_probes.GetValueOrDefault(target) == wait.Probe) return;
        _probes[target] = wait.Probe;
        cmdlet.WriteVerbose($"{Prefix(target)}waiting, {wait.Index} of {wait.Count}: {wait.Probe}");
    }

    private void StepStarted(string target, StepStartedEvent step)
    {
        var record = Root(target);
        record.StatusDescription = $"{Place(step.Index, step.Total)}: {step.Candy}";
        record.PercentComplete = step.Total is > 0 ? Math.Clamp(step.Index * 100 / step.Total.Value, 0, 100) : -1;
        record.CurrentOperation = step.Summary.Length == 0 ? step.Kind : step.Summary;
        Show(record);
        cmdlet.WriteVerbose($"{Prefix(target)}{Place(step.Index, step.Total)}: {step.Candy}: {step.Kind}: {step.Summary}");
    }

    private ProgressRecord Root(string target) => Record(target, null);

    private ProgressRecord Record(string target, string? activity)
    {
        var key = Key(target, activity);
        if (_records.TryGetValue(key, out var known)) return known;
        var parent = activity is null ? null : Root(target);
        if (parent is not null) Show(parent);
        var name = cmdlet.MyInvocation.MyCommand.Name;
        var record = new ProgressRecord(_records.Count == 0 ? 1 : _records.Values.Max(r => r.ActivityId) + 1, activity ?? (target.Length == 0 ? name : $"{name} {target}"), "working")
        {
            ParentActivityId = parent?.ActivityId ?? -1,
        };
        return _records[key] = record;
    }

    private void Finish(ProgressRecord record)
    {
        record.RecordType = ProgressRecordType.Completed;
        Show(record);
    }

    // A copy, because whoever collects the stream keeps what it was given.
    private void Show(ProgressRecord record) => cmdlet.WriteProgress(new ProgressRecord(record.ActivityId, record.Activity, record.StatusDescription)
    {
        ParentActivityId = record.ParentActivityId,
        CurrentOperation = record.CurrentOperation,
        PercentComplete = record.PercentComplete,
        SecondsRemaining = record.SecondsRemaining,
        RecordType = record.RecordType,
    });

    private static string Place(int index, int? total) => total is null ? $"step {index + 1}" : $"step {index + 1} of {total}";

    private static string Key(string target, string? activity) => $"{target}\n{activity}";

    private static string Prefix(string target) => target.Length == 0 ? "" : target + ": ";

    private static string Amount(ProgressEvent progress)
    {
        string Text(long amount) => progress.Unit == "bytes" ? Views.Cells.Size(amount) : amount.ToString(CultureInfo.InvariantCulture);
        var unit = progress.Unit == "bytes" ? "" : " " + progress.Unit;
        return progress.Total is { } total ? $"{Text(progress.Done)} of {Text(total)}{unit}" : $"{Text(progress.Done)}{unit}";
    }
}
