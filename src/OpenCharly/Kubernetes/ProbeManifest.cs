using System.Globalization;
using OpenCharly.Model;
using OpenCharly.Yaml;
using static OpenCharly.Yaml.Nodes;

namespace OpenCharly.Kubernetes;

/// <summary>A check as the probe of a container. What the check calls its own machine is the pod for the cluster.</summary>
internal static class ProbeManifest
{
    private static readonly string[] Here = ["localhost", "127.0.0.1", "::1", "0.0.0.0", "CONTAINER_IP", "CONTAINER_NAME"];

    /// <summary>Renders a check of one of the four kinds that a cluster knows.</summary>
    public static YamlMapping Render(Check check)
    {
        var action = check switch
        {
            HttpCheck http => ("httpGet", HttpGet(http)),
            AddressCheck address => ("tcpSocket", TcpSocket(address.Address)),
            FileCheck file => ("exec", Exec("test", "-e", file.Path)),
            CommandCheck command => ("exec", Exec("sh", "-c", command.Command)),
            _ => throw new ArgumentException($"no probe for {check.Verb}", nameof(check)),
        };
        return Map(
            (action.Item1, action.Item2),
            ("timeoutSeconds", check.Timeout is { } timeout ? Number(Math.Max(1, (long)Math.Ceiling(timeout.TotalSeconds))) : null));
    }

    private static YamlMapping Exec(params string[] command) => Map(("command", Texts(command)));

    private static YamlMapping HttpGet(HttpCheck check)
    {
        var url = Resolve(check.Url);
        var isTls = url.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
        var rest = url.Contains("://", StringComparison.Ordinal) ? url[(url.IndexOf("://", StringComparison.Ordinal) + 3)..] : url;
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var (host, port) = Split(slash < 0 ? rest : rest[..slash]);
        return Map(
            ("path", Text(slash < 0 ? "/" : rest[slash..])),
            ("port", Port(port ?? (isTls ? "443" : "80"))),
            ("host", IsHere(host) ? null : Text(host)),
            ("scheme", isTls ? Text("HTTPS") : null));
    }

    private static YamlMapping TcpSocket(string address)
    {
        var (host, port) = Split(Resolve(address));
        return Map(("port", Port(port ?? "80")), ("host", IsHere(host) ? null : Text(host)));
    }

    // A port that podman would publish elsewhere on the host is its own in the pod.
    private static string Resolve(string text) => Patterns.Substitution().Replace(text, m => m.Groups[1].Value.Split(':') is ["HOST_PORT", var port] ? port : m.Groups[1].Value);

    private static (string Host, string? Port) Split(string text)
    {
        if (text.StartsWith('[') && text.IndexOf(']', StringComparison.Ordinal) is > 0 and var close) return (text[1..close], text.Length > close + 2 ? text[(close + 2)..] : null);
        var colon = text.LastIndexOf(':');
        return colon < 0 ? (text, null) : (text[..colon], text[(colon + 1)..]);
    }

    private static bool IsHere(string host) => host.Length == 0 || Here.Contains(host);

    private static YamlNode Port(string port) => int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? Number(number) : Text(port);
}
