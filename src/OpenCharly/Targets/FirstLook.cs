using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Ledger;

namespace OpenCharly.Targets;

/// <summary>Asks a target for its facts, records and traces, in the session's own shell.</summary>
internal static class FirstLook
{
    /// <summary>Asks.</summary>
    /// <param name="shell">The session.</param>
    /// <param name="locking">What becomes of the ledger's lock.</param>
    /// <param name="looksCloser">Whether what is not as recorded is looked at closer in the same round trip.</param>
    /// <param name="host">The target's name, for messages.</param>
    /// <param name="wait">How the lock is waited for; null for a look that takes none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Errors.RunTarget"/> if the target can't answer,
    /// <see cref="Errors.LedgerLocked"/> if the lock did not come in time.</exception>
    public static async Task<LedgerSnapshot> AskAsync(
        IShellSession shell, ProbeLock locking, bool looksCloser, string host, LockWait? wait, CancellationToken cancellationToken)
    {
        var (nonce, closer) = (TargetSession.NewNonce(), TargetSession.NewNonce());
        var request = new ScriptRequest(ProbeScript.Render(nonce, locking, holder: wait?.Holder(), patience: wait?.Patience) + (looksCloser ? CloserLookScript.Render(closer) : "")) { Output = line => wait?.Report(line, nonce) };
        var result = await shell.RunInShellAsync(request, cancellationToken).ConfigureAwait(false);
        if (wait is not null && result.ExitCode == LockHolder.TimedOut) throw wait.TimedOut(result.StandardOutput, nonce);
        return result.Succeeded ? Parse(result.StandardOutput, nonce, looksCloser ? closer : null) : throw new CharlyException(
            Errors.RunTarget,
            $"{host}: the target can't be used: {result.Tail(3)}",
            "charly needs bash 4.3 or newer, flock and GNU coreutils on the target, and a home folder that the log-in user can write to.",
            target: host);
    }

    private static LedgerSnapshot Parse(string output, string nonce, string? closer)
    {
        if (closer is null) return LedgerSnapshot.Parse(output, nonce);
        var at = output.IndexOf(closer, StringComparison.Ordinal);
        return LedgerSnapshot.Parse(at < 0 ? output : output[..at], nonce) with { Closer = InspectScript.Parse(at < 0 ? "" : output[at..], closer) };
    }
}
