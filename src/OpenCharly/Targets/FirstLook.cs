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
    /// <param name="progress">Told when the lock is waited for.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Errors.RunTarget"/> if the target can't answer.</exception>
    public static async Task<LedgerSnapshot> AskAsync(
        IShellSession shell, ProbeLock locking, bool looksCloser, string host, IProgress<CharlyEvent>? progress, CancellationToken cancellationToken)
    {
        var (nonce, closer) = (TargetSession.NewNonce(), TargetSession.NewNonce());
        var request = new ScriptRequest(ProbeScript.Render(nonce, locking) + (looksCloser ? CloserLookScript.Render(closer) : "")) { Output = line => ReportWait(line, nonce, host, progress) };
        var result = await shell.RunInShellAsync(request, cancellationToken).ConfigureAwait(false);
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

    private static void ReportWait(OutputLine line, string nonce, string host, IProgress<CharlyEvent>? progress)
    {
        if (line.IsError || !line.Text.StartsWith(nonce, StringComparison.Ordinal)) return;
        var words = line.Text[nonce.Length..].Split('\t', 2);
        if (words[0] == "orphan")
        {
            progress?.Report(new NoticeEvent(NoticeLevel.Warning, $"A script of an earlier run is still at work on {host}; waiting for it to end."));
        }
        else if (words[0] == "waiting")
        {
            var journal = RunJournal.Parse($"I\t{words.ElementAtOrDefault(1)}\n");
            var owner = journal.Run?.Describe() ?? "another run";
            progress?.Report(new NoticeEvent(NoticeLevel.Info, $"The ledger of {host} is locked by {owner}; waiting."));
        }
    }
}
