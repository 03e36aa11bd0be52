using OpenCharly.Ledger;

namespace OpenCharly.Targets;

/// <summary>
/// When the steps of a plan wrote each path, as the ledger has it. A run that was cut between two steps that write the same
/// file, be they of one candy or of two, leaves the later step's effect wiped out by the earlier one, though the ledger knows both.
/// </summary>
internal sealed class WriteHistory
{
    private readonly Dictionary<string, string> _last = new(StringComparer.Ordinal);

    /// <summary>Why what a step did can't stand: an earlier step of the plan wrote over it since. Null if none did.</summary>
    public string? WhyNot(RecordedStep record)
    {
        var ended = EndOf(record);
        var path = PathsOf(record).FirstOrDefault(p => _last.TryGetValue(p, out var at) && string.CompareOrdinal(at, ended) > 0);
        return path is null ? null : $"{path} was written since by an earlier step";
    }

    /// <summary>Notes what a step that stands wrote. A managed block leaves the rest of its file alone, and so wipes nothing out.</summary>
    public void Add(RecordedStep record)
    {
        if (record.Extra.ContainsKey(LedgerExtra.Block)) return;
        var ended = EndOf(record);
        foreach (var path in PathsOf(record))
        {
            if (string.CompareOrdinal(_last.GetValueOrDefault(path), ended) < 0) _last[path] = ended;
        }
    }

    private static IEnumerable<string> PathsOf(RecordedStep record) => LedgerExtra.List(record.Extra, LedgerExtra.Paths);

    private static string EndOf(RecordedStep record) => record.Extra.GetValueOrDefault(LedgerExtra.Ended) ?? ReverseOps.Seconds(record.CompletedAt);
}
