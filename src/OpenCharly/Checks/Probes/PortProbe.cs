using System.Globalization;
using System.Net;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Checks.Probes;

/// <summary>Looks for a listening socket in the kernel's own tables, and dials it.</summary>
/// <param name="check">What is expected of the port.</param>
internal sealed class PortProbe(PortCheck check) : Probe
{
    private const string TcpListen = "0A";
    private const string UdpBound = "07";

    private const string Listeners = """
        c_port() {
          local f l s a=
          for f in "/proc/net/$2" "/proc/net/${2}6"; do
            [ -r "$f" ] || continue
            while read -r _ l _ s _; do
              case $l in *:"$1") [ "$s" != "$3" ] || a="$a $l" ;; esac
            done <"$f"
          done
          c_value sockets "$a"
        }
        """;

    public override IReadOnlyList<string> Functions => check.Reachable is null ? [Listeners] : [Listeners, AddressProbe.Dial];

    public override string Script
    {
        get
        {
            var listen = $"c_port {check.Port:X4} {(check.IsUdp ? "udp" : "tcp")} {(check.IsUdp ? UdpBound : TcpListen)}";
            return check.Reachable is null ? listen : $"{listen}\nc_dial {AddressProbe.Seconds(check.Timeout)} {Shell.Quote(Host)} {check.Port}";
        }
    }

    private string Host => check.Address is null or "0.0.0.0" or "::" ? "127.0.0.1" : check.Address;

    public override Verdict Judge(ProbeOutput output)
    {
        var addresses = output.Text("sockets").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Decode).Distinct().ToArray();
        if (check.Listening is { } listening)
        {
            var wanted = check.Address is null ? addresses.Length > 0 : addresses.Contains(Normal(check.Address));
            var where = check.Address is null ? "" : $" on {check.Address}";
            var there = addresses.Length == 0 ? "nothing listens" : $"listening on {string.Join(", ", addresses)}";
            if (wanted != listening) return Verdict.Fail(listening ? $"listening{where}" : $"nothing listens{where}", there);
        }

        return (check.Reachable is { } reachable ? Verdict.Unless(reachable, output["dial"] == "0", "reachable", "not reachable") : null)
            ?? Verdict.Pass(string.Join(' ', addresses));
    }

    /// <summary>An address of <c>/proc/net/tcp</c>: words of 32 bits in the order of the processor.</summary>
    internal static string Decode(string socket)
    {
        var hex = socket.Split(':')[0];
        var bytes = new byte[hex.Length / 2];
        for (var word = 0; word < hex.Length / 8; word++)
        {
            var value = uint.Parse(hex.AsSpan(word * 8, 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            BitConverter.TryWriteBytes(bytes.AsSpan(word * 4), value);
        }

        return Normal(new IPAddress(bytes).ToString());
    }

    // A socket on all addresses of IPv6 takes those of IPv4 as well.
    private static string Normal(string address) =>
        !IPAddress.TryParse(address, out var ip) ? address
        : ip.Equals(IPAddress.IPv6Any) ? IPAddress.Any.ToString()
        : ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4().ToString()
        : ip.ToString();
}
