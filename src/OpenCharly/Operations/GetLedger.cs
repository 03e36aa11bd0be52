using OpenCharly.Ledger;

namespace OpenCharly.Operations;

/// <summary>Reads the ledger of a target.</summary>
/// <param name="context">What it works with.</param>
public sealed class GetLedger(CharlyContext context)
{
    /// <summary>The ledger where the deployment of that name lives; <c>host</c> is this machine.</summary>
    public Task<LedgerRecord> RunAsync(string name, CancellationToken cancellationToken = default)
    {
        _ = context;
        throw new NotImplementedException();
    }
}
