using OpenCharly.Model;
using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Completion;

/// <summary>Keys of settings.</summary>
public sealed class SettingCompleter : QueryCompleter
{
    private protected override Task<IEnumerable<Offer>> OffersAsync(CharlyContext context, CancellationToken cancellationToken) =>
        Task.FromResult(SettingKey.All.Select(k => new Offer(k.Name, k.Description)));
}
