using OpenCharly.Kubernetes;

namespace OpenCharly.Operations;

/// <summary>Lists the cluster profiles of user and project.</summary>
/// <param name="context">What it works with.</param>
public sealed class GetClusters(CharlyContext context)
{
    /// <summary>Their names, in order.</summary>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellationToken = default) =>
        ClusterProfiles.Names(await new BundleResolver(context).LoadAsync(cancellationToken).ConfigureAwait(false), context.Paths);
}
