using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Ledger;

namespace OpenCharly.Targets;

/// <summary>Waiting for the ledger's lock: who we are for others, who others are for us, and what happens when time is up.</summary>
/// <param name="options">The target.</param>
/// <param name="operation">What the lock is wanted for.</param>
/// <param name="progress">Told of a wait.</param>
internal sealed class LockWait(LinuxTargetOptions options, string operation, IProgress<CharlyEvent> progress)
{
    /// <summary>How long it may take.</summary>
    public TimeSpan Patience => options.LockTimeout;

    /// <summary>What others who wait for our lock are told.</summary>
    public LockHolder Holder() => new(operation, options.Owner, Environment.ProcessId, options.Clock.GetUtcNow(), TargetSession.NewNonce()[..12]);

    /// <summary>Tells of a wait, if a line of a probe begins one.</summary>
    public void Report(OutputLine line, string nonce)
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
                NoticeLevel.Info, $"The ledger of {options.Host} is locked by {LockHolder.Describe(who)}; waiting up to {options.LockTimeout.TotalSeconds:0} s."));
        }
    }

    /// <summary>The error when the lock did not come in time.</summary>
    public CharlyException TimedOut(string output, string nonce) => new(
        Errors.LedgerLocked,
        $"{options.Host}: the ledger was still locked after {options.LockTimeout.TotalSeconds:0} s by {LockHolder.Describe(new ProbeSections(output, nonce).Argument("held"))}",
        "Wait until it has ended, or end that process: the lock goes with it. Then run the same command again.",
        target: options.Host);
}
