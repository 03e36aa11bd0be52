using OpenCharly.Targets;

namespace OpenCharly.Operations;

/// <summary>Applies plans to their targets, some targets at a time.</summary>
/// <param name="context">What it works with.</param>
public sealed class ApplyPlans(CharlyContext context)
{
    /// <summary>
    /// Applies each as <see cref="ApplyPlan"/> does. An error ends the work on its own target only, and is that target's
    /// <see cref="DeployResult.Failure"/>; plans for one target are applied one after the other. Events name their target.
    /// </summary>
    /// <param name="requests">The requests.</param>
    /// <param name="throttle">How many targets are worked on at a time, from 1.</param>
    /// <param name="finished">Told each result as it comes.</param>
    /// <param name="cancellationToken">Stops all targets; what each of them finished is on record there.</param>
    /// <returns>The results, in the order of the requests.</returns>
    public Task<IReadOnlyList<DeployResult>> RunAsync(
        IReadOnlyList<ApplyPlanRequest> requests,
        int throttle = AddBundles.DefaultThrottle,
        Action<DeployResult>? finished = null,
        CancellationToken cancellationToken = default) =>
        TargetRuns.RunAsync(requests, r => r.Plan.Name, "add", throttle, new ApplyPlan(context).RunAsync, finished, cancellationToken);
}
