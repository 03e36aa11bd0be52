using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Completion;

/// <summary>Names of the templates on this machine.</summary>
public sealed class TemplateCompleter : QueryCompleter
{
    private protected override Task<IEnumerable<Offer>> OffersAsync(CharlyContext context, CancellationToken cancellationToken) =>
        Task.FromResult(new GetTemplates(context).Run().Select(t => new Offer(t.Name, t.Current ?? t.Path)));
}
