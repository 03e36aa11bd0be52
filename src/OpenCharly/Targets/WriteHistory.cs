using OpenCharly.Ledger;

namespace OpenCharly.Targets;

/// <summary>
/// When the steps of a plan wrote each path, as the ledger has it. A run that was cut between two steps that write the same
/// file, be they of one candy or of two, leaves the later step's effect wiped out by the earlier one, though the ledger knows both.
/// </summary>
internal sealed class WriteHistory
{
    private readonly Dictionary<string, string> _last = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _candies = new(StringComparer.Ordinal);

    /// <summary>
    /// Why what a step did can't stand: an earlier step of the plan wrote over it since; or, where nobody can see what it did, an
    /// earlier step of its candy ran since. Null if none did.
    /// </summary>
    /// <param name="candy">Whose step it is.</param>
    /// <param name="record">What is on record of it.</param>
    public string? WhyNot(string candy, RecordedStep record)
    {
        var ended = EndOf(record);
        if (record.Extra.ContainsKey(LedgerExtra.Opaque) && _candies.TryGetValue(candy, out var last) && string.CompareOrdinal(last, ended) > 0) return "an earlier step of it ran since";
        var path = PathsOf(record).FirstOrDefault(p => _last.TryGetValue(p, out var at) && string.CompareOrdinal(at, ended) > 0);
        return path is null ? null : $"{path} was written since by an earlier step";
    }

    /// <summary>Notes what a step that stands wrote. A managed block leaves the rest of its file alone, and so wipes nothing out.</summary>
    /// <param name="candy">Whose step it is.</param>
    /// <param name="record">What is on record of it.</param>
    public void Add(string candy, RecordedStep record)
    {
        var ended = EndOf(record);
        if (string.CompareOrdinal(_candies.GetValueOrDefault(candy), ended) < 0) _candies[candy] = ended;
        if (record.Extra.ContainsKey(LedgerExtra.Block)) return;
        foreach (var path in PathsOf(record))
        {
            if (string.CompareOrdinal(_last.GetValueOrDefault(path), ended) < 0) _last[path] = ended;
        }
    }

    private static IEnumerable<string> PathsOf(RecordedStep record) => LedgerExtra.List(record.Extra, LedgerExtra.Paths);

    private static string EndOf(RecordedStep record) => record.Extra.GetValueOrDefault(LedgerExtra.Ended) ?? ReverseOps.Seconds(record.CompletedAt);
}
