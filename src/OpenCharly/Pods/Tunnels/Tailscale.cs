using System.Globalization;

namespace OpenCharly.Pods.Tunnels;

/// <summary>The commands that put ports on a tailnet and take them off again (pod.md §12.4).</summary>
internal static class Tailscale
{
    /// <summary>What to do where the command is refused.</summary>
    public const string Help = "Let your user manage tailscale: sudo tailscale set --operator=$USER";

    private const string StopField = "ExecStopPost=-";

    /// <summary>Lines of a unit's <c>[Service]</c>.</summary>
    public static IEnumerable<string> UnitLines(TunnelPlan tunnel)
    {
        foreach (var port in tunnel.Ports)
        {
            yield return Comment(port);
            if (!port.IsUdp) yield return "ExecStartPost=" + string.Join(' ', Start(port));
        }

        foreach (var port in tunnel.Carried) yield return StopField + string.Join(' ', Stop(port));
    }

    /// <summary>The commands that a unit ends with to take ports off the tailnet.</summary>
    public static IEnumerable<string> StopsIn(IEnumerable<string> unit) => unit.Where(l => l.StartsWith(StopField + "tailscale ", StringComparison.Ordinal)).Select(l => l[StopField.Length..]);

    /// <summary>The command that begins to carry a port.</summary>
    public static IReadOnlyList<string> Start(TunnelledPort port) => ["tailscale", Verb(port), "--bg", Flag(port), Target(port)];

    /// <summary>The command that ends it.</summary>
    public static IReadOnlyList<string> Stop(TunnelledPort port) => ["tailscale", Verb(port), Flag(port), "off"];

    private static string Comment(TunnelledPort port) => port.IsUdp ? $"# Port {port.Port}: UDP, not tunnelled"
        : port.IsPublic ? $"# Port {port.Port}: public (internet, {Kind(port)})"
        : $"# Port {port.Port}: private (tailnet only, {Kind(port)})";

    private static string Verb(TunnelledPort port) => port.IsPublic ? "funnel" : "serve";

    private static string Kind(TunnelledPort port) => port.Scheme is "tcp" or "tls-terminated-tcp" ? port.Scheme : "https";

    private static string Flag(TunnelledPort port) => string.Create(CultureInfo.InvariantCulture, $"--{Kind(port)}={port.Port}");

    private static string Target(TunnelledPort port)
    {
        var scheme = port.Scheme == "tls-terminated-tcp" ? "tcp" : port.Scheme;
        return string.Create(CultureInfo.InvariantCulture, $"{scheme}://127.0.0.1:{port.Port}");
    }
}
