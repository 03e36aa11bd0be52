using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Completion;

/// <summary>Claimants that have a lease.</summary>
public sealed class LeaseCompleter : QueryCompleter
{
    private protected override async Task<IEnumerable<Offer>> OffersAsync(CharlyContext context, CancellationToken cancellationToken) =>
        (await new GetLeases(context).RunAsync(cancellationToken).ConfigureAwait(false)).Select(l => new Offer(l.Name, $"{string.Join(", ", l.Tokens)}, {l.State}"));
}
