using OpenCharly.Execution;

namespace OpenCharly.Ledger;

/// <summary>
/// Takes the output of a batch apart: journal lines go to the journal, the rest belongs to the step that was running
/// when it was printed, on each of the two streams.
/// </summary>
/// <param name="nonce">The mark before journal lines.</param>
/// <param name="journal">Gets the journal lines.</param>
internal sealed class BatchOutput(string nonce, RunJournal journal)
{
    private readonly int?[] _current = new int?[2];
    private readonly Dictionary<int, int> _ends = [];

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
        ref var current = ref _current[line.IsError ? 1 : 0];
        if (at < 0)
        {
            Line?.Invoke(current, line);
            return;
        }

        // What stands before the mark is a last line without newline.
        if (at > 0) Line?.Invoke(current, line with { Text = line.Text[..at] });
        var note = line.Text[(at + nonce.Length)..];
        if (!line.IsError)
        {
            journal.Apply(note);
            Note?.Invoke(note);
        }

        if (note.Length < 3 || note[0] is not ('B' or 'E') || !int.TryParse(note.Split('\t')[1], out var index)) return;
        if (note[0] == 'B')
        {
            current = index;
            if (!line.IsError) Started?.Invoke(index);
            return;
        }

        current = null;
        if ((_ends[index] = _ends.GetValueOrDefault(index) + 1) == 2) Finished?.Invoke(index);
    }
}
