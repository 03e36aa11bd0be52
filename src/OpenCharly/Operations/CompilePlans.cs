using OpenCharly.Plans;

namespace OpenCharly.Operations;

/// <summary>Compiles plans for many targets, some at a time.</summary>
/// <param name="context">What it works with.</param>
public sealed class CompilePlans(CharlyContext context)
{
    /// <summary>Compiles each as <see cref="CompilePlan"/> does; the first error ends all, because half a set of plans is none.</summary>
    /// <param name="requests">The requests.</param>
    /// <param name="throttle">How many targets are asked at a time, from 1.</param>
    /// <param name="cancellationToken">Stops all.</param>
    /// <returns>The plans, in the order of the requests.</returns>
    public async Task<IReadOnlyList<InstallPlan>> RunAsync(
        IReadOnlyList<BundleRequest> requests, int throttle = AddBundles.DefaultThrottle, CancellationToken cancellationToken = default)
    {
        var plans = new InstallPlan[requests.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = throttle, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, requests.Count, options, async (i, stop) =>
            plans[i] = await new CompilePlan(context).RunAsync(requests[i], stop).ConfigureAwait(false)).ConfigureAwait(false);
        return plans;
    }
}
