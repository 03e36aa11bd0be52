using System.Text.Json;
using OpenCharly.Cli.Output;
using OpenCharly.Foundation;

namespace OpenCharly.Cli.Progress;

/// <summary>One JSON object a line: <c>{"event": "step_finished", …}</c>.</summary>
internal sealed class JsonEvents(TextWriter writer, LogLevels levels) : IEventView
{
    private readonly Lock _gate = new();

    public void Report(CharlyEvent value)
    {
        if (!IsTold(value)) return;
        var line = JsonText.Line(json =>
        {
            json.WriteStartObject();
            Write(json, value);
            json.Text("target", value.Target);
            json.WriteEndObject();
        });
        lock (_gate) writer.Write(line);
    }

    public void Pause()
    {
        // Nothing is there only for the moment.
    }

    public void Name(IReadOnlyList<string> targets)
    {
        // Each object names its target anyway.
    }

    public void Dispose() => writer.Flush();

    private bool IsTold(CharlyEvent value) => value switch
    {
        NoticeEvent { Level: NoticeLevel.Warning } => levels.Tells(LogLevels.Notice, LogLevel.Warn),
        NoticeEvent { Level: NoticeLevel.Info } => levels.Tells(LogLevels.Notice, LogLevel.Info),
        NoticeEvent => levels.Tells(LogLevels.Notice, LogLevel.Debug),
        StepOutputEvent => levels.Tells(LogLevels.Step, LogLevel.Trace),
        StepStartedEvent or StepFinishedEvent => levels.Tells(LogLevels.Step, LogLevel.Info),
        WaitEvent => levels.Tells(LogLevels.Wait, LogLevel.Debug),
        ProgressEvent => levels.Tells(LogLevels.Progress, LogLevel.Debug),
        _ => false,
    };

    private static void Write(Utf8JsonWriter json, CharlyEvent value)
    {
        switch (value)
        {
            case NoticeEvent notice:
                json.WriteString("event", "notice");
                json.WriteString("level", notice.Level.ToKebab());
                json.WriteString("message", notice.Text);
                break;
            case StepStartedEvent step:
                json.WriteString("event", "step_started");
                json.WriteNumber("index", step.Index);
                json.WriteString("candy", step.Candy);
                json.WriteString("kind", step.Kind);
                json.WriteString("summary", step.Summary);
                break;
            case StepOutputEvent output:
                json.WriteString("event", "step_output");
                json.WriteNumber("index", output.Index);
                json.WriteString("stream", output.IsError ? "stderr" : "stdout");
                json.WriteString("line", output.Line);
                break;
            case StepFinishedEvent step:
                json.WriteString("event", "step_finished");
                json.WriteNumber("index", step.Index);
                json.WriteString("status", step.Status);
                json.Seconds("duration_seconds", step.Duration);
                json.Text("reason", step.Reason);
                break;
            case WaitEvent wait:
                json.WriteString("event", "wait");
                json.WriteString("probe", wait.Probe);
                json.WriteNumber("index", wait.Index);
                json.WriteNumber("count", wait.Count);
                json.Time("deadline", wait.Deadline);
                json.WriteString("last_seen", wait.LastSeen);
                break;
            case ProgressEvent progress:
                json.WriteString("event", "progress");
                json.WriteString("activity", progress.Activity);
                json.WriteNumber("done", progress.Done);
                json.Number("total", progress.Total);
                json.WriteString("unit", progress.Unit);
                json.WriteBoolean("completed", progress.IsCompleted);
                break;
        }
    }
}
