using OpenCharly.Foundation;
using OpenCharly.Ledger;
using OpenCharly.Plans;

namespace OpenCharly.Targets;

/// <summary>Finishes or takes back the run of a deployment that was cut. All that it needs is on the target.</summary>
internal sealed class RunRepairer(TargetSession session, string name, RepairOptions options, Func<InstallPlan, InstallStep, StepScript> render)
{
    public async Task<DeployResult?> RunAsync(CancellationToken cancellationToken)
    {
        session.Operation = $"{(options.Rollback ? "rollback of" : "repair")} {name}";
        var snapshot = await session.LookAsync(cancellationToken).ConfigureAwait(false);
        if (Of(snapshot).Count == 0)
        {
            if (options is { Rollback: true, DryRun: false } && IsHollow(snapshot)) await SweepAsync(cancellationToken).ConfigureAwait(false);
            return null;
        }

        if (!options.DryRun) snapshot = await session.LockAsync(cancellationToken).ConfigureAwait(false);
        var cut = Of(snapshot);

        // Somebody may have finished it while we waited for the lock.
        if (cut.Count == 0) return null;
        if (options.Rollback) return await new RunRollback(session, name, options.DryRun).RunAsync(snapshot, cancellationToken).ConfigureAwait(false);

        // The undoing that ends an add is part of it, and has no plan of its own.
        var last = cut.LastOrDefault(j => j.Run!.Verb == "add") is { } add && cut[^1].Run!.Run.StartsWith(add.Run!.Run, StringComparison.Ordinal) ? add : cut[^1];
        var run = last.Run!;
        if (run.Verb == "del")
        {
            var removal = new RemoveOptions { KeepRepoChanges = run.KeepRepoChanges, KeepServices = run.KeepServices, DryRun = options.DryRun };
            return await new DeploymentRemover(session, name, removal).RunAsync(cancellationToken).ConfigureAwait(false);
        }

        var plan = last.Plan is { } text ? PlanJson.Read(text, "the plan on the target")[0] : throw new CharlyException(
            Errors.PlanStale,
            $"{name}: the journal of the cut run holds no plan",
            $"Run in the project: charly bundle add {name}. Or take the run back: charly bundle repair {name} --rollback",
            target: name);

        // The run itself changed what the plan took for granted of its target.
        plan = plan with { Basis = null };
        if (options.DryRun) return new DeployResult { Name = name, Verb = "add", Plan = plan, DryRun = true };
        var how = options.OptionsFor is { } find ? await find(plan, cancellationToken).ConfigureAwait(false) : new ApplyOptions();
        return await new PlanApplier(session, plan, how, step => render(plan, step), run.Run).RunAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether there are folders of a ledger and nothing in them that tells anything: a run that was cut before it began made them, be it before it had written down that it held the lock.</summary>
    private static bool IsHollow(LedgerSnapshot snapshot) => snapshot is { Exists: true, State.IsEmpty: true, Journals.Count: 0, Leftovers.Count: 0 };

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        var snapshot = await session.LockAsync(cancellationToken).ConfigureAwait(false);
        if (!IsHollow(snapshot)) return;
        var script = RecordScript.Render(session.Paths, new RecordChanges { IsEmpty = true, Runs = snapshot.MuteRuns }, session.Facts.Uid, session.Facts.Gid);
        await session.MustAsync("take the empty ledger away", script, asRoot: false, cancellationToken).ConfigureAwait(false);
    }

    private List<RunJournal> Of(LedgerSnapshot snapshot) =>
        [.. snapshot.Leftovers.Concat(snapshot.Journals).Where(j => j.Run!.DeployName == name).OrderBy(j => j.Run!.Run, StringComparer.Ordinal)];
}
