using OpenCharly.Foundation;

namespace OpenCharly.Cli.Progress;

/// <summary>One line after the other, for files, pipes and plain terminals.</summary>
internal sealed class PlainView(TextWriter writer, LogLevels levels, Palette palette) : IEventView
{
    private readonly Lock _gate = new();
    private readonly EventLines _lines = new(levels, palette, tellsBeginnings: true);

    public void Report(CharlyEvent value)
    {
        lock (_gate)
        {
            foreach (var line in _lines.Of(value)) writer.WriteLine(line);
        }
    }

    public void Pause()
    {
        // Nothing is there only for the moment.
    }

    public void Name(IReadOnlyList<string> targets)
    {
        lock (_gate) _lines.Name(targets);
    }

    public void Dispose() => writer.Flush();
}
