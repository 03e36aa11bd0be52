using System.Text;
using OpenCharly.Foundation;
using OpenCharly.Ledger;

namespace OpenCharly.Targets;

/// <summary>The records of a target with the journals of cut runs folded in.</summary>
/// <param name="State">The records.</param>
/// <param name="Resumed">Digests of steps that may be half done.</param>
/// <param name="Runs">The runs that were folded in; their journals go with the next records.</param>
/// <param name="UsedRoot">Whether a look as root was needed.</param>
internal sealed record RecoveredLedger(LedgerState State, IReadOnlySet<string> Resumed, IReadOnlyList<string> Runs, bool UsedRoot)
{
    /// <summary>Reads what cut runs left. A package step that was cut is looked at on the target: what did it bring?</summary>
    public static async Task<RecoveredLedger> FoldAsync(TargetSession session, LedgerSnapshot snapshot, CancellationToken cancellationToken)
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
            var packages = open.Where(s => s.Intent.PackageFormat is not null).ToList();
            if (packages.Count > 0)
            {
                await LookAsync(session, journal, packages, cancellationToken).ConfigureAwait(false);
                usedRoot = true;
            }

            resumed.UnionWith(open.Select(s => s.Intent.Digest));
            state = LedgerFold.Apply(state, journal, snapshot.BootId, traced: false);
        }

        // A journal that was cut before its first line was whole tells nothing, and nothing was done.
        return new RecoveredLedger(state, resumed, [.. snapshot.JournalFiles.Select(f => Path.GetFileNameWithoutExtension(f))], usedRoot);
    }

    private static async Task LookAsync(TargetSession session, RunJournal journal, List<JournalStep> steps, CancellationToken cancellationToken)
    {
        var nonce = TargetSession.NewNonce();
        var facts = session.Facts;
        var script = new StringBuilder(JournalPrologue.Render(nonce, session.Paths, journal.Run!.Run, facts.Uid, facts.Gid, withPackages: true));
        foreach (var step in steps) script.Append($"charly_i={step.Intent.Index}\ncharly_packages_after {step.Intent.PackageFormat}\n");
        var output = new BatchOutput(nonce, journal);
        var result = await session.RunAsync(script.ToString(), asRoot: true, output.Take, cancellationToken).ConfigureAwait(false);
        if (result.Succeeded) return;
        throw new CharlyException(
            Errors.RunTarget,
            $"{session.Options.Host}: could not find out what a cut package step brought: {result.Tail(3)}",
            "Look at the package manager on the target, then run the same command again.",
            target: session.Options.Host);
    }
}
