using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Completion;

/// <summary>Names of secrets that are kept.</summary>
public sealed class SecretCompleter : QueryCompleter
{
    private protected override Task<IEnumerable<Offer>> OffersAsync(CharlyContext context, CancellationToken cancellationToken) =>
        Task.FromResult(new GetSecrets(context).List().Select(n => new Offer(n.Name, $"kept in {n.Source}")));
}
