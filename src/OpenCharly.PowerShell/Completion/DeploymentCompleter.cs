using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Completion;

/// <summary>Deploy keys: what Get-CharlyBundle lists, without asking the targets.</summary>
public sealed class DeploymentCompleter : QueryCompleter
{
    private protected override async Task<IEnumerable<Offer>> OffersAsync(CharlyContext context, CancellationToken cancellationToken)
    {
        var bundles = await new GetBundles(context).RunAsync(new BundleQuery { Probe = false, AllTargets = true }, cancellationToken).ConfigureAwait(false);
        return bundles.Select(bundle => new Offer(bundle.Name, $"{bundle.Target}, {bundle.Status}"));
    }
}
