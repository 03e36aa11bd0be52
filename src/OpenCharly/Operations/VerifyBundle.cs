using OpenCharly.Checks;
using OpenCharly.Ledger;

namespace OpenCharly.Operations;

/// <summary>Tells whether a bundle is still as it was applied and does what it must.</summary>
/// <param name="context">What it works with.</param>
public sealed class VerifyBundle(CharlyContext context)
{
    /// <summary>Compares the ledger with the target, then runs the checks; errors as in <see cref="CheckBundle"/>.</summary>
    public async Task<BundleVerification> RunAsync(CheckRequest request, CancellationToken cancellationToken = default)
    {
        // What is in a guest's container is its image's; the guest's charly sees to the rest.
        if (await new CheckBundle(context).InGuestAsync(request, cancellationToken).ConfigureAwait(false) is { } there) return new BundleVerification(request.Name, [], there);
        return await new CheckBundle(context).OnTargetAsync(
            request,
            async (target, bundle, suite) =>
            {
                var drift = await target.GetDriftAsync([request.Name], cancellationToken).ConfigureAwait(false);
                GetDrift.TellUnseen(context.For(request.Name).Progress, target.Host, drift);
                var checks = await CheckBundle.CheckAsync(target, bundle, suite, request.Selection, cancellationToken).ConfigureAwait(false);
                return new BundleVerification(request.Name, [.. drift.Items.Select(i => i with { Target = target.Host })], checks);
            },
            cancellationToken).ConfigureAwait(false);
    }
}

/// <summary>Whether a bundle is as it was applied and does what it must.</summary>
/// <param name="Name">Deploy key.</param>
/// <param name="Drift">What is no longer as it was applied.</param>
/// <param name="Checks">What was checked.</param>
public sealed record BundleVerification(string Name, IReadOnlyList<DriftItem> Drift, CheckReport Checks)
{
    /// <summary>Nothing has drifted, and no check failed.</summary>
    public bool Passed => Drift.Count == 0 && Checks.Passed;
}
