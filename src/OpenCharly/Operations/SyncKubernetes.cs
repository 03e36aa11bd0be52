using OpenCharly.Foundation;
using OpenCharly.Targets;

namespace OpenCharly.Operations;

/// <summary>Brings a cluster to a tree that was written earlier (<c>bundle sync</c>, deploy.md §3.3).</summary>
/// <param name="context">What it works with.</param>
public sealed class SyncKubernetes(CharlyContext context)
{
    /// <summary>Applies the overlay of a deployment with kubectl; a missing namespace is made.</summary>
    /// <param name="name">Deploy key.</param>
    /// <param name="cluster">Profile instead of the entry's own; null to leave it.</param>
    /// <param name="dryRun">Only look whether it could be applied.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Errors.CfgEntry"/>, <see cref="Errors.DeployTarget"/> for another target,
    /// <see cref="Errors.ManifestsMissing"/>, <see cref="Errors.ClusterProfileMissing"/>, <see cref="Errors.Kubectl"/>, <see cref="Errors.ClusterUnreachable"/>.</exception>
    public async Task<DeployResult> RunAsync(string name, string? cluster = null, bool dryRun = false, CancellationToken cancellationToken = default)
    {
        var work = context.For(name);
        var project = await new BundleResolver(work).LoadAsync(cancellationToken).ConfigureAwait(false);
        var entry = project.FindDeployment(name) ?? throw new CharlyException(
            Errors.CfgEntry, $"there is no deployment \"{name}\"", Nearest.Suggest(name, project.Deployments.Keys, "See what there is with: charly bundle status --offline"), target: name);
        if (entry.Target != "k8s") throw new CharlyException(Errors.DeployTarget, $"\"{name}\" is a {entry.Target} deployment; only clusters are synced", $"Apply it with: charly bundle add {name}", entry.Position, name);
        return await new KubernetesDeployment(work, project, entry).SyncAsync(cluster, dryRun, cancellationToken).ConfigureAwait(false);
    }
}
