using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Pods;

namespace OpenCharly.Operations;

/// <summary>The peers of a deployment as its checks reach them (deploy.md §6): <c>on: NAME</c>, and where they answer.</summary>
internal sealed class PeerReach(CharlyContext context, Project project)
{
    /// <summary>The ways to the peers that are up: those of the deployment, and of those that it is nested in.</summary>
    public async Task<IReadOnlyDictionary<string, Func<IExecutor>>> FindAsync(Deployment entry, CancellationToken cancellationToken)
    {
        var peers = PeersOf(entry);
        if (peers.Count == 0) return new Dictionary<string, Func<IExecutor>>();
        var up = await UpAsync(peers, cancellationToken).ConfigureAwait(false);
        var opener = new TargetOpener(context);
        return up.ToDictionary(p => p.Key, p => (Func<IExecutor>)(() => opener.ExecutorOf(project, p)), StringComparer.Ordinal);
    }

    /// <summary>Values of <c>PEER_HOST</c> and <c>PEER_ENDPOINT</c>: on the shared network a pod answers to its container's name, elsewhere to its published ports.</summary>
    public async Task<IReadOnlyDictionary<string, string>> ValuesAsync(Deployment entry, CancellationToken cancellationToken)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var peers = PeersOf(entry);
        if (peers.Count == 0) return values;
        var pods = peers.Any(p => p.Target == "pod") ? await new GetPods(context).RunAsync(new PodQuery(), cancellationToken).ConfigureAwait(false) : [];
        foreach (var peer in await UpAsync(peers, cancellationToken).ConfigureAwait(false))
        {
            if (peer.Target != "pod")
            {
                values["PEER_HOST:" + peer.Key] = peer.Target == "local" && !ExecutorFactory.IsLocal(peer.Host) ? ExecutorFactory.Parse(peer.Host).Host : "127.0.0.1";
                continue;
            }

            var container = PodKey.Parse(peer.Key).Container;
            values["PEER_HOST:" + peer.Key] = entry.Target == "pod" ? container : "127.0.0.1";
            if (entry.Target == "pod") continue;
            foreach (var port in pods.FirstOrDefault(p => p.Container == container)?.Ports ?? []) values[$"PEER_ENDPOINT:{peer.Key}:{port.ContainerPort}"] = $"127.0.0.1:{port.HostPort}";
        }

        return values;
    }

    private IReadOnlyList<Deployment> PeersOf(Deployment entry)
    {
        var peers = new List<Deployment>(entry.Peers);
        for (var parent = entry.Parent; parent is not null && project.FindDeployment(parent) is { } outer; parent = outer.Parent) peers.AddRange(outer.Peers);
        return [.. peers.Select(p => project.Deployments.GetValueOrDefault(p.Key) ?? p)];
    }

    // A peer that is down fails the checks that need it, and no others.
    private async Task<IReadOnlyList<Deployment>> UpAsync(IReadOnlyList<Deployment> peers, CancellationToken cancellationToken)
    {
        var pods = peers.Any(p => p.Target == "pod") ? await new GetPods(context).RunAsync(new PodQuery { RunningOnly = true }, cancellationToken).ConfigureAwait(false) : [];
        var up = new List<Deployment>();
        foreach (var peer in peers)
        {
            var isUp = peer.Target switch
            {
                "local" => true,
                "pod" => pods.Any(p => p.Name == peer.Key),
                "vm" => await IsRunningAsync(peer, cancellationToken).ConfigureAwait(false),
                _ => false,
            };
            if (isUp) up.Add(peer);
        }

        return up;
    }

    private async Task<bool> IsRunningAsync(Deployment peer, CancellationToken cancellationToken)
    {
        var name = OpenCharly.Vms.VmName.Create(peer.Vm!, peer.VmInstance).ToString();
        var running = await new GetVms(context).RunAsync(new VmQuery { Names = ["*"], RunningOnly = true }, cancellationToken).ConfigureAwait(false);
        return running.Any(v => v.Name == name && v.Status == OpenCharly.Vms.VmStatus.Running);
    }
}
