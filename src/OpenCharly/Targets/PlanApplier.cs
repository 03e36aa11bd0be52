using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OpenCharly.Building;
using OpenCharly.Foundation;
using OpenCharly.Ledger;
using OpenCharly.Plans;

namespace OpenCharly.Targets;

/// <summary>Applies a plan: decides what runs, runs it, records it, and undoes what the deployment no longer includes.</summary>
/// <param name="session">The target.</param>
/// <param name="plan">The plan.</param>
/// <param name="options">How it is applied.</param>
/// <param name="render">Renders a step.</param>
/// <param name="finished">The cut run that is being finished: files that it staged are used; null for a run of its own.</param>
internal sealed class PlanApplier(TargetSession session, InstallPlan plan, ApplyOptions options, Func<InstallStep, StepScript> render, string? finished = null)
{
    private readonly DateTimeOffset _start = session.Options.Clock.GetUtcNow();
    private readonly long _clock = session.Options.Clock.GetTimestamp();
    private IReadOnlyList<UndoResult> _undone = [];
    private IReadOnlyList<string> _notUndoable = [];

    public async Task<DeployResult> RunAsync(CancellationToken cancellationToken)
    {
        session.Operation = $"add {plan.Name}";
        var host = session.Options.Host;
        var snapshot = await session.LookAsync(cancellationToken).ConfigureAwait(false);
        if (!options.Force)
        {
            TargetBasis.CheckFacts(plan, snapshot.Facts, host);
            if (Settled(snapshot) is { } settled) return settled;
        }

        snapshot = await session.LockAsync(cancellationToken).ConfigureAwait(false);
        var ledger = await RecoveredLedger.FoldAsync(session, snapshot, plan.Name, cancellationToken).ConfigureAwait(false);
        if (!options.Force) TargetBasis.CheckRecords(plan, ledger.State, host);
        var steps = plan.Steps.Concat(LoginShellStep(ledger.State)).ToList();
        var (selected, check) = await StepSelection.DecideAsync(
            session, snapshot, ledger.State, plan, steps, Render, options.Force, cancellationToken).ConfigureAwait(false);
        foreach (var step in selected.Where(s => !s.Runs && s.Step.Index < plan.Steps.Count)) Report(step);
        var runs = selected.Where(s => s.Runs).ToList();
        var staged = finished is null ? new HashSet<string>() : await new LeftStage(session, finished).FindAsync(plan, runs, cancellationToken).ConfigureAwait(false);
        await StagingArchive.VerifyAsync(runs.SelectMany(s => s.Script!.Staged.Where(f => !staged.Contains(f.Name)).Concat(BuildInputs.Of(s.Step))), cancellationToken).ConfigureAwait(false);
        await CheckBuildsAsync([.. runs.Select(s => s.Step).Where(BuildInputs.IsBuilt)], cancellationToken).ConfigureAwait(false);
        if (!options.SkipPreflight) await PreflightAsync(runs, cancellationToken).ConfigureAwait(false);

        var run = Intent(snapshot);
        var runner = new BatchRunner(session, run, options, ledger, plan.Steps.Count - 1)
        {
            RepositoryClosed = IsRepositoryClosed,
            Plan = plan,
            StageRun = finished ?? run.Run,
            AlreadyStaged = staged,
        };
        await runner.RunAsync(runs, plan.Candies.ToDictionary(c => c.Name, c => c.Version, StringComparer.Ordinal), cancellationToken).ConfigureAwait(false);
        var failure = runner.Failure;
        if (runner.IsConnected) failure = await RecordAsync(snapshot, ledger, selected, check, runner, run, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<RetrievedArtifact> artifacts = [];
        if (failure is null && options.FetchTo is { } here)
        {
            try
            {
                artifacts = await new ArtifactRetrieval(session, plan, here).RunAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (CharlyException e)
            {
                failure = e;
            }
        }

        return Result(selected.Select(s => Result(s, runner))) with
        {
            Artifacts = artifacts,
            Undone = _undone,
            NotUndoable = _notUndoable,
            Changed = runner.Journal.Steps.Values.Any(s => s.Begun is not null) || _undone.Any(u => u.Status == "done"),
            Failure = failure,
        };
    }

    /// <summary>
    /// The result if everything stands and is on record: what was seen was true at that moment, so there is nothing to
    /// lock for. Null if something is to be done, or may be.
    /// </summary>
    private DeployResult? Settled(LedgerSnapshot snapshot)
    {
        if (snapshot.JournalFiles.Count > 0 || snapshot.Leftovers.Any(j => j.Run!.DeployName == plan.Name) || (options.FetchTo is not null && plan.Artifacts.Count > 0)) return null;
        var state = snapshot.State;
        TargetBasis.CheckRecords(plan, state, session.Options.Host);
        if (StepSelection.IfAllStand(session, snapshot, plan, [.. plan.Steps, .. LoginShellStep(state)]) is not { } found || found.Check.NeedsRefresh) return null;
        state = Complete(WithoutUntracedMarks(state, found.Steps), Intent(snapshot), ran: false);
        var changes = RecordChanges.Between(snapshot, state, new TouchedTraces());
        if (HasLeaving(state) || changes.Write.Count > 0 || changes.Delete.Count > 0) return null;
        foreach (var step in found.Steps.Where(s => s.Step.Index < plan.Steps.Count)) Report(step);
        return Result(found.Steps.Select(s => new StepResult { Step = s.Step, Status = s.Status, Reason = s.Reason }));
    }

    private DeployResult Result(IEnumerable<StepResult> steps) => new()
    {
        Name = plan.Name,
        Verb = "add",
        Plan = plan,
        Steps = [.. steps.Where(s => s.Step.Index < plan.Steps.Count)],
        Duration = session.Options.Clock.GetElapsedTime(_clock),
    };

    /// <summary>Deployments of this name that this one replaces. A part of a bundle says nothing about what the rest of it no longer includes.</summary>
    private List<string> Leaving(LedgerState state) => plan.Trimmed.Count > 0 ? [] :
        [.. state.Deploys.Values.Where(d => d.Name == plan.Name && d.Target == plan.Target && d.DeployId != plan.DeployId).Select(d => d.DeployId)];

    private static bool HasIdleLoginShell(LedgerState state) => state.Candies.ContainsKey(LedgerState.LoginShell) && !state.HasEnvFiles;

    private bool HasLeaving(LedgerState state) => HasIdleLoginShell(state) || Leaving(state).Count > 0;

    /// <summary>Makes the records say what is there now; a step's failure, or that of an operation that a re-add undid.</summary>
    private async Task<CharlyException?> RecordAsync(
        LedgerSnapshot snapshot, RecoveredLedger ledger, IReadOnlyList<SelectedStep> selected, TraceCheck check, BatchRunner runner, RunIntent run, CancellationToken cancellationToken)
    {
        var (state, failure) = (ledger.State, runner.Failure);
        var ran = runner.Journal.Steps.Count > 0;
        if (ran) state = LedgerFold.Apply(state, runner.Journal, runner.Journal.Run!.BootId, traced: true);
        state = WithoutUntracedMarks(state, selected);
        IReadOnlyList<string> backups = [];
        IReadOnlyList<UndoItem> undone = [];
        var usedRoot = runner.UsedRoot || ledger.UsedRoot;
        if (failure is null)
        {
            state = Complete(state, run, ran);
            if (HasLeaving(state))
            {
                var leaving = Leaving(state);
                var undo = UndoPlan.Of(state, leaving);
                _notUndoable = undo.NotUndoable;
                foreach (var what in _notUndoable) session.Progress.Report(new NoticeEvent(NoticeLevel.Warning, $"Cannot be undone: {what}"));
                var undoRunner = new UndoRunner(session, run with { Run = run.Run + "u", Verb = "del", DeployId = leaving.FirstOrDefault() ?? run.DeployId });
                (state, _undone) = await undoRunner.RunAsync(undo, isFirst: true, cancellationToken).ConfigureAwait(false);
                usedRoot |= undoRunner.UsedRoot;
                backups = undo.Backups(state);
                undone = undo.Items;
                if (_undone.Any(u => u.Status == "failed")) failure = UndoFailure.Of(plan.Name, _undone);
            }
        }

        var touched = new TouchedTraces();
        touched.Add(runner.Journal.Steps.Values);
        touched.Add(snapshot.Journals.SelectMany(j => j.Steps.Values).Where(s => s.Intent.PackageFormat is not null));
        touched.Add(undone);
        var refreshed = check.NeedsRefresh ? check.Doubtful(selected.Where(s => s.Status == StepStatus.Unchanged).Select(s => Recorded(ledger.State, s.Step)!)) : [];
        touched.Paths.UnionWith(refreshed);
        var changes = RecordChanges.Between(snapshot, state, touched);
        changes = changes with
        {
            Unfinished = ledger.Unfinished,
            Runs = [.. ledger.Runs, .. ran ? new[] { run.Run } : [], .. _undone.Count > 0 ? new[] { run.Run + "u" } : []],
            Backups = [.. changes.Backups.Concat(backups).Concat(runner.Journal.Backups.Except(state.Backups())).Distinct(StringComparer.Ordinal)],
        };
        if (changes.Write.Count == 0 && changes.Delete.Count == 0 && changes.Runs.Count == 0 && !check.NeedsRefresh) return failure;

        // Root-only files can be read by root alone; without root rights the traces are what the user can see.
        usedRoot |= session.Facts.Uid != 0 && refreshed.Count > 0 && selected.Any(s => s.Status == StepStatus.Unchanged && s.Script!.AsRoot);
        var script = RecordScript.Render(session.Paths, changes, session.Facts.Uid, session.Facts.Gid);
        await session.MustAsync("write the ledger", script, usedRoot, cancellationToken).ConfigureAwait(false);
        return failure;
    }

    /// <summary>The records of a run that succeeded: this id holds all its candies, and steps that the plan no longer has are forgotten.</summary>
    private LedgerState Complete(LedgerState state, RunIntent run, bool ran)
    {
        foreach (var candy in plan.Candies)
        {
            var trimmed = plan.Trimmed.Where(t => t.Candy == candy.Name).Select(t => t.Digest).ToList();
            if (trimmed.Count > 0 && plan.Steps.All(s => s.Candy != candy.Name)) continue;
            var digests = plan.Steps.Where(s => s.Candy == candy.Name).Select(s => s.Digest).Concat(trimmed).ToHashSet(StringComparer.Ordinal);
            var record = state.Candies.GetValueOrDefault(candy.Name) ?? LedgerFold.Empty(run, candy.Name, candy.Version);
            state = state.With(record with
            {
                Version = candy.Version.Length > 0 ? candy.Version : record.Version,
                DeployedBy = record.DeployedBy.Contains(plan.DeployId) ? record.DeployedBy : [.. record.DeployedBy, plan.DeployId],
                Steps = [.. record.Steps.Where(s => digests.Contains(s.Extra.GetValueOrDefault(LedgerExtra.Digest, "")))],
            });
        }

        var fresh = LedgerFold.Deploy(run);
        var old = state.Deploys.GetValueOrDefault(plan.DeployId);
        return state.With(old is null ? fresh : fresh with { DeployedAt = ran ? fresh.DeployedAt : old.DeployedAt, Tag = old.Tag });
    }

    private static LedgerState WithoutUntracedMarks(LedgerState state, IReadOnlyList<SelectedStep> selected)
    {
        foreach (var step in selected.Where(s => s.Status == StepStatus.Unchanged))
        {
            if (Recorded(state, step.Step) is not { } recorded || !recorded.Extra.ContainsKey(LedgerExtra.Untraced)) continue;
            var record = state.Candies[step.Step.Candy];
            state = state.With(record with
            {
                Steps = [.. record.Steps.Select(s => ReferenceEquals(s, recorded) ? s with { Extra = s.Extra.With(LedgerExtra.Untraced, null) } : s)],
            });
        }

        return state;
    }

    private static RecordedStep? Recorded(LedgerState state, InstallStep step) =>
        state.Candies.GetValueOrDefault(step.Candy)?.Steps.FirstOrDefault(s => s.Extra.GetValueOrDefault(LedgerExtra.Digest) == step.Digest);

    private async Task CheckBuildsAsync(IReadOnlyList<InstallStep> steps, CancellationToken cancellationToken)
    {
        if (steps.Count == 0) return;
        var builder = session.Options.Builder ?? throw new CharlyException(
            Errors.PlanBuilder,
            $"{steps[0].Candy}: \"{steps[0].Summary}\" is built on this machine, and nothing here builds",
            "Leave the step out: pipe the plan through Where-Object and apply what is left.",
            target: steps[0].Candy);
        await builder.CheckAsync(steps, cancellationToken).ConfigureAwait(false);
    }

    private async Task PreflightAsync(List<SelectedStep> runs, CancellationToken cancellationToken)
    {
        // If the first batch runs as root, it is its own proof: without root rights nothing of it happens.
        if (session.Facts.Uid == 0 || !runs.Any(s => s.Script!.AsRoot) || runs[0].Script!.AsRoot) return;
        var result = await session.RunAsync("true", asRoot: true, null, cancellationToken).ConfigureAwait(false);
        if (result.Succeeded) return;
        throw new CharlyException(
            Errors.SudoMissing,
            $"{plan.Name}: root rights are needed on {session.Options.Host}, and sudo does not give them: {result.Tail(1)}",
            "Allow the user passwordless sudo on that machine, or log in as root.",
            target: plan.Name);
    }

    private RunIntent Intent(LedgerSnapshot snapshot) => new()
    {
        Run = _start.UtcDateTime.ToString("yyyyMMdd'T'HHmmssfff", CultureInfo.InvariantCulture) + "-" + RandomNumberGenerator.GetHexString(6, lowercase: true),
        Verb = "add",
        DeployName = plan.Name,
        DeployId = plan.DeployId,
        Target = plan.Target,
        Image = plan.Box.Length > 0 ? plan.Box : plan.Ref,
        BuilderImage = plan.BuilderImage,
        Candies = [.. plan.Candies.Select(c => c.Name)],
        AddCandies = plan.AddCandies,
        Started = DateTimeOffset.FromUnixTimeSeconds(_start.ToUnixTimeSeconds()),
        BootId = snapshot.BootId,
        Owner = session.Options.Owner,
    };

    /// <summary>The block that has log-in shells read the environment files, as a step behind all others.</summary>
    private IEnumerable<InstallStep> LoginShellStep(LedgerState state)
    {
        if (!state.HasEnvFiles && !plan.Steps.Any(s => s is ShellHookStep { Enabled: true })) return [];
        var block = LoginShellBlock.For(plan.LoginShell, session.Facts.Home);
        return
        [
            new ShellSnippetStep
            {
                Candy = LedgerState.LoginShell,
                Index = plan.Steps.Count,
                Scope = StepScope.UserProfile,
                Shell = plan.LoginShell,
                Snippet = block.Body,
                Destination = block.Path,
                Marker = LedgerState.LoginShell,
                Digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{block.Path}\0{block.Body}"))),
                Reverse =
                [
                    new ReverseOp
                    {
                        Kind = ReverseKinds.RemoveManagedBlock,
                        Targets = [block.Path],
                        Scope = StepScope.UserProfile,
                        Extra = new Dictionary<string, string> { [LedgerExtra.Marker] = LedgerState.LoginShell },
                    },
                ],
            },
        ];
    }

    private StepScript Render(InstallStep step)
    {
        if (step is not ShellSnippetStep { Candy: LedgerState.LoginShell } snippet) return render(step);
        var block = new LoginShellBlock(snippet.Destination, snippet.Snippet);
        var folders = new List<string>();
        for (var at = block.Path.LastIndexOf('/'); at > session.Facts.Home.Length; at = block.Path.LastIndexOf('/', at - 1)) folders.Add(block.Path[..at]);
        return new StepScript { Body = block.RenderWrite(), AsRoot = false, Paths = [block.Path], Folders = folders };
    }

    private bool IsRepositoryClosed(string candy) => plan.Steps.Any(s =>
        s.Candy == candy && s.Gate == StepGate.AllowRepoChanges && (!s.Enabled || !plan.Gates.AllowRepoChanges));

    private void Report(SelectedStep step)
    {
        var status = step.Status == StepStatus.Unchanged ? "unchanged" : "skipped";
        session.Progress.Report(new StepFinishedEvent(step.Step.Index, status, TimeSpan.Zero, step.Reason) { Total = plan.Steps.Count });
    }

    private static StepResult Result(SelectedStep selected, BatchRunner runner)
    {
        var result = new StepResult { Step = selected.Step, Status = selected.Status, Reason = selected.Reason };
        if (!selected.Runs) return result;
        var index = selected.Step.Index;
        if (runner.FailedBuild == index)
        {
            return result with { Status = StepStatus.Failed, Reason = runner.Failure!.Message.Split('\n')[0], Output = runner.OutputOf(index) };
        }

        if (runner.Journal.Steps.GetValueOrDefault(selected.Step.Index) is not { Begun: { } begun } step)
        {
            return result with { Reason = runner.Failure is null ? "the script ended early" : "an earlier step failed" };
        }

        return result with
        {
            Status = step.Succeeded ? StepStatus.Done : StepStatus.Failed,
            Reason = step.Succeeded ? null : step.ExitCode is { } code ? $"exit code {code}" : "cut off; may be half done",
            Duration = (step.Ended ?? begun) - begun + runner.BuildTime(index),
            ExitCode = step.ExitCode,
            Output = runner.OutputOf(selected.Step.Index),
        };
    }
}
