using OpenCharly.Checks;

namespace OpenCharly.Operations;

/// <summary>Runs the checks of many bundles, some at a time.</summary>
/// <param name="context">What it works with.</param>
public sealed class CheckBundles(CharlyContext context)
{
    /// <summary>Checks each as <see cref="CheckBundle"/> does; an error ends the work on its own bundle only.</summary>
    /// <param name="requests">The requests.</param>
    /// <param name="throttle">How many targets are asked at a time, from 1.</param>
    /// <param name="cancellationToken">Stops all.</param>
    /// <returns>The answers, in the order of the requests.</returns>
    public Task<IReadOnlyList<TargetAnswer<CheckReport>>> RunAsync(
        IReadOnlyList<CheckRequest> requests, int throttle = AddBundles.DefaultThrottle, CancellationToken cancellationToken = default) =>
        TargetAnswers.AskAsync(requests, r => r.Name, throttle, new CheckBundle(context).RunAsync, cancellationToken);

    /// <summary>Verifies each as <see cref="VerifyBundle"/> does; an error ends the work on its own bundle only.</summary>
    /// <param name="requests">The requests.</param>
    /// <param name="throttle">How many targets are asked at a time, from 1.</param>
    /// <param name="cancellationToken">Stops all.</param>
    /// <returns>The answers, in the order of the requests.</returns>
    public Task<IReadOnlyList<TargetAnswer<BundleVerification>>> VerifyAsync(
        IReadOnlyList<CheckRequest> requests, int throttle = AddBundles.DefaultThrottle, CancellationToken cancellationToken = default) =>
        TargetAnswers.AskAsync(requests, r => r.Name, throttle, new VerifyBundle(context).RunAsync, cancellationToken);
}
