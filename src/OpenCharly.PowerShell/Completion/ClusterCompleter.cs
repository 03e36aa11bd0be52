using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Completion;

/// <summary>Names of cluster profiles.</summary>
public sealed class ClusterCompleter : QueryCompleter
{
    private protected override async Task<IEnumerable<Offer>> OffersAsync(CharlyContext context, CancellationToken cancellationToken) =>
        (await new GetClusters(context).RunAsync(cancellationToken).ConfigureAwait(false)).Select(name => new Offer(name, "cluster profile"));
}
