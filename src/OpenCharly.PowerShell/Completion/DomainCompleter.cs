using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Completion;

/// <summary>Names of the domains in this user's libvirt session.</summary>
public sealed class DomainCompleter : QueryCompleter
{
    private protected override async Task<IEnumerable<Offer>> OffersAsync(CharlyContext context, CancellationToken cancellationToken)
    {
        var domains = await new ImportVm(context).ListAsync(cancellationToken).ConfigureAwait(false);
        return domains.Select(d => new Offer(d.Domain, d.Entity is null ? d.Disk ?? "no disk that is a file" : $"imported as {d.Entity}"));
    }
}
