using OpenCharly.Checks.Probes;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Checks;

/// <summary>
/// Runs checks in a place. As many as possible go there as one script; a new one begins only where a check needs the
/// result of an earlier one, may have to be tried again, or runs on the operator's machine.
/// </summary>
/// <param name="target">Reaches the place; not disposed here.</param>
/// <param name="place">What is known of it.</param>
/// <param name="operatorMachine">Makes the way to the operator's machine, for checks that run from there; null to skip them.</param>
/// <param name="clock">Measures and waits.</param>
/// <param name="progress">Where events go.</param>
public sealed class CheckRunner(
    IExecutor target, CheckPlace place, Func<IExecutor>? operatorMachine, TimeProvider clock, IProgress<CharlyEvent> progress)
{
    private const string Activity = "checks";

    /// <summary>Runs the selected checks. What fails is a result, not an exception.</summary>
    /// <exception cref="CharlyException">The place does not answer: the executor's errors, or <see cref="Errors.RunTarget"/>
    /// if it has no usable bash or temporary folder.</exception>
    public async Task<IReadOnlyList<CheckResult>> RunAsync(CheckSuite suite, CheckSelection selection, CancellationToken cancellationToken = default)
    {
        var tasks = CheckSchedule.Of(suite, selection);
        var judge = new TaskJudge(tasks, place, hasOperatorMachine: operatorMachine is not null);
        var there = new ProbeVenue(target, place.Host, place.Facts.Format);
        await using var _ = there.ConfigureAwait(false);
        var here = new ProbeVenue(operatorMachine ?? (() => target), "this machine");
        await using var __ = here.ConfigureAwait(false);
        var venues = new Dictionary<string, ProbeVenue>(StringComparer.Ordinal) { [""] = there, ["host"] = here };
        foreach (var (peer, open) in place.Peers) venues["peer " + peer] = new ProbeVenue(open, peer);
        foreach (var venue in venues.Values) venue.KeepsFolder = tasks.Any(t => t.Check is CommandCheck { IsBackground: true });
        try
        {
            await RunAsync(tasks, judge, venues, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            foreach (var (name, venue) in venues.Where(v => v.Key.Length > 4)) await venue.DisposeAsync().ConfigureAwait(false);
        }

        return [.. tasks.Select(t => t.Result).OfType<CheckResult>()];
    }

    private async Task RunAsync(IReadOnlyList<CheckTask> tasks, TaskJudge judge, Dictionary<string, ProbeVenue> venues, CancellationToken cancellationToken)
    {
        for (var at = 0; at < tasks.Count;)
        {
            var batch = new List<PreparedTask>();
            for (; at < tasks.Count; at++)
            {
                if (batch.Count > 0 && TaskJudge.MustWait(tasks[at], batch)) break;
                if (judge.Prepare(tasks[at]) is not { } prepared) continue;
                if (batch.Count > 0 && prepared.Venue != batch[0].Venue) break;
                batch.Add(prepared);
                if (prepared.Check.Eventually is null) continue;
                at++;
                break;
            }

            if (batch.Count > 0) await RunBatchAsync(batch, venues[batch[0].Venue], judge, cancellationToken).ConfigureAwait(false);
            progress.Report(new ProgressEvent(Activity, at, tasks.Count, Activity, at == tasks.Count));
        }
    }

    private async Task RunBatchAsync(List<PreparedTask> batch, ProbeVenue venue, TaskJudge judge, CancellationToken cancellationToken)
    {
        var begin = clock.GetUtcNow();
        for (var attempt = 1; batch.Count > 0; attempt++)
        {
            var again = new List<PreparedTask>();
            var outcomes = await venue.AskAsync([.. batch.Select(b => new NumberedProbe(b.Task.Number, b.Probe, b.Check.IsParallel))], cancellationToken).ConfigureAwait(false);
            foreach (var prepared in batch)
            {
                var (verdict, duration) = outcomes[prepared.Task.Number];
                var isLast = clock.GetUtcNow() - begin + prepared.Check.RetryInterval > (prepared.Check.Eventually ?? TimeSpan.Zero);
                judge.Conclude(prepared, verdict, attempt == 1 ? duration : clock.GetUtcNow() - begin, attempt);
                if (prepared.Task.Result!.Status == CheckStatus.Fail && prepared.Check.Eventually is not null && !isLast) again.Add(prepared);
            }

            batch = again;
            if (batch.Count == 0) return;
            var next = batch[0];
            var seen = next.Task.Result!;
            progress.Report(new WaitEvent(next.Task.Id, 1, 1, begin + next.Check.Eventually!.Value, seen.Actual ?? seen.Message ?? "failed"));
            await Task.Delay(next.Check.RetryInterval, clock, cancellationToken).ConfigureAwait(false);
        }
    }
}
