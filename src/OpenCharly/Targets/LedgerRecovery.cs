using System.Text;
using OpenCharly.Foundation;
using OpenCharly.Ledger;

namespace OpenCharly.Targets;

/// <summary>The records of a target with the journals of cut runs folded in.</summary>
/// <param name="State">The records.</param>
/// <param name="Resumed">Digests of steps that may be half done.</param>
/// <param name="Runs">The runs that were folded in; their journals go with the next records.</param>
/// <param name="Unfinished">Those of them that are of other deployments: what they set out to do stays, so that it can be finished.</param>
/// <param name="UsedRoot">Whether a look as root was needed.</param>
internal sealed record RecoveredLedger(LedgerState State, IReadOnlySet<string> Resumed, IReadOnlyList<string> Runs, IReadOnlyList<string> Unfinished, bool UsedRoot)
{
    /// <summary>Reads what cut runs left. A package step that was cut is looked at on the target: what did it bring?</summary>
    /// <param name="session">The target.</param>
    /// <param name="snapshot">What was seen there.</param>
    /// <param name="name">Deploy key of the run that follows.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<RecoveredLedger> FoldAsync(TargetSession session, LedgerSnapshot snapshot, string name, CancellationToken cancellationToken)
    {
        var (state, resumed, usedRoot) = (snapshot.State, new HashSet<string>(StringComparer.Ordinal), false);
        foreach (var journal in snapshot.Journals)
        {
            var run = journal.Run!;
            var sameBoot = run.BootId == snapshot.BootId;
            var open = journal.Steps.Values.Where(s => s.MayHaveBegun(sameBoot) && !(s.Succeeded && sameBoot)).ToList();
            session.Progress.Report(new NoticeEvent(
                NoticeLevel.Info,
                $"The run '{run.Describe()}' was cut{(open.Count > 0 ? $"; may be half done: {string.Join(", ", open.Select(s => $"{s.Intent.Candy}: {s.Intent.Summary}"))}" : "")}."));
            usedRoot |= await LookAsync(session, journal, open, cancellationToken).ConfigureAwait(false);

            resumed.UnionWith(open.Select(s => s.Intent.Digest));
            state = LedgerFold.Apply(state, journal, snapshot.BootId, traced: false);
        }

        // A journal that was cut before its first line was whole tells nothing, and nothing was done.
        var own = snapshot.Leftovers.Where(j => j.Run!.DeployName == name).Select(j => j.Run!.Run);
        var others = snapshot.Journals.Where(j => j.Run!.DeployName != name).Select(j => j.Run!.Run);
        return new RecoveredLedger(state, resumed, [.. snapshot.JournalFiles.Select(f => Path.GetFileNameWithoutExtension(f)).Concat(own)], [.. others], usedRoot);
    }

    /// <summary>Finds out what cut package steps brought, once; false if there is nothing to find out.</summary>
    public static async Task<bool> LookAsync(TargetSession session, RunJournal journal, IEnumerable<JournalStep> open, CancellationToken cancellationToken)
    {
        var steps = open.Where(s => s.Intent.PackageFormat is not null && !s.WasLookedAt).ToList();
        if (steps.Count == 0) return false;
        var nonce = TargetSession.NewNonce();
        var facts = session.Facts;
        var script = new StringBuilder(JournalPrologue.Render(nonce, session.Paths, journal.Run!.Run, facts.Uid, facts.Gid, withPackages: true));
        foreach (var step in steps) script.Append($"charly_i={step.Intent.Index}\ncharly_packages_after {step.Intent.PackageFormat}\ncharly_note $'Y\\t{step.Intent.Index}'\n");
        var output = new BatchOutput(nonce, journal);
        var result = await session.RunAsync(script.ToString(), asRoot: true, output.Take, cancellationToken).ConfigureAwait(false);
        if (result.Succeeded) return true;
        throw new CharlyException(
            Errors.RunTarget,
            $"{session.Options.Host}: could not find out what a cut package step brought: {result.Tail(3)}",
            "Look at the package manager on the target, then run the same command again.",
            target: session.Options.Host);
    }
}
