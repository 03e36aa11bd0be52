using System.Text;
using OpenCharly.Building;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Ledger;
using OpenCharly.Plans;

namespace OpenCharly.Targets;

/// <summary>Runs selected steps in batches, and collects what each did.</summary>
internal sealed class BatchRunner(TargetSession session, RunIntent run, ApplyOptions options, RecoveredLedger ledger, int lastIndex)
{
    private readonly SecretMask _mask = new(options.Secrets);
    private readonly Dictionary<int, StringBuilder> _output = [];
    private readonly Dictionary<string, HashSet<string>> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _kept = new(StringComparer.Ordinal);
    private readonly HashSet<int> _reported = [];
    private readonly Dictionary<int, TimeSpan> _built = [];
    private readonly StringBuilder _stray = new();
    private int _batches;
    private int? _building;

    /// <summary>Whether a candy's repository steps were left out because their gate is closed.</summary>
    public Func<string, bool>? RepositoryClosed { get; init; }

    /// <summary>The plan, for those who may have to finish the run.</summary>
    public required InstallPlan Plan { get; init; }

    /// <summary>The run whose staging folder is used: that of a cut one that is being finished, else this run's own.</summary>
    public string StageRun { get; init; } = run.Run;

    /// <summary>Names of files that are in that folder already.</summary>
    public IReadOnlySet<string> AlreadyStaged { get; init; } = new HashSet<string>();

    /// <summary>What the target's journal says about this run.</summary>
    public RunJournal Journal { get; } = new();

    /// <summary>Whether anything ran as root.</summary>
    public bool UsedRoot { get; private set; }

    /// <summary>Why the run ended early; null if it did not.</summary>
    public CharlyException? Failure { get; private set; }

    /// <summary>Whether the target can still be told: false after a lost connection.</summary>
    public bool IsConnected { get; private set; } = true;

    /// <summary>The step whose build on this machine failed; null if none did.</summary>
    public int? FailedBuild => Failure is null ? null : _building;

    /// <summary>How long a step took to build on this machine.</summary>
    public TimeSpan BuildTime(int index) => _built.GetValueOrDefault(index);

    /// <summary>What a step printed.</summary>
    public string OutputOf(int index) => _output.GetValueOrDefault(index)?.ToString() ?? "";

    /// <summary>Runs the steps, in order, until one fails.</summary>
    public async Task RunAsync(IReadOnlyList<SelectedStep> steps, IReadOnlyDictionary<string, string> versions, CancellationToken cancellationToken)
    {
        for (var at = 0; at < steps.Count && Failure is null;)
        {
            var count = 1;
            while (at + count < steps.Count && SameBatch(steps[at], steps[at + count])) count++;
            // All files travel with the first batch, but those that are built on the way: what is cut later can be
            // finished from what is on the target.
            var files = at > 0 ? [] : steps.Where(s => !BuildInputs.IsBuilt(s.Step)).SelectMany(s => s.Script!.Staged);
            await RunBatchAsync([.. steps.Skip(at).Take(count)], [.. files], versions, cancellationToken).ConfigureAwait(false);
            at += count;
        }
    }

    private bool SameBatch(SelectedStep a, SelectedStep b) =>
        a.Step is not RebootStep && b.Step is not RebootStep && AsRoot(a) == AsRoot(b) && !BuildInputs.IsBuilt(b.Step);

    private bool AsRoot(SelectedStep step) => step.Script!.AsRoot && session.Facts.Uid != 0;

