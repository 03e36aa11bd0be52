using System.Globalization;

namespace OpenCharly.Ledger;

/// <summary>Who holds a ledger's lock, as those read who wait for it: the text of the lock file.</summary>
/// <param name="Operation">What it does, such as <c>add vm:web</c>.</param>
/// <param name="Owner">Who runs it: <c>user@machine</c>.</param>
/// <param name="ProcessId">Its process on that machine.</param>
/// <param name="Since">When it asked for the lock.</param>
/// <param name="Id">A random word that no other holder has.</param>
internal sealed record LockHolder(string Operation, string Owner, int ProcessId, DateTimeOffset Since, string Id)
{
    /// <summary>Exit code of a probe that waited for the lock in vain.</summary>
    public const int TimedOut = 94;

    /// <summary>One line, for people; the last word is the id.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Operation.ReplaceLineEndings(" ")}, since {LedgerJson.Time(Since)}, by {(Owner.Length > 0 ? Owner : "somebody")} (process {ProcessId}), {Id}");

    /// <summary>The line without its id, for messages.</summary>
    /// <param name="line">A line as <see cref="ToString"/> makes it.</param>
    public static string Describe(string line) =>
        line.Length == 0 ? "another run" : line.LastIndexOf(", ", StringComparison.Ordinal) is > 0 and var at && line[..at].EndsWith(')') ? line[..at] : line;
}
