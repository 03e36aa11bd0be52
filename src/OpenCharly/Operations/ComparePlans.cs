using OpenCharly.Foundation;
using OpenCharly.Targets;

namespace OpenCharly.Operations;

/// <summary>What one plan would change, or why that can't be told.</summary>
/// <param name="Name">Deploy key.</param>
/// <param name="Changes">One a step; empty after a failure.</param>
/// <param name="Failure">The failure; null if there was none.</param>
public sealed record PlanComparison(string Name, IReadOnlyList<PlanChange> Changes, CharlyException? Failure);

/// <summary>Compares bundles with many targets, some at a time.</summary>
/// <param name="context">What it works with.</param>
public sealed class ComparePlans(CharlyContext context)
{
    /// <summary>Compares each as <see cref="ComparePlan"/> does; an error ends the work on its own target only.</summary>
    /// <param name="requests">The requests.</param>
    /// <param name="throttle">How many targets are asked at a time, from 1.</param>
    /// <param name="cancellationToken">Stops all.</param>
    /// <returns>The comparisons, in the order of the requests.</returns>
    public async Task<IReadOnlyList<PlanComparison>> RunAsync(
        IReadOnlyList<BundleRequest> requests, int throttle = AddBundles.DefaultThrottle, CancellationToken cancellationToken = default)
    {
        var answers = await TargetAnswers.AskAsync(requests, r => r.Name, throttle, new ComparePlan(context).RunAsync, cancellationToken).ConfigureAwait(false);
        return [.. answers.Select(a => new PlanComparison(a.Name, a.Answer ?? [], a.Failure))];
    }
}