    private async Task RunBatchAsync(
        IReadOnlyList<SelectedStep> selected, List<StagedFile> files, IReadOnlyDictionary<string, string> versions, CancellationToken cancellationToken)
    {
        var asRoot = AsRoot(selected[0]);
        var nonce = TargetSession.NewNonce();
        try
        {
            var batch = new List<BatchStep>();
            foreach (var step in selected) batch.Add(await PrepareAsync(step, versions, cancellationToken).ConfigureAwait(false));
            files.AddRange(batch.Where((_, i) => BuildInputs.IsBuilt(selected[i].Step)).SelectMany(s => s.Script.Staged));
            files.RemoveAll(f => AlreadyStaged.Contains(f.Name));
            var script = await RenderAsync(batch, files, nonce, cancellationToken).ConfigureAwait(false);
            UsedRoot |= asRoot;
            _batches++;
            var output = new BatchOutput(nonce, Journal) { Started = OnStarted, Line = OnLine, Finished = OnFinished };
            var result = await session.RunAsync(script, asRoot, output.Take, cancellationToken).ConfigureAwait(false);
            output.Flush();
            Conclude(batch, selected, result);
            if (selected[0].Step is RebootStep && Failure is null) await RebootAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (CharlyException e) when (e.Code != Errors.SudoMissing || _batches > 1)
        {
            IsConnected = e.Code == Errors.PlanFiles || (_building is not null && e.Code.Kind != ErrorKind.Unreachable);
            Failure = e;
        }
    }

    private async Task<BatchStep> PrepareAsync(SelectedStep selected, IReadOnlyDictionary<string, string> versions, CancellationToken cancellationToken)
    {
        var (step, script) = (selected.Step, selected.Script!);
        if (BuildInputs.IsBuilt(step)) (step, script) = await BuildAsync(step, script, cancellationToken).ConfigureAwait(false);
        if (!_known.TryGetValue(step.Candy, out var known))
        {
            _kept[step.Candy] = new HashSet<string>(StringComparer.Ordinal);
            _known[step.Candy] = known = ReverseOps.KnownPaths(ledger.State.Candies.GetValueOrDefault(step.Candy)?.ReverseOps ?? []);
        }

        var kept = _kept[step.Candy];
        var intent = StepIntent.Of(step, script, versions.GetValueOrDefault(step.Candy), known, kept);
        kept.UnionWith(intent.Watch.Select(w => w.Path));
        var secrets = step is OpStep op
            ? op.Secrets.Where(options.Secrets.ContainsKey).ToDictionary(s => s, s => options.Secrets[s], StringComparer.Ordinal)
            : new Dictionary<string, string>();
        return new BatchStep(intent, script, secrets) { IsResumed = ledger.Resumed.Contains(step.Digest) };
    }

    private async Task<(InstallStep Step, StepScript Script)> BuildAsync(InstallStep step, StepScript script, CancellationToken cancellationToken)
    {
        var clock = session.Options.Clock;
        var start = clock.GetTimestamp();
        _building = step.Index;
        session.Progress.Report(new StepStartedEvent(step.Index, step.Candy, step.Kind.ToString(), step.Summary) { Total = lastIndex + 1 });
        var made = ledger.State.Candies.GetValueOrDefault(step.Candy)?.ReverseOps
            .Where(o => o.Kind == ReverseKinds.RemoveFolder && o.Extra.GetValueOrDefault(LedgerExtra.Prior) == PriorState.Absent.Kind)
            .SelectMany(o => o.Targets) ?? [];
        try
        {
            var built = await session.Options.Builder!.BuildAsync(
                new BuildRequest(step, script, session.Facts)
                {
                    Owned = made.ToHashSet(StringComparer.Ordinal),
                    Ask = (question, token) => session.RunAsync(question, asRoot: false, null, token),
                    Output = line => OnLine(step.Index, line),
                },
                cancellationToken).ConfigureAwait(false);
            _built[step.Index] = clock.GetElapsedTime(start);
            _building = null;
            return (step with { Reverse = built.Reverse }, built.Script);
        }
        catch (CharlyException e)
        {
            session.Progress.Report(new StepFinishedEvent(step.Index, "failed", clock.GetElapsedTime(start), e.Message.Split('\n')[0]));
            throw;
        }
    }

    private async Task<string> RenderAsync(List<BatchStep> batch, List<StagedFile> files, string nonce, CancellationToken cancellationToken)
    {
        var facts = session.Facts;
        var stage = $"{session.Paths.Stage}/{StageRun}";
        var unpack = await StageAsync(files, stage, cancellationToken).ConfigureAwait(false);
        var prologue = JournalPrologue.Render(nonce, session.Paths, run.Run, facts.Uid, facts.Gid, batch.Any(s => s.Script.PackageFormat is not null));
        var packed = _batches == 0 ? PackedText.Pack(PlanJson.WriteCompact(Plan)) : null;
        if (packed is not null) Journal.Apply("I\t" + run.ToJson());
        foreach (var step in batch) Journal.Apply("S\t" + step.Intent.ToJson());
        return BatchScript.Render(run, packed, prologue, batch, stage, unpack, facts.Machine);
    }

    private async Task<string> StageAsync(List<StagedFile> files, string stage, CancellationToken cancellationToken)
    {
        if (files.Count == 0) return "";
        await StagingArchive.VerifyAsync(files, cancellationToken).ConfigureAwait(false);
        var archive = await StagingArchive.PackAsync(files, cancellationToken).ConfigureAwait(false);
        await using var _ = archive.ConfigureAwait(false);
        if (archive.Length <= StagingArchive.InlineLimit)
        {
            var bytes = new byte[archive.Length];
            await archive.ReadExactlyAsync(bytes, cancellationToken).ConfigureAwait(false);
            return BatchScript.Unpack(bytes);
        }

        var path = $"{stage}.{_batches}.tar";
        await session.PutAsync(archive, path, cancellationToken).ConfigureAwait(false);
        return BatchScript.UnpackFile(path);
    }

    /// <summary>The machine goes down by itself a second after the step; the run goes on when it is up again.</summary>
    private async Task RebootAsync(CancellationToken cancellationToken)
    {
        await session.CloseAsync().ConfigureAwait(false);
        await new GuestReboot(session).WaitAsync(Journal.Run!.BootId, cancellationToken).ConfigureAwait(false);
        await session.ReopenAsync(cancellationToken).ConfigureAwait(false);
        var snapshot = await session.LookAsync(cancellationToken).ConfigureAwait(false);

        // It went down in order, so what was journalled before is on its disk: the run goes on under the new boot id.
        var line = "I\t" + (run with { BootId = snapshot.BootId }).ToJson();
        Journal.Apply(line);
        var file = Shell.Quote(session.Paths.JournalFile(run.Run));
        await session.MustAsync("write the journal", $"printf '%s\\n' {Shell.Quote(line)} >>{file} && sync -- {file}", asRoot: false, cancellationToken).ConfigureAwait(false);
    }

    private void Conclude(List<BatchStep> batch, IReadOnlyList<SelectedStep> selected, CommandResult result)
    {
        if (batch.Find(s => Journal.Steps[s.Intent.Index] is { ExitCode: not null and not 0 }) is { } failed)
        {
            Failure = Explain(failed, selected.First(s => s.Step.Index == failed.Intent.Index).Step);
        }
        else if (batch.Exists(s => !Journal.Steps[s.Intent.Index].Succeeded))
        {
            Failure = new CharlyException(
                Errors.RunTarget,
                $"{session.Options.Host}: the script ended with {result.ExitCode} before its steps did: {_mask.Apply(_stray.Length > 0 ? _stray.ToString().Trim() : result.Tail(3))}",
                $"Look at {session.Paths.Root} on the target: its owner, mode and free space. Then run the same command again.",
                target: session.Options.Host);
        }
    }

    private CharlyException Explain(BatchStep failed, InstallStep step)
    {
        var intent = failed.Intent;
        var lines = OutputOf(intent.Index).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var tail = lines.Length == 0 ? "" : "\n" + string.Join('\n', lines.TakeLast(8));
        return new CharlyException(
            Errors.RunStep,
            $"{intent.Candy}: {(intent.Index > lastIndex ? "the last step" : $"step {intent.Index + 1} of {lastIndex + 1}")} ({intent.Kind}: {intent.Summary}) failed with exit code {Journal.Steps[intent.Index].ExitCode}{tail}",
            step is SystemPackagesStep && RepositoryClosed?.Invoke(intent.Candy) == true
                ? "A repository of this candy was left out. Run the same command with --allow-repo-changes."
                : "Mend what the output names, then run the same command again: steps that are done are not repeated.",
            target: intent.Candy);
    }

    private void OnStarted(int index)
    {
        // What was built first has told of its begin already.
        if (index > lastIndex || _built.ContainsKey(index) || !Journal.Steps.TryGetValue(index, out var step)) return;
        session.Progress.Report(new StepStartedEvent(index, step.Intent.Candy, step.Intent.Kind.ToString(), step.Intent.Summary)
        {
            Total = lastIndex + 1,
        });
    }

    private void OnLine(int? index, OutputLine line)
    {
        if (index is not { } step)
        {
            _stray.AppendLine(line.Text);
            return;
        }

        var text = _mask.Apply(line.Text);
        if (!_output.TryGetValue(step, out var buffer)) _output[step] = buffer = new StringBuilder();
        buffer.Append(text).Append('\n');
        if (step <= lastIndex) session.Progress.Report(new StepOutputEvent(step, line.IsError, text));
    }

    private void OnFinished(int index)
    {
        if (index > lastIndex || !Journal.Steps.TryGetValue(index, out var step) || !_reported.Add(index)) return;
        var duration = (step.Ended - step.Begun ?? TimeSpan.Zero) + BuildTime(index);
        session.Progress.Report(step.Succeeded
            ? new StepFinishedEvent(index, "done", duration, null) { Total = lastIndex + 1 }
            : new StepFinishedEvent(index, "failed", duration, $"exit code {step.ExitCode}") { Total = lastIndex + 1 });
    }
}
