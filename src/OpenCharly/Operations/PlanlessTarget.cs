using OpenCharly.Model;
using OpenCharly.Plans;
using OpenCharly.Pods;
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
    public static bool Is(Deployment? entry) => entry?.Target is "k8s" or "android" or "pod";

    /// <summary>The target of an entry; null for hosts and machines.</summary>
    public static IPlanlessTarget? Of(CharlyContext context, Project project, Deployment? entry) => entry?.Target switch
    {
        "k8s" => new KubernetesDeployment(context, project, entry),
        "android" => new AndroidDeployment(context, project, entry),
        "pod" => (IPlanlessTarget?)NestedPod.Find(context, project, entry) ?? new PodDeployment(context, project, entry),
        _ => null,
    };

    /// <summary>
    /// The target that a request leads to; null for hosts and machines, and for names without an entry, except that a reference or a box
    /// of the same name makes a pod of such a name (deploy.md §4).
    /// </summary>
    public static async Task<IPlanlessTarget?> FindAsync(CharlyContext context, BundleResolver resolver, BundleRequest request, CancellationToken cancellationToken)
    {
        // These never are entries of other targets, so that the usual case reads no project first.
        var name = request.Name;
        if (name is "host" or "local" || (name.StartsWith("vm:", StringComparison.Ordinal) && !name.Contains('.'))) return null;
        var project = await resolver.LoadAsync(cancellationToken).ConfigureAwait(false);
        if (project.FindDeployment(name) is { } entry) return Of(context, project, entry);
        if (request.Host is not null || !PodKey.IsValid(name) || (request.Ref is null && !project.Boxes.Contains(name))) return null;
        return new PodDeployment(context, project, new Deployment { Key = name, Target = "pod" });
    }
}
