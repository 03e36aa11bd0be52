using System.Net;
using OpenCharly.Boxes;

namespace OpenCharly.Pods.Engines;

/// <summary>The bridge that pods meet on, made when it is first needed (pod.md §10).</summary>
/// <param name="engine">The engine.</param>
/// <param name="resolvers">Files that name the machine's own name servers, best first.</param>
internal sealed class PodNetwork(ContainerEngine engine, IReadOnlyList<string>? resolvers = null)
{
    /// <summary>Its name.</summary>
    public const string Name = "charly";

    private readonly IReadOnlyList<string> _resolvers = resolvers ?? ["/run/systemd/resolve/resolv.conf", "/etc/resolv.conf"];

    /// <summary>Makes the network if it is ours and not there; other names are the user's own affair.</summary>
    /// <returns>What the user should know.</returns>
    public async Task<IReadOnlyList<string>> EnsureAsync(string network, CancellationToken cancellationToken)
    {
        if (network != Name) return [];
        var inspected = await engine.RunAsync(["network", "inspect", Name], cancellationToken).ConfigureAwait(false);
        var servers = Servers();
        if (inspected.Succeeded)
        {
            var missing = servers.Where(s => !inspected.StandardOutput.Contains($"\"{s}\"", StringComparison.Ordinal)).ToArray();
            if (!engine.IsPodman || missing.Length == 0) return [];

            // Best effort: engines before podman 4.5 can't change the servers of a network.
            await engine.RunAsync(["network", "update", .. missing.Select(s => $"--dns-add={s}"), Name], cancellationToken).ConfigureAwait(false);
            return [];
        }

        string[] dns = engine.IsPodman ? [.. servers.Select(s => $"--dns={s}")] : [];
        var made = await engine.RunAsync(["network", "create", .. dns, Name], cancellationToken).ConfigureAwait(false);
        if (!made.Succeeded && dns.Length > 0) made = await engine.RunAsync(["network", "create", Name], cancellationToken).ConfigureAwait(false);
        if (!made.Succeeded) throw engine.Refused($"create the network {Name}", made);
        return [$"the network {Name} was made"];
    }

    /// <summary>The gateway of a network; null if it can't be told.</summary>
    public async Task<string?> GatewayAsync(string network, CancellationToken cancellationToken)
    {
        var asked = await engine.RunAsync(["network", "inspect", "--format", "{{range .Subnets}}{{.Gateway}} {{end}}", network], cancellationToken).ConfigureAwait(false);
        return asked.Succeeded ? asked.StandardOutput.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault(g => IPAddress.TryParse(g, out _)) : null;
    }

    private IReadOnlyList<string> Servers()
    {
        foreach (var file in _resolvers.Where(File.Exists))
        {
            string[] servers =
            [
                .. File.ReadLines(file).Select(l => l.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
                    .Where(w => w is ["nameserver", ..] && w.Length > 1).Select(w => w[1]).Where(s => IPAddress.TryParse(s, out var address) && !IPAddress.IsLoopback(address)),
            ];
            if (servers.Length > 0) return servers;
        }

        return [];
    }
}
