using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Completion;

/// <summary>Names of the candies of the project.</summary>
public sealed class CandyCompleter : QueryCompleter
{
    private protected override async Task<IEnumerable<Offer>> OffersAsync(CharlyContext context, CancellationToken cancellationToken)
    {
        var candies = await new GetCandies(context).RunAsync(cancellationToken).ConfigureAwait(false);
        return candies.Select(candy => new Offer(candy.Name, candy.Description?.Feature ?? $"candy {candy.Version}"));
    }
}
