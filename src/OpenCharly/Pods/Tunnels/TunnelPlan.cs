using OpenCharly.Foundation;

namespace OpenCharly.Pods.Tunnels;

/// <summary>A port as it is tunnelled: the same number on both sides.</summary>
/// <param name="Port">Host port.</param>
/// <param name="Scheme">Scheme of what listens there; <c>udp</c> for a port that is not tunnelled.</param>
/// <param name="IsPublic">Whether the internet reaches it.</param>
/// <param name="Hostname">Its host name (cloudflare).</param>
internal sealed record TunnelledPort(int Port, string Scheme, bool IsPublic, string? Hostname)
{
    /// <summary>Datagrams are never tunnelled.</summary>
    public bool IsUdp => Scheme == "udp";
}

/// <summary>What a tunnel carries, checked against the published ports (pod.md §12).</summary>
/// <param name="Provider"><c>tailscale</c> or <c>cloudflare</c>.</param>
/// <param name="Name">Name of the tunnel.</param>
/// <param name="Ports">Ports in the order in which they are published, those of datagrams included.</param>
/// <param name="Warnings">What is left out.</param>
internal sealed record TunnelPlan(string Provider, string Name, IReadOnlyList<TunnelledPort> Ports, IReadOnlyList<string> Warnings)
{
    private static readonly int[] FunnelPorts = [443, 8443, 10000];
    private static readonly string[] TcpFamily = ["tcp", "tls-terminated-tcp"];
    private static readonly string[] TailscaleSchemes = ["http", "https", "https+insecure", "tcp", "tls-terminated-tcp"];
    private static readonly string[] CloudflareSchemes = ["http", "https", "tcp", "ssh", "rdp", "smb"];

    /// <summary>Whether it is cloudflare's.</summary>
    public bool IsCloudflare => Provider == "cloudflare";

    /// <summary>Ports that are carried.</summary>
    public IEnumerable<TunnelledPort> Carried => Ports.Where(p => !p.IsUdp);

    /// <summary>Plans a tunnel.</summary>
    /// <param name="key">The pod.</param>
    /// <param name="request">What the entry wants.</param>
    /// <param name="mappings">Published ports, in order.</param>
    /// <param name="schemes">Schemes of container ports.</param>
    /// <exception cref="CharlyException"><see cref="Errors.PodTunnel"/> for rules that can't be kept.</exception>
    public static TunnelPlan Resolve(PodKey key, TunnelRequest request, IReadOnlyList<PortMapping> mappings, IReadOnlyDictionary<int, string> schemes)
    {
        var isTailscale = request.Provider == "tailscale";
        var warnings = new List<string>();
        var open = request.Public.Select(p => (Mapping: Find(p), Port: p)).ToArray();
        var closed = request.Private.Select(p => (Mapping: Find(p), Port: p)).ToArray();
        foreach (var (mapping, port) in closed.Where(c => open.Any(o => o.Mapping == c.Mapping))) throw Wrong($"port {port.Number} is both public and private", "Keep one.", port.Position);
        var ports = new List<TunnelledPort>();
        foreach (var mapping in mappings)
        {
            var (listed, named) = open.FirstOrDefault(o => o.Mapping == mapping);
            var isPublic = listed is not null || request.IsPublicAll;
            if (!isPublic && !request.IsPrivateAll && closed.All(c => c.Mapping != mapping)) continue;
            var position = named?.Position ?? request.Position;
            var scheme = mapping.IsUdp ? "udp" : schemes.GetValueOrDefault(mapping.ContainerPort, "http");
            if (scheme == "udp")
            {
                warnings.Add($"port {mapping.HostPort} is UDP, which {request.Provider} can't tunnel: it is left out");
                ports.Add(new TunnelledPort(mapping.HostPort, scheme, isPublic, null));
                continue;
            }

            var allowed = isTailscale ? TailscaleSchemes : CloudflareSchemes;
            if (!allowed.Contains(scheme)) throw Wrong($"{request.Provider} can't carry {scheme} of port {mapping.HostPort}", $"With {request.Provider} use {string.Join(", ", allowed)}.", position);
            if (isTailscale && isPublic && TcpFamily.Contains(scheme))
            {
                if (listed is not null) throw Wrong($"port {mapping.HostPort} is {scheme}, which a public tailscale port can't be", "List it under private.", position);
                warnings.Add($"port {mapping.HostPort} is {scheme}, which a public tailscale port can't be: it is left out");
                continue;
            }

            if (isTailscale && isPublic && !FunnelPorts.Contains(mapping.HostPort)) throw Wrong($"port {mapping.HostPort} can't be public with tailscale", $"Publish it as {string.Join(", ", FunnelPorts)}, or list it under private.", position);
            if (isTailscale && mapping.Address is { } address && !PodSettings.IsLoopback(address)) throw Wrong($"port {mapping.HostPort} is bound to {address}, where tailscale can't stand before it", "Bind it to 127.0.0.1, or leave the address out.", position);
            var hostname = isTailscale ? null : named?.Hostname ?? request.Hostname ?? throw Wrong($"port {mapping.HostPort} has no host name", "Add dns: app.example.org, or map ports to host names: public: {8080: app.example.org}.", position);
            ports.Add(new TunnelledPort(mapping.HostPort, scheme, isPublic, hostname));
        }

        if (!isTailscale && !request.IsMap && ports.Count(p => !p.IsUdp) > 1) throw Wrong("cloudflare needs a host name for each of several ports", "Map them: public: {8080: app.example.org, 9090: admin.example.org}.", request.Position);
        if (request.Name is null && !isTailscale && !TunnelReader.IsTunnelName(key.Container)) throw Wrong($"\"{key.Container}\" can't name a tunnel", "Name it: tunnel: {provider: cloudflare, tunnel: NAME}, with letters, digits and dashes.", request.Position);
        return new TunnelPlan(request.Provider, request.Name ?? key.Container, ports, warnings);

        PortMapping Find(TunnelPort port) =>
            mappings.FirstOrDefault(m => m.HostPort == port.Number) ?? mappings.FirstOrDefault(m => m.ContainerPort == port.Number)
            ?? throw Wrong($"port {port.Number} is not published", mappings.Count == 0 ? "The pod publishes no port." : $"Published are {string.Join(", ", mappings)}.", port.Position);

        CharlyException Wrong(string message, string help, SourcePosition? position) => new(Errors.PodTunnel, $"deploy \"{key}\" tunnel: {message}", help, position, key.Text);
    }
}
