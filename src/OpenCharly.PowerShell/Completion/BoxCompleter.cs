using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Completion;

/// <summary>Names of the boxes of the project.</summary>
public sealed class BoxCompleter : QueryCompleter
{
    private protected override async Task<IEnumerable<Offer>> OffersAsync(CharlyContext context, CancellationToken cancellationToken)
    {
        var boxes = await new GetBoxes(context).RunAsync(cancellationToken).ConfigureAwait(false);
        return boxes.Select(box => new Offer(box.Name, $"box of {box.Candies.Count} candies"));
    }
}
