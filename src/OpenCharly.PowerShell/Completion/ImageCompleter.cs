using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Completion;

/// <summary>Names of the images in the cache.</summary>
public sealed class ImageCompleter : QueryCompleter
{
    private protected override Task<IEnumerable<Offer>> OffersAsync(CharlyContext context, CancellationToken cancellationToken) =>
        Task.FromResult(new GetImages(context).Run().Select(i => new Offer(i.Name, i.Url ?? i.Path)));
}
