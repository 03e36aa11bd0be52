using System.Globalization;
using System.Text.RegularExpressions;
using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Pods.Tunnels;

/// <summary>Reads the tunnel of an entry, or of a project's defaults (pod.md §12.1, the parts of §12.3 that need no ports).</summary>
internal static partial class TunnelReader
{
    /// <summary>The providers.</summary>
    public static readonly IReadOnlyList<string> Providers = ["tailscale", "cloudflare"];

    /// <summary>Reads <c>tunnel</c> and <c>dns</c>; null if there is none.</summary>
    public static TunnelRequest? Read(YamlBinder entry)
    {
        var hostname = Hostname(entry);
        if (entry.Node("tunnel") is not { } node) return null;
        if (node is YamlScalar word) return Check(entry, new TunnelRequest { Provider = word.Text, Position = word.Position, IsPrivateAll = word.Text == "tailscale", IsPublicAll = word.Text != "tailscale", Hostname = hostname });
        if (node is not YamlMapping map)
        {
            entry.Report(Errors.YamlType, $"\"tunnel\" must be text or a mapping, not {node.Description}", "Write tunnel: tailscale, or its fields as key: value.", node.Position);
            return null;
        }

        var tunnel = new YamlBinder(map, entry.What + " tunnel", entry.Problems);
        var provider = tunnel.Text("provider") ?? "";
        var (isPublicAll, open, isMap) = Ports(tunnel, "public", mayBeMap: provider == "cloudflare");
        var (isPrivateAll, closed, _) = Ports(tunnel, "private", mayBeMap: false);
        if (tunnel.Text("ports") is { } ports)
        {
            if (ports == "all") isPrivateAll = true;
            else tunnel.Report(Errors.PodTunnel, $"\"ports\" is \"{ports}\"", "Write ports: all, or list them under public or private.", tunnel.At("ports"));
        }

        if (tunnel.Node("port") is { } single)
        {
            if (single is not YamlScalar scalar || Number(scalar) is not { } number) tunnel.Report(Errors.PodTunnel, $"{single.Description} is no port", "Use a number from 1 to 65535.", single.Position);
            else if (provider == "cloudflare") open = [.. open, new TunnelPort(number, null, single.Position)];
            else closed = [.. closed, new TunnelPort(number, null, single.Position)];
        }

        var name = tunnel.Text("tunnel");
        if (name is not null && !TunnelName().IsMatch(name)) tunnel.Report(Errors.PodTunnel, $"\"{name}\" can't name a tunnel", "Use letters, digits and dashes.", tunnel.At("tunnel"));
        var request = new TunnelRequest
        {
            Provider = provider, Position = map.Position, IsPublicAll = isPublicAll, IsPrivateAll = isPrivateAll, Public = open, Private = closed, IsMap = isMap, Name = name,
            Hostname = Hostname(tunnel) ?? hostname,
        };
        tunnel.RejectUnknown(Errors.CfgUnknownKey, isWarning: true);
        return Check(tunnel, request);
    }

    /// <summary>Whether this can name a tunnel.</summary>
    public static bool IsTunnelName(string name) => TunnelName().IsMatch(name);

    private static TunnelRequest? Check(YamlBinder where, TunnelRequest request)
    {
        var at = request.Position ?? where.Mapping.Position;
        if (!Providers.Contains(request.Provider))
        {
            where.Report(Errors.PodTunnel, $"the tunnel provider \"{request.Provider}\" is not known", Nearest.Suggest(request.Provider, Providers, $"Use {string.Join(" or ", Providers)}."), at);
            return null;
        }

        if (request is { IsPublicAll: true, IsPrivateAll: true }) where.Report(Errors.PodTunnel, "public and private are both all", "Make one of them a list.", at);
        if (request is { IsPublicAll: false, IsPrivateAll: false, Public.Count: 0, Private.Count: 0 }) where.Report(Errors.PodTunnel, "neither public nor private says which ports are tunnelled", "Write private: all, or list the ports.", at);
        if (request.Provider == "cloudflare" && (request.IsPrivateAll || request.Private.Count > 0)) where.Report(Errors.PodTunnel, "cloudflare has no private ports", "List them under public, or use tailscale.", at);
        return request;
    }

    private static (bool IsAll, IReadOnlyList<TunnelPort> Ports, bool IsMap) Ports(YamlBinder tunnel, string key, bool mayBeMap)
    {
        var node = tunnel.Node(key);
        if (node is null) return (false, [], false);
        if (node is YamlScalar { Text: "all" }) return (true, [], false);
        var ports = new List<TunnelPort>();
        if (node is YamlMapping map)
        {
            if (!mayBeMap) tunnel.Report(Errors.PodTunnel, $"\"{key}\" is a map of host names, which only cloudflare's public ports have", "Write a list of ports.", map.Position);
            foreach (var entry in map.Entries)
            {
                var hostname = entry.Value is YamlScalar { IsNull: false } scalar ? scalar.Text : null;
                if (hostname is not null && !HostName().IsMatch(hostname)) tunnel.Report(Errors.PodTunnel, $"\"{hostname}\" is no host name", "Write it as app.example.org.", entry.Value.Position);
                if (Number(entry.Key) is { } number) ports.Add(new TunnelPort(number, hostname, entry.Key.Position));
                else tunnel.Report(Errors.PodTunnel, $"\"{entry.Key.Text}\" is no port", "Use a number from 1 to 65535.", entry.Key.Position);
            }

            return (false, ports, true);
        }

        foreach (var item in tunnel.Items(key))
        {
            if (item is YamlScalar scalar && Number(scalar) is { } number) ports.Add(new TunnelPort(number, null, scalar.Position));
            else tunnel.Report(Errors.PodTunnel, $"\"{key}\" holds {item.Description}, which is no port", "Use numbers from 1 to 65535, or all.", item.Position);
        }

        return (false, ports, false);
    }

    /// <summary>Reads <c>dns</c>, or as it is also called <c>fqdn</c>; null if there is none.</summary>
    public static string? Hostname(YamlBinder binder)
    {
        var hostname = binder.Text("dns", "fqdn");
        if (hostname is null || HostName().IsMatch(hostname)) return hostname;
        binder.Report(Errors.PodTunnel, $"\"{hostname}\" is no host name", "Write it as app.example.org.", binder.At("dns"));
        return null;
    }

    private static int? Number(YamlScalar scalar) => int.TryParse(scalar.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 65535 ? number : null;

    [GeneratedRegex(@"^[a-zA-Z0-9][a-zA-Z0-9-]*\z")]
    private static partial Regex TunnelName();

    [GeneratedRegex(@"^(?:\*\.)?[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*\z")]
    private static partial Regex HostName();
}
