using OpenCharly.Model;
using OpenCharly.Plans;
using OpenCharly.Targets;

namespace OpenCharly.Operations;

/// <summary>A deployment to something without a shell and a ledger of its own: a cluster, a device (deploy.md §4).</summary>
internal interface IPlanlessTarget
{
    /// <summary>What adding would do.</summary>
    Task<InstallPlan> PreviewAsync(BundleRequest request, CancellationToken cancellationToken);

    /// <summary>Brings the target to what the entry says.</summary>
    Task<DeployResult> AddAsync(BundleRequest request, CancellationToken cancellationToken);

    /// <summary>Takes it away again.</summary>
    Task<DeployResult> RemoveAsync(RemoveBundleRequest request, CancellationToken cancellationToken);

    /// <summary>What this machine knows of it.</summary>
    BundleStatus Status();
}

/// <summary>Picks the target of a deployment that is neither a host nor a machine.</summary>
internal static class PlanlessTarget
{
    /// <summary>Targets that are none of hosts and machines.</summary>
    public static bool Is(Deployment? entry) => entry?.Target is "k8s" or "android";

    /// <summary>The target of an entry; null for hosts and machines.</summary>
    public static IPlanlessTarget? Of(CharlyContext context, Project project, Deployment? entry) => entry?.Target switch
    {
        "k8s" => new KubernetesDeployment(context, project, entry),
        "android" => new AndroidDeployment(context, project, entry),
        _ => null,
    };

    /// <summary>The target that a name leads to; null for hosts and machines, and for names without an entry.</summary>
    public static async Task<IPlanlessTarget?> FindAsync(CharlyContext context, BundleResolver resolver, string name, CancellationToken cancellationToken)
    {
        // These never are entries of other targets, so that the usual case reads no project first.
        if (name is "host" or "local" || (name.StartsWith("vm:", StringComparison.Ordinal) && !name.Contains('.'))) return null;
        var project = await resolver.LoadAsync(cancellationToken).ConfigureAwait(false);
        return Of(context, project, project.FindDeployment(name));
    }
}
