using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OpenCharly.Pods;

/// <summary>A published port: <c>P</c>, <c>H:C</c>, <c>IP:H:C</c> or <c>[v6]:H:C</c>, with <c>/tcp</c> or <c>/udp</c> if written (pod.md §4.1).</summary>
/// <param name="Address">Address of this machine; an IPv6 address without brackets; null if none was written.</param>
/// <param name="HostPort">Port of this machine.</param>
/// <param name="ContainerPort">Port in the container.</param>
/// <param name="Protocol"><c>tcp</c> or <c>udp</c> as written; null if nothing was.</param>
public sealed record PortMapping(string? Address, int HostPort, int ContainerPort, string? Protocol)
{
    /// <summary>The forms that are accepted, for messages.</summary>
    public const string Forms = "Write PORT, HOST:CONTAINER, ADDRESS:HOST:CONTAINER or [V6]:HOST:CONTAINER, with /tcp or /udp at the end if needed.";

    /// <summary>Whether it carries datagrams.</summary>
    public bool IsUdp => Protocol == "udp";

    /// <summary><c>tcp</c> or <c>udp</c>.</summary>
    public string EffectiveProtocol => Protocol ?? "tcp";

    /// <summary>Reads a mapping; false for anything else.</summary>
    public static bool TryParse(string? text, out PortMapping mapping)
    {
        mapping = new PortMapping(null, 0, 0, null);
        var rest = text ?? "";
        string? protocol = null;
        if (rest.LastIndexOf('/') is >= 0 and var slash)
        {
            protocol = rest[(slash + 1)..];
            if (protocol is not ("tcp" or "udp")) return false;
            rest = rest[..slash];
        }

        string? address = null;
        if (rest.StartsWith('['))
        {
            var close = rest.IndexOf("]:", StringComparison.Ordinal);
            if (close < 0 || !IPAddress.TryParse(rest[1..close], out var v6) || v6.AddressFamily != AddressFamily.InterNetworkV6) return false;
            address = rest[1..close];
            rest = rest[(close + 2)..];
            if (rest.Count(c => c == ':') != 1) return false;
        }

        var parts = rest.Split(':');
        if (parts.Length == 3)
        {
            if (!IsV4(parts[0])) return false;
            address = parts[0];
            parts = parts[1..];
        }

        if (parts.Length is < 1 or > 2 || !TryPort(parts[0], out var host) || !TryPort(parts[^1], out var container)) return false;
        mapping = new PortMapping(address, host, container, protocol);
        return true;
    }

    /// <summary>The mapping with an address: its own, or <paramref name="bindAddress"/> where none was written.</summary>
    public PortMapping Localised(string bindAddress) => Address is null ? this with { Address = bindAddress } : this;

    /// <inheritdoc/>
    public override string ToString()
    {
        var ports = string.Create(CultureInfo.InvariantCulture, $"{HostPort}:{ContainerPort}");
        var where = Address is null ? "" : Address.Contains(':') ? $"[{Address}]:" : Address + ":";
        return where + ports + (Protocol is null ? "" : "/" + Protocol);
    }

    private static bool IsV4(string text) => text.Count(c => c == '.') == 3 && IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetwork;

    private static bool TryPort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is >= 1 and <= 65535;
}
