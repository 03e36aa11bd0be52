using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Completion;

/// <summary>Names of machines that the project describes, made or not.</summary>
public sealed class VmEntityCompleter : QueryCompleter
{
    private protected override async Task<IEnumerable<Offer>> OffersAsync(CharlyContext context, CancellationToken cancellationToken)
    {
        var specs = await new GetVmSpecs(context).RunAsync(cancellationToken).ConfigureAwait(false);
        return specs.Select(spec => new Offer(spec.Name, "virtual machine of the project"));
    }
}
