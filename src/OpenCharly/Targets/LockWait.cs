using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Ledger;

namespace OpenCharly.Targets;

/// <summary>Waiting for the ledger's lock: who we are for others, who others are for us, and what happens when time is up.</summary>
internal static class LockWait
{
    /// <summary>What others who wait for our lock are told.</summary>
    public static LockHolder Holder(LinuxTargetOptions options, string operation) =>
        new(operation, options.Owner, Environment.ProcessId, options.Clock.GetUtcNow());

    /// <summary>Tells of a wait, if a line of a probe begins one.</summary>
    public static void Report(OutputLine line, string nonce, LinuxTargetOptions options, IProgress<CharlyEvent> progress)
    {
        if (line.IsError || !line.Text.StartsWith(nonce, StringComparison.Ordinal)) return;
        var words = line.Text[nonce.Length..].Split('\t', 2);
        var who = words.ElementAtOrDefault(1) ?? "";
        if (words[0] == "orphan")
        {
            var run = RunJournal.Parse($"I\t{who}\n").Run?.Describe();
            progress.Report(new NoticeEvent(
                NoticeLevel.Warning, $"A script of an earlier run{(run is null ? "" : $" ({run})")} is still at work on {options.Host}; waiting for it to end."));
        }
        else if (words[0] == "waiting")
        {
            progress.Report(new NoticeEvent(
                NoticeLevel.Info, $"The ledger of {options.Host} is locked by {(who.Length > 0 ? who : "another run")}; waiting up to {options.LockTimeout.TotalSeconds:0} s."));
        }
    }

    /// <summary>The error when the lock did not come in time.</summary>
    public static CharlyException TimedOut(string output, string nonce, LinuxTargetOptions options)
    {
        var who = new ProbeSections(output, nonce).Argument("held");
        return new CharlyException(
            Errors.LedgerLocked,
            $"{options.Host}: the ledger was still locked after {options.LockTimeout.TotalSeconds:0} s by {(who.Length > 0 ? who : "another run")}",
            "Wait until it has ended, or end that process: the lock goes with it. Then run the same command again.",
            target: options.Host);
    }
}
