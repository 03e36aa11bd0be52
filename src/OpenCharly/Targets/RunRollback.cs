using OpenCharly.Foundation;
using OpenCharly.Ledger;
using OpenCharly.Plans;

namespace OpenCharly.Targets;

/// <summary>
/// Takes the cut runs of a deployment back, newest first, to the state in which the oldest of them found the target:
/// files, folders, units, packages and records. Cut itself, it can be run again.
/// </summary>
internal sealed class RunRollback(TargetSession session, string name, bool dryRun)
{
    public async Task<DeployResult> RunAsync(LedgerSnapshot snapshot, CancellationToken cancellationToken)
    {
        var ticks = session.Options.Clock.GetTimestamp();
        var cut = snapshot.Journals.Where(j => j.Run!.DeployName == name).Reverse().ToList();
        Check(snapshot, cut);
        var usedRoot = false;
        foreach (var journal in cut.Where(_ => !dryRun))
        {
            var sameBoot = journal.Run!.BootId == snapshot.BootId;
            usedRoot |= await RecoveredLedger.LookAsync(
                session, journal, journal.Steps.Values.Where(s => s.MayHaveBegun(sameBoot) && !(s.Succeeded && sameBoot)), cancellationToken).ConfigureAwait(false);
        }

        var lost = cut.SelectMany(j => RollbackOps.Lost(j, snapshot.BootId)).Distinct(StringComparer.Ordinal).ToList();
        foreach (var what in lost) session.Progress.Report(new NoticeEvent(NoticeLevel.Warning, $"Cannot be taken back: {what}"));
        var result = new DeployResult { Name = name, Verb = "rollback", NotUndoable = lost, DryRun = dryRun };
        var undone = new List<UndoResult>();
        var touched = new TouchedTraces();
        foreach (var journal in cut)
        {
            var items = RollbackOps.Of(journal, snapshot.BootId, session.Paths);
            if (dryRun)
            {
                undone.AddRange(items.Select(i => new UndoResult(i.Candy, i.Operation, "planned", UndoScript.Describe(i.Run))));
                continue;
            }

            var runner = new UndoRunner(session, journal.Run!, saves: false);
            undone.AddRange(await runner.RunAsync(items, isFirst: false, cancellationToken).ConfigureAwait(false));
            usedRoot |= runner.UsedRoot;
            touched.Add(items);
        }

        if (dryRun) return result with { Undone = undone, Duration = session.Options.Clock.GetElapsedTime(ticks) };
        result = result with { Undone = undone, Changed = undone.Any(u => u.Status == "done") };
        if (undone.Any(u => u.Status == "failed"))
        {
            // The journal stays, so that it can be tried again.
            return result with { Duration = session.Options.Clock.GetElapsedTime(ticks), Failure = UndoFailure.OfRollback(name, undone) };
        }

        var before = Before(snapshot, cut);
        var changes = RecordChanges.Between(snapshot, before, touched) with
        {
            Runs = [.. cut.Select(j => j.Run!.Run), .. snapshot.MuteRuns],
            Unfinished = [],
            Before = new Dictionary<string, string?>(),
        };
        var needed = before.Backups();
        changes = changes with { Backups = [.. cut.SelectMany(j => j.Backups).Distinct(StringComparer.Ordinal).Where(b => !needed.Contains(b))] };
        var script = RecordScript.Render(session.Paths, changes, session.Facts.Uid, session.Facts.Gid);
        await session.MustAsync("write the ledger", script, usedRoot, cancellationToken).ConfigureAwait(false);
        return result with { Duration = session.Options.Clock.GetElapsedTime(ticks) };
    }

    private void Check(LedgerSnapshot snapshot, List<RunJournal> cut)
    {
        if (cut.Count == 0)
        {
            throw new CharlyException(
                Errors.LedgerLater,
                $"{name}: a run of another deployment came after the one that was cut, and has taken what it did into the records",
                $"Finish it: charly bundle repair {name}. Or remove the deployment: charly bundle del {name}",
                target: name);
        }

        var oldest = cut[^1].Run!.Run;
        if (snapshot.Journals.FirstOrDefault(j => j.Run!.DeployName != name && string.CompareOrdinal(j.Run.Run, oldest) > 0) is { Run: { } later })
        {
            throw new CharlyException(
                Errors.LedgerLater,
                $"{name}: the run '{later.Describe()}' came after it, and was cut as well",
                $"First take that one back, or finish it: charly bundle repair {later.DeployName}",
                target: name);
        }
    }

    /// <summary>The records as the oldest of the cut runs found them: none of them may have come to writing its own.</summary>
    private static LedgerState Before(LedgerSnapshot snapshot, List<RunJournal> cut)
    {
        var files = new Dictionary<string, string>(snapshot.Files, StringComparer.Ordinal);
        foreach (var (file, text) in cut.SelectMany(j => j.Records))
        {
            if (text is null) files.Remove(file);
            else files[file] = text;
        }

        return LedgerSnapshot.ReadState(files);
    }
}
