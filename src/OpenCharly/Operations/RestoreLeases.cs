using OpenCharly.Arbitration;
using OpenCharly.Foundation;

namespace OpenCharly.Operations;

/// <summary>Ends leases and starts again whom they stopped (<c>preempt restore</c>, deploy.md §10.6).</summary>
/// <param name="context">What it works with.</param>
public sealed class RestoreLeases(CharlyContext context)
{
    /// <summary>Ends one lease whether its claimant is there or not; without a name, all that are stranded.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.LeaseUnknown"/>, <see cref="Errors.LeaseLedger"/>.</exception>
    public Task<IReadOnlyList<LeaseRestore>> RunAsync(string? claimant = null, CancellationToken cancellationToken = default) => ArbiterOf(context).RestoreAsync(claimant, cancellationToken);

    /// <summary>What would be done; nothing is.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.LeaseUnknown"/>, <see cref="Errors.LeaseLedger"/>.</exception>
    public async Task<IReadOnlyList<string>> PreviewAsync(string? claimant = null, CancellationToken cancellationToken = default)
    {
        var leases = await new GetLeases(context).RunAsync(cancellationToken).ConfigureAwait(false);
        LeaseStatus[] ending = [.. leases.Where(l => claimant is null ? l.IsStranded : l.Name == claimant)];
        if (claimant is not null && ending.Length == 0) throw Arbiter.Unknown(claimant, leases.Select(l => l.Name));
        return [.. ending.SelectMany(l => l.Preempted.Select(p => $"start {p}").Prepend($"end the lease of {l.Name}"))];
    }

    internal static Arbiter ArbiterOf(CharlyContext context) => new(new LeaseLedger(context.Paths), new HolderControl(context), context.Environment, context.Progress);
}
