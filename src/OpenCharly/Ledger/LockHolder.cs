using System.Globalization;

namespace OpenCharly.Ledger;

/// <summary>Who holds a ledger's lock, as those read who wait for it: the text of the lock file.</summary>
/// <param name="Operation">What it does, such as <c>add vm:web</c>.</param>
/// <param name="Owner">Who runs it: <c>user@machine</c>.</param>
/// <param name="ProcessId">Its process on that machine.</param>
/// <param name="Since">When it asked for the lock.</param>
internal sealed record LockHolder(string Operation, string Owner, int ProcessId, DateTimeOffset Since)
{
    /// <summary>Exit code of a probe that waited for the lock in vain.</summary>
    public const int TimedOut = 94;

    /// <summary>One line for people.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Operation}, since {LedgerJson.Time(Since)}, by {(Owner.Length > 0 ? Owner : "somebody")} (process {ProcessId})");
}
