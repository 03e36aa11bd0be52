using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Ledger;

namespace OpenCharly.Targets;

/// <summary>What was seen when a target was asked for its facts, records and traces, in the session's own shell.</summary>
/// <param name="Shell">The session.</param>
/// <param name="Snapshot">What was seen.</param>
internal sealed record FirstLook(IShellSession Shell, LedgerSnapshot Snapshot)
{
    /// <summary>Opens a session and asks with its greeting, in one round trip.</summary>
    /// <param name="executor">Reaches the target.</param>
    /// <param name="locking">What becomes of the ledger's lock.</param>
    /// <param name="looksCloser">Whether what is not as recorded is looked at closer in the same round trip.</param>
    /// <param name="host">The target's name, for messages.</param>
    /// <param name="wait">How the lock is waited for; null for a look that takes none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Errors.RunTarget"/> if the target can't answer,
    /// <see cref="Errors.LedgerLocked"/> if the lock did not come in time.</exception>
    public static async Task<FirstLook> OpenAsync(
        IExecutor executor, ProbeLock locking, bool looksCloser, string host, LockWait? wait, CancellationToken cancellationToken)
    {
        var nonce = TargetSession.NewNonce();
        var closer = looksCloser ? TargetSession.NewNonce() : null;
        var opened = await executor.OpenSessionAsync(Request(locking, wait, nonce, closer), cancellationToken).ConfigureAwait(false);
        try
        {
            return new FirstLook(opened.Session, Read(opened.First, host, wait, nonce, closer));
        }
        catch
        {
            await opened.Session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Asks in a session that is open.</summary>
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
        var nonce = TargetSession.NewNonce();
        var closer = looksCloser ? TargetSession.NewNonce() : null;
        var result = await shell.RunInShellAsync(Request(locking, wait, nonce, closer), cancellationToken).ConfigureAwait(false);
        return Read(result, host, wait, nonce, closer);
    }

    private static ScriptRequest Request(ProbeLock locking, LockWait? wait, string nonce, string? closer)
    {
        var script = ProbeScript.Render(nonce, locking, holder: wait?.Holder(), patience: wait?.Patience);
        return new ScriptRequest(closer is null ? script : script + CloserLookScript.Render(closer)) { Output = wait is null ? null : line => wait.Report(line, nonce) };
    }

    private static LedgerSnapshot Read(CommandResult result, string host, LockWait? wait, string nonce, string? closer)
    {
        if (wait is not null && result.ExitCode == LockHolder.TimedOut) throw wait.TimedOut(result.StandardOutput, nonce);
        return result.Succeeded ? Parse(result.StandardOutput, nonce, closer) : throw new CharlyException(
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
