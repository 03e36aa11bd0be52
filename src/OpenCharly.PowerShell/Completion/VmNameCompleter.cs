using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Completion;

/// <summary>Names of virtual machines: what Get-CharlyVm lists.</summary>
public sealed class VmNameCompleter : QueryCompleter
{
    private protected override async Task<IEnumerable<Offer>> OffersAsync(CharlyContext context, CancellationToken cancellationToken)
    {
        var machines = await new GetVms(context).RunAsync(new VmQuery(), cancellationToken).ConfigureAwait(false);
        return machines.Select(vm => new Offer(vm.Name, $"{vm.Status}, {vm.Backend}"));
    }
}
