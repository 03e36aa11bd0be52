using OpenCharly.Foundation;

namespace OpenCharly.Cli.Progress;

/// <summary>A step that has begun, with the last lines that it printed.</summary>
/// <param name="step">How it was announced.</param>
internal sealed class RunningStep(StepStartedEvent step)
{
    private const int KeptLines = 3;
    private readonly Queue<string> _lines = new();

    public StepStartedEvent Step => step;

    /// <summary>The last lines, oldest first.</summary>
    public IReadOnlyCollection<string> LastLines => _lines;

    public string Title => $"{step.Candy} {step.Kind} {step.Summary}";

    public void Add(string line)
    {
        _lines.Enqueue(line);
        if (_lines.Count > KeptLines) _lines.Dequeue();
    }
}
