using OpenCharly.Targets;

namespace OpenCharly.Operations;

/// <summary>Applies bundles to many targets, some at a time.</summary>
/// <param name="context">What it works with.</param>
public sealed class AddBundles(CharlyContext context)
{
    /// <summary>How many targets are worked on at a time unless the user says otherwise.</summary>
    public const int DefaultThrottle = 4;

    /// <summary>
    /// Applies each request as <see cref="AddBundle"/> does. An error ends the work on its own target only, and is that
    /// target's <see cref="DeployResult.Failure"/>. Events name their target.
    /// </summary>
    /// <param name="requests">The requests.</param>
    /// <param name="throttle">How many targets are worked on at a time, from 1.</param>
    /// <param name="finished">Told each result as it comes.</param>
    /// <param name="cancellationToken">Stops all targets; what each of them finished is on record there.</param>
    /// <returns>The results, in the order of the requests.</returns>
    public Task<IReadOnlyList<DeployResult>> RunAsync(
        IReadOnlyList<BundleRequest> requests, int throttle = DefaultThrottle, Action<DeployResult>? finished = null, CancellationToken cancellationToken = default) =>
        TargetRuns.RunAsync(requests, r => r.Name, "add", throttle, new AddBundle(context).RunAsync, finished, cancellationToken);
}
