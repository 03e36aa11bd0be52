using OpenCharly.Foundation;

namespace OpenCharly.Targets;

/// <summary>The error for operations that could not be undone.</summary>
internal static class UndoFailure
{
    public static CharlyException Of(string name, IReadOnlyList<UndoResult> results)
    {
        var failed = results.Where(r => r.Status == "failed").ToList();
        return new CharlyException(
            Errors.LedgerUndo,
            $"{name}: {failed.Count} of {results.Count} operations could not be undone: {string.Join("; ", failed.Take(3).Select(f => $"{f.Candy}: {f.Detail}"))}",
            $"They stay on record. Mend what they name, then run: charly bundle del {name}",
            target: name);
    }

    public static CharlyException OfRollback(string name, IReadOnlyList<UndoResult> results)
    {
        var failed = results.Where(r => r.Status == "failed").ToList();
        return new CharlyException(
            Errors.LedgerUndo,
            $"{name}: {failed.Count} of {results.Count} operations could not be taken back: {string.Join("; ", failed.Take(3).Select(f => $"{f.Candy}: {f.Detail}"))}",
            $"The journal stays. Mend what they name, then run again: charly bundle repair {name} --rollback",
            target: name);
    }
}
