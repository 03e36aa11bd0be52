using OpenCharly.Targets;

namespace OpenCharly.Operations;

/// <summary>Lists deployments as the per-host file, the project and the ledgers know them.</summary>
/// <param name="context">What it works with.</param>
public sealed class GetBundles(CharlyContext context)
{
    /// <summary>Deployments by name; no match for a plain name is an error, for a wildcard it is an empty list.</summary>
    public Task<IReadOnlyList<BundleStatus>> RunAsync(BundleQuery query, CancellationToken cancellationToken = default)
    {
        _ = context;
        throw new NotImplementedException();
    }
}
