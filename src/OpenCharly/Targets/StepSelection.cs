using OpenCharly.Foundation;
using OpenCharly.Ledger;
using OpenCharly.Plans;

namespace OpenCharly.Targets;

/// <summary>What becomes of a step before anything runs.</summary>
/// <param name="Step">The step.</param>
/// <param name="Script">The step as bash; null if it is skipped, or if all steps stand.</param>
/// <param name="Status"><see cref="StepStatus.NotRun"/> if it is to run, else why it does not.</param>
/// <param name="Reason">The reason, for people.</param>
internal sealed record SelectedStep(InstallStep Step, StepScript? Script, StepStatus Status, string? Reason)
{
    public bool Runs => Status == StepStatus.NotRun;
}

/// <summary>
/// Decides which steps of a plan run: those that the ledger does not know, those whose traces no longer stand, and
/// opaque ones behind a step of their candy that runs (candy-and-plan.md §6.4).
/// </summary>
internal static class StepSelection
{
    public static async Task<(IReadOnlyList<SelectedStep> Steps, TraceCheck Check)> DecideAsync(
        TargetSession session, LedgerSnapshot snapshot, LedgerState state, InstallPlan plan, IReadOnlyList<InstallStep> steps,
        Func<InstallStep, StepScript> render, bool force, CancellationToken cancellationToken)
    {
        var check = new TraceCheck(snapshot);
        var recorded = steps.Where(s => s.Enabled && !force).ToDictionary(s => s.Index, s => TargetBasis.Record(state, s.Candy, s.Digest));
        var known = recorded.Values.OfType<RecordedStep>().ToList();
        await LookCloserAsync(session, check, known, cancellationToken).ConfigureAwait(false);
        if (!force) TargetBasis.CheckTraces(plan, state, check, session.Options.Host);
        var result = new List<SelectedStep>();
        var changed = new HashSet<string>(StringComparer.Ordinal);
        var written = new HashSet<string>(StringComparer.Ordinal);
        var history = new WriteHistory();
        foreach (var step in steps)
        {
            if (WhySkipped(session.Options, session.Facts, plan, step) is { } skipped)
            {
                result.Add(new SelectedStep(step, null, StepStatus.Skipped, skipped));
                continue;
            }

            var script = render(step);
            var paths = script.Paths.Concat(PathsOnRecord(state, step)).ToList();
            if (recorded.GetValueOrDefault(step.Index) is { } record && (script.LeavesTraces || !changed.Contains(step.Candy)))
            {
                // What an earlier step of this run is about to write over can't stay as it is.
                var why = paths.Find(written.Contains) is { } shared ? $"{shared} is written anew by an earlier step" : history.WhyNot(step.Candy, record) ?? check.WhyNot(record);
                if (why is null)
                {
                    history.Add(step.Candy, record);
                    result.Add(Unchanged(step, script, record));
                    continue;
                }

                session.Progress.Report(new NoticeEvent(NoticeLevel.Info, $"{step.Candy}: {why}; doing \"{step.Summary}\" again."));
            }

            changed.Add(step.Candy);
            written.UnionWith(paths);
            result.Add(new SelectedStep(step, script, StepStatus.NotRun, null));
        }

        return (result, check);
    }

    /// <summary>The steps if it can be told without a closer look that none is to run; else null.</summary>
    public static (IReadOnlyList<SelectedStep> Steps, TraceCheck Check)? IfAllStand(
        TargetSession session, LedgerSnapshot snapshot, InstallPlan plan, IReadOnlyList<InstallStep> steps)
    {
        var check = new TraceCheck(snapshot);
        var result = new List<SelectedStep>();
        var known = new List<RecordedStep>();
        var history = new WriteHistory();
        foreach (var step in steps)
        {
            if (WhySkipped(session.Options, session.Facts, plan, step) is { } skipped)
            {
                result.Add(new SelectedStep(step, null, StepStatus.Skipped, skipped));
                continue;
            }

            if (TargetBasis.Record(snapshot.State, step.Candy, step.Digest) is not { } record || history.WhyNot(step.Candy, record) is not null) return null;
            history.Add(step.Candy, record);
            result.Add(Unchanged(step, null, record));
            known.Add(record);
        }

        if (check.Doubtful(known).Count > 0 || check.DoubtfulPackages(known).Count > 0) return null;
        return known.All(r => check.WhyNot(r) is null) ? (result, check) : null;
    }

    /// <summary>Why a plan leaves a step out, for people.</summary>
    public static string Describe(InstallStep step) => step.Skip switch
    {
        SkipReason.GateClosed => $"needs --{PlanGates.FlagOf(step.Gate)}",
        SkipReason.NotSupportedOnTarget => "not supported on this target",
        SkipReason.ShellAbsent => "the shell is not installed there",
        SkipReason.Incompatible => "no section for this distribution",
        SkipReason.NoPackageManager => "no known package manager there",
        SkipReason.InitSystem => "another init system runs the target",
        SkipReason.NoSource => "its sources are not there",
        _ => "",
    };

    /// <summary>Why a step is left out on this target, for people; null if it is not.</summary>
    public static string? WhySkipped(LinuxTargetOptions options, TargetFacts facts, InstallPlan plan, InstallStep step)
    {
        if (!step.Enabled) return Describe(step);
        if (!plan.Gates.Allows(step.Gate)) return $"needs --{PlanGates.FlagOf(step.Gate)}";
        if (step.Venue == StepVenue.Skip) return "not supported on this target";
        if (step is RebootStep && !options.CanReboot) return "this machine is not rebooted";
        return step is ServicePackagedStep or ServiceCustomStep && !facts.HasSystemd ? "systemd does not run there" : null;
    }

    private static SelectedStep Unchanged(InstallStep step, StepScript? script, RecordedStep record) =>
        new(step, script, StepStatus.Unchanged, $"done {LedgerJson.Time(record.CompletedAt)}");

    /// <summary>What a step wrote when it last ran, also where the plan alone does not tell.</summary>
    private static IEnumerable<string> PathsOnRecord(LedgerState state, InstallStep step) =>
        (state.Candies.GetValueOrDefault(step.Candy)?.ReverseOps ?? [])
            .Where(o => ReverseOps.IsFile(o.Kind) && o.Extra.GetValueOrDefault(LedgerExtra.Digest) == step.Digest).SelectMany(o => o.Targets);

    private static async Task LookCloserAsync(TargetSession session, TraceCheck check, List<RecordedStep> known, CancellationToken cancellationToken)
    {
        var paths = check.Doubtful(known);
        var packages = check.DoubtfulPackages(known);
        if (paths.Count == 0 && packages.Count == 0) return;
        var nonce = TargetSession.NewNonce();
        var script = InspectScript.Render(nonce, session.Paths, paths, check.DoubtfulBlocks(known), packages);
        var asRoot = session.Facts.Uid != 0 && known.Any(k => k.Scope == StepScope.System && Stamps.PathsOf(k).Any(paths.Contains));
        Execution.CommandResult result;
        try
        {
            result = await session.RunAsync(script, asRoot, null, cancellationToken).ConfigureAwait(false);
        }
        catch (CharlyException e) when (asRoot && e.Code == Errors.SudoMissing)
        {
            // What the user can't see counts as changed; the preflight will then say that root rights are missing.
            await session.ReopenAsync(cancellationToken).ConfigureAwait(false);
            result = await session.RunAsync(script, asRoot: false, null, cancellationToken).ConfigureAwait(false);
        }

        check.Use(InspectScript.Parse(result.StandardOutput, nonce));
    }
}
