using System.Globalization;
using System.Security.Cryptography;
using OpenCharly.Foundation;
using OpenCharly.Ledger;
using OpenCharly.Plans;

namespace OpenCharly.Targets;

/// <summary>Removes a deployment from a target: undoes what nobody else holds, and forgets it.</summary>
internal sealed class DeploymentRemover(TargetSession session, string name, RemoveOptions options)
{
    public async Task<DeployResult?> RunAsync(CancellationToken cancellationToken)
    {
        var clock = session.Options.Clock;
        var (start, ticks) = (clock.GetUtcNow(), clock.GetTimestamp());
        session.Operation = $"del {name}";
        var snapshot = await session.LookAsync(cancellationToken).ConfigureAwait(false);
        if (Matching(snapshot.State).Count == 0 && snapshot.Journals.Count == 0) return null;
        if (!options.DryRun) snapshot = await session.LockAsync(cancellationToken).ConfigureAwait(false);
        var ledger = options.DryRun
            ? new RecoveredLedger(snapshot.Journals.Aggregate(snapshot.State, (s, j) => LedgerFold.Apply(s, j, snapshot.BootId, traced: false)), new HashSet<string>(), [], [], false)
            : await RecoveredLedger.FoldAsync(session, snapshot, name, cancellationToken).ConfigureAwait(false);
        var leaving = Matching(ledger.State);
        if (leaving.Count == 0) return null;

        var undo = UndoPlan.Of(ledger.State, [.. leaving.Select(d => d.DeployId)], null, options.KeepRepoChanges, options.KeepServices);
        foreach (var what in undo.NotUndoable) session.Progress.Report(new NoticeEvent(NoticeLevel.Warning, $"Cannot be undone: {what}"));
        var result = new DeployResult { Name = name, Verb = "del", NotUndoable = undo.NotUndoable, DryRun = options.DryRun };
        if (options.DryRun) return result with { Undone = UndoRunner.Preview(undo), Duration = clock.GetElapsedTime(ticks) };

        var run = new RunIntent
        {
            Run = start.UtcDateTime.ToString("yyyyMMdd'T'HHmmssfff", CultureInfo.InvariantCulture) + "-" + RandomNumberGenerator.GetHexString(6, lowercase: true),
            Verb = "del",
            DeployName = name,
            DeployId = leaving[0].DeployId,
            Target = leaving[0].Target,
            KeepRepoChanges = options.KeepRepoChanges,
            KeepServices = options.KeepServices,
            Started = DateTimeOffset.FromUnixTimeSeconds(start.ToUnixTimeSeconds()),
            BootId = snapshot.BootId,
            Owner = session.Options.Owner,
        };
        var runner = new UndoRunner(session, run);
        var (state, undone) = await runner.RunAsync(undo, isFirst: true, cancellationToken).ConfigureAwait(false);
        var touched = new TouchedTraces();
        touched.Add(undo.Items);
        var changes = RecordChanges.Between(snapshot, state, touched);
        changes = changes with
        {
            Runs = [.. ledger.Runs, run.Run],
            Unfinished = ledger.Unfinished,
            Backups = [.. changes.Backups.Concat(undo.Backups(state)).Distinct(StringComparer.Ordinal)],
        };
        var script = RecordScript.Render(session.Paths, changes, session.Facts.Uid, session.Facts.Gid);
        await session.MustAsync("write the ledger", script, runner.UsedRoot || ledger.UsedRoot, cancellationToken).ConfigureAwait(false);
        return result with
        {
            Undone = undone,
            Changed = undone.Any(u => u.Status == "done"),
            Duration = clock.GetElapsedTime(ticks),
            Failure = undone.Any(u => u.Status == "failed") ? UndoFailure.Of(name, undone) : null,
        };
    }

    /// <summary>The records of the name; for this machine itself also those that an older version left without one.</summary>
    private List<DeployRecord> Matching(LedgerState state)
    {
        var named = state.Deploys.Values.Where(d => d.Name == name).ToList();
        if (named.Count > 0) return named;
        var target = name is "host" or "local" ? "host" : name;
        return [.. state.Deploys.Values.Where(d => d.Name is null && d.Target == target)];
    }
}
