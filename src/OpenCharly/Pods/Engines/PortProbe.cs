using System.Net.Sockets;
using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Vms;

namespace OpenCharly.Pods.Engines;

/// <summary>A published port that somebody else holds.</summary>
/// <param name="Mapping">The port.</param>
/// <param name="Owner">Who holds it, for people.</param>
/// <param name="Help">What to do.</param>
internal sealed record TakenPort(PortMapping Mapping, string Owner, string Help)
{
    /// <inheritdoc/>
    public override string ToString() => $"port {Mapping.HostPort} is in use by {Owner}. {Help}";
}

/// <summary>Finds ports that a pod is about to publish and that are taken (pod.md §4.3).</summary>
/// <param name="engine">The engine, asked whose container holds a port.</param>
internal sealed class PortProbe(ContainerEngine engine)
{
    /// <summary>Looks at each port by binding it; ports of the pod's own running container are its own.</summary>
    public async Task<IReadOnlyList<TakenPort>> FindAsync(PodKey key, IEnumerable<PortMapping> ports, CancellationToken cancellationToken)
    {
        var busy = ports.Where(p => !IsFree(p)).ToArray();
        if (busy.Length == 0) return [];
        var containers = await ContainersAsync(cancellationToken).ConfigureAwait(false);
        var taken = new List<TakenPort>();
        foreach (var port in busy)
        {
            var owner = containers.FirstOrDefault(c => c.Ports.Contains(port.HostPort)).Name;
            if (owner == key.Container || owner == key.Container + "-infra") continue;
            var remap = $"Or publish another port: charly config {key.Arguments} -p {port.HostPort + 1}:{port.ContainerPort}";
            taken.Add(owner is null
                ? new TakenPort(port, PortOwner.Find(port.HostPort, port.EffectiveProtocol) ?? "a process", $"Stop the process using the port. {remap}")
                : owner.StartsWith("charly-", StringComparison.Ordinal)
                    ? new TakenPort(port, $"the pod {owner["charly-".Length..]}", $"Stop it: charly stop {owner["charly-".Length..]}. {remap}")
                    : new TakenPort(port, $"the container {owner}", $"Stop it: {engine.Name} stop {owner}. {remap}"));
        }

        return taken;
    }

    private static bool IsFree(PortMapping port)
    {
        try
        {
            return PortAllocator.IsFree(port.Address ?? "127.0.0.1", port.HostPort, port.EffectiveProtocol);
        }
        catch (Exception e) when (e is CharlyException or SocketException)
        {
            // A port that this user may not bind, or an address that the machine does not have now: nobody else holds it, and the engine will say what it thinks of it.
            return true;
        }
    }

    private async Task<IReadOnlyList<(string Name, IReadOnlyCollection<int> Ports)>> ContainersAsync(CancellationToken cancellationToken)
    {
        if (!engine.IsInstalled) return [];
        var listed = await engine.RunAsync(["ps", "--format", "{{.Names}}\t{{.Ports}}"], cancellationToken).ConfigureAwait(false);
        return listed.Succeeded
            ? [.. listed.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('\t')).Where(p => p.Length == 2).Select(p => (p[0], Numbers(p[1])))]
            : [];
    }

    // 127.0.0.1:8080->80/tcp, 0.0.0.0:9000-9002->9000-9002/tcp
    private static IReadOnlyCollection<int> Numbers(string ports)
    {
        var numbers = new HashSet<int>();
        foreach (var published in ports.Split(", ").Select(p => p.Split("->")).Where(p => p.Length == 2).Select(p => p[0][(p[0].LastIndexOf(':') + 1)..]))
        {
            var range = published.Split('-');
            if (int.TryParse(range[0], out var first) && int.TryParse(range[^1], out var last)) numbers.UnionWith(Enumerable.Range(first, Math.Clamp(last - first + 1, 1, 1000)));
        }

        return numbers;
    }
}
