using OpenCharly.Arbitration;
using OpenCharly.Foundation;

namespace OpenCharly.Operations;

/// <summary>Lists leases on exclusive resources (<c>preempt status</c>, deploy.md §10.6).</summary>
/// <param name="context">What it works with.</param>
public sealed class GetLeases(CharlyContext context)
{
    /// <summary>All leases as they stand now, in the order in which they were taken.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.LeaseLedger"/>.</exception>
    public Task<IReadOnlyList<LeaseStatus>> RunAsync(CancellationToken cancellationToken = default) => RestoreLeases.ArbiterOf(context).StatusAsync(cancellationToken);
}
