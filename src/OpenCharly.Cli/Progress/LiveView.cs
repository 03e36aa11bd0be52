using System.Text;
using OpenCharly.Cli.Output;
using OpenCharly.Foundation;

namespace OpenCharly.Cli.Progress;

/// <summary>
/// On a terminal: lines that stay scroll up, and below them a small region shows what runs right now: steps with
/// their last output, waits and bars, redrawn ten times a second.
/// </summary>
internal sealed class LiveView : IEventView
{
    private const int BarCells = 24;
    private const string ClearBelow = "\e[J";
    private const string WrapOff = "\e[?7l";
    private const string WrapOn = "\e[?7h";
    private static readonly string[] Spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly TextWriter _writer;
    private readonly Palette _palette;
    private readonly TimeProvider _clock;
    private readonly EventLines _lines;
    private readonly Dictionary<(string? Target, int Index), long> _startedAt = [];
    private readonly Dictionary<string, ProgressEvent> _work = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, WaitEvent> _waits = new(StringComparer.Ordinal);
    private readonly bool _showsWaits;
    private readonly bool _showsWork;
    private readonly ITimer _timer;
    private int _height;
    private int _frame;
    private bool _paused = true;

    public LiveView(TextWriter writer, LogLevels levels, Palette palette, TimeProvider clock)
    {
        _writer = writer;
        _palette = palette;
        _clock = clock;
        _lines = new EventLines(levels, palette, tellsBeginnings: false);
        _showsWaits = levels.Tells(LogLevels.Wait, LogLevel.Info);
        _showsWork = levels.Tells(LogLevels.Progress, LogLevel.Info);
        _timer = clock.CreateTimer(_ => Tick(), null, Frame, Frame);
    }

    public void Report(CharlyEvent value)
    {
        lock (_gate)
        {
            Follow(value);
            var lasting = _lines.Of(value).ToArray();
            _paused = false;
            if (lasting.Length > 0) Draw(lasting);
        }
    }

    public void Pause()
    {
        lock (_gate)
        {
            Erase();
            _paused = true;
            _work.Clear();
            _waits.Clear();
        }
    }

    public void Name(IReadOnlyList<string> targets)
    {
        lock (_gate) _lines.Name(targets);
    }

    public void Dispose()
    {
        _timer.Dispose();
        Pause();
        _writer.Flush();
    }

    // What the region shows; the lines that stay are the business of EventLines.
    private void Follow(CharlyEvent value)
    {
        if (value is WaitEvent wait)
        {
            if (_showsWaits) _waits[wait.Target ?? ""] = wait;
            return;
        }

        // Whatever else happens, the wait is over.
        _waits.Remove(value.Target ?? "");
        switch (value)
        {
            case StepStartedEvent step:
                _startedAt[(step.Target, step.Index)] = _clock.GetTimestamp();
                break;
            case ProgressEvent progress when _showsWork && !progress.IsCompleted:
                _work[$"{progress.Target}\n{progress.Activity}"] = progress;
                break;
            case ProgressEvent progress:
                _work.Remove($"{progress.Target}\n{progress.Activity}");
                break;
        }
    }

    private void Tick()
    {
        lock (_gate)
        {
            if (_paused) return;
            _frame++;
            Draw([]);
        }
    }

    private void Draw(IReadOnlyList<string> lasting)
    {
        var text = new StringBuilder(Rewind());
        foreach (var line in lasting) text.Append(line).Append('\n');
        var region = Region().ToArray();
        _height = region.Length;
        if (region.Length > 0)
        {
            // Long lines are cut by the terminal itself, which knows best how wide its letters are.
            text.Append(WrapOff);
            foreach (var line in region) text.Append(line).Append('\n');
            text.Append(WrapOn);
        }

        if (text.Length == 0) return;
        _writer.Write(text.ToString());
        _writer.Flush();
    }

    private void Erase()
    {
        if (_height == 0) return;
        _writer.Write(Rewind());
        _writer.Flush();
        _height = 0;
    }

    private string Rewind() => _height == 0 ? "" : $"\e[{_height}A\r{ClearBelow}";

    private IEnumerable<string> Region()
    {
        var spinner = _palette.Cyan(Spinner[_frame % Spinner.Length]);
        foreach (var step in _lines.Running)
        {
            var elapsed = _clock.GetElapsedTime(_startedAt[(step.Step.Target, step.Step.Index)]);
            var name = _lines.Prefix(step.Step.Target);
            yield return $"{name}{spinner} {_palette.Dim(_lines.Counter(step.Step.Target, step.Step.Index))} {Printable(step.Title)} … {Times.Duration(elapsed)}";
            foreach (var line in step.LastLines) yield return name + _palette.Dim("    | " + Printable(line));
        }

        foreach (var work in _work.Values) yield return $"{_lines.Prefix(work.Target)}{spinner} {work.Activity} {Bar(work)}";
        foreach (var wait in _waits.Values)
        {
            var left = wait.Deadline - _clock.GetUtcNow();
            var seen = wait.LastSeen.Length > 0 ? $"; last: {Printable(wait.LastSeen)}" : "";
            yield return $"{_lines.Prefix(wait.Target)}{spinner} {EventLines.Describe(wait)}{_palette.Dim($", {Math.Max(0, left.TotalSeconds):0}s left{seen}")}";
        }
    }

    private string Bar(ProgressEvent work)
    {
        var amount = EventLines.Amount(work.Done, work.Unit);
        if (work.Total is not (> 0 and var total)) return amount;
        var part = Math.Clamp((double)work.Done / total, 0, 1);
        var full = (int)(part * BarCells);
        return $"{_palette.Green(new string('━', full))}{_palette.Dim(new string('─', BarCells - full))} {part * 100:0}%  {amount} of {EventLines.Amount(total, work.Unit)}";
    }

    // A line of a step may hold colours, tabs and carriage returns, which would move the cursor.
    private static string Printable(string line)
    {
        var text = new StringBuilder(line.Length);
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '\e' && i + 1 < line.Length && line[i + 1] == '[')
            {
                for (i += 2; i < line.Length && line[i] is < '@' or > '~'; i++)
                {
                    // Parameters of a control sequence.
                }
            }
            else if (line[i] == '\t')
            {
                text.Append("    ");
            }
            else if (!char.IsControl(line[i]))
            {
                text.Append(line[i]);
            }
        }

        return text.ToString();
    }
}
