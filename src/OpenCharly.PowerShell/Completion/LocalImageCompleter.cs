using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Completion;

/// <summary>Names of the images in this machine's podman.</summary>
public sealed class LocalImageCompleter : QueryCompleter
{
    private protected override async Task<IEnumerable<Offer>> OffersAsync(CharlyContext context, CancellationToken cancellationToken) =>
        (await new GetLocalImages(context).RunAsync(cancellationToken).ConfigureAwait(false)).Select(name => new Offer(name, name));
}
