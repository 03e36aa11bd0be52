using OpenCharly.Execution;

namespace OpenCharly.Ledger;

/// <summary>
/// Takes the output of a batch apart: journal lines go to the journal, the rest belongs to the step that was running
/// when it was printed, on each of the two streams. A step is not told to have begun before the one before it is told
/// to have ended, although the streams may run ahead of each other.
/// </summary>
/// <param name="nonce">The mark before journal lines.</param>
/// <param name="journal">Gets the journal lines.</param>
internal sealed class BatchOutput(string nonce, RunJournal journal)
{
    private readonly Queue<OutputLine>[] _waiting = [new(), new()];
    private readonly int?[] _current = new int?[2];
    private readonly HashSet<int> _ended = [];
    private int? _open;

    /// <summary>A step began, as seen on standard output.</summary>
    public Action<int>? Started { get; init; }

    /// <summary>A line that the given step printed; null for what belongs to no step.</summary>
    public Action<int?, OutputLine>? Line { get; init; }

    /// <summary>A journal line, as seen on standard output.</summary>
    public Action<string>? Note { get; init; }

    /// <summary>A step ended, and all that it printed has come.</summary>
    public Action<int>? Finished { get; init; }

    /// <summary>Takes one line of output.</summary>
    public void Take(OutputLine line)
    {
        var at = line.Text.IndexOf(nonce, StringComparison.Ordinal);
        if (at >= 0 && !line.IsError) journal.Apply(line.Text[(at + nonce.Length)..]);
        var waiting = _waiting[line.IsError ? 1 : 0];
        if (waiting.Count > 0 || !Tell(line)) waiting.Enqueue(line);
        Drain();
    }

    /// <summary>Tells what still waits, after a script that was cut.</summary>
    public void Flush()
    {
        do
        {
            _open = null;
            Drain();
        }
        while (_waiting.Any(w => w.Count > 0));
    }

    private void Drain()
    {
        for (var again = true; again;)
        {
            again = false;
            foreach (var waiting in _waiting)
            {
                while (waiting.TryPeek(out var next) && Tell(next))
                {
                    waiting.Dequeue();
                    again = true;
                }
            }
        }
    }

    /// <summary>False if the line must wait for the other stream.</summary>
    private bool Tell(OutputLine line)
    {
        ref var current = ref _current[line.IsError ? 1 : 0];
        var at = line.Text.IndexOf(nonce, StringComparison.Ordinal);
        if (at < 0)
        {
            Line?.Invoke(current, line);
            return true;
        }

        var note = line.Text[(at + nonce.Length)..];
        var isStep = note.Length > 2 && note[0] is 'B' or 'E';
        var index = isStep && int.TryParse(note.Split('\t')[1], out var number) ? number : (int?)null;
        if (index is not null && note[0] == 'B' && _open is not null && _open != index) return false;

        // What stands before the mark is a last line without newline.
        if (at > 0) Line?.Invoke(current, line with { Text = line.Text[..at] });
        if (!line.IsError) Note?.Invoke(note);
        if (index is not { } step) return true;
        if (note[0] == 'B')
        {
            (current, _open) = (step, step);
            if (!line.IsError) Started?.Invoke(step);
            return true;
        }

        current = null;
        if (_ended.Add(step)) return true;
        _open = null;
        Finished?.Invoke(step);
        return true;
    }
}
