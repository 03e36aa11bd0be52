using System.Net;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Checks.Probes;

/// <summary>Resolves a name as programs on the machine do, or by asking one server.</summary>
internal sealed class DnsProbe(DnsCheck check) : Probe
{
    // base64 writes a datagram in one piece; the shell's own printf would cut it at a line feed.
    private const string Resolve = """
        c_resolve() {
          c_value found "$(c_limit "$1" getent ahosts "$2" 2>/dev/null)"
        }
        c_ask() {
          c_value "$1" "$(c_limit "$2" bash -c 'exec 3<>"/dev/udp/$1/$2" && printf %s "$3" | base64 -d >&3 && dd bs=65535 count=1 <&3 | base64' charly "$3" "$4" "$5" 2>/dev/null)"
        }
        """;

    private const string V4 = "v4";
    private const string V6 = "v6";

    private readonly Endpoint? _server = check.Server is null ? null : Endpoint.TryParse(check.Server, out var server, defaultPort: 53) ? server : new Endpoint("", 0);

    public override IReadOnlyList<string> Functions => [Resolve];

    public override string Script
    {
        get
        {
            var limit = AddressProbe.Seconds(check.Timeout ?? TimeSpan.FromSeconds(5));
            if (_server is not { } server) return $"c_resolve {limit} {Shell.Quote(check.Name)}";
            var place = $"{limit} {Shell.Quote(server.Host)} {server.Port}";
            return $"c_ask {V4} {place} {Question(DnsMessage.TypeA)}\nc_ask {V6} {place} {Question(DnsMessage.TypeAaaa)}";
        }
    }

    public override Verdict Judge(ProbeOutput output)
    {
        var addresses = _server is null
            ? [.. output.Lines("found").Select(l => Normal(l.Split(' ')[0])).Distinct()]
            : DnsMessage.Addresses(output.Text(V4)).Concat(DnsMessage.Addresses(output.Text(V6))).Select(Normal).Distinct().ToArray();
        var wrong = Verdict.Unless(check.Resolvable, addresses.Length > 0, "resolves", "does not resolve")
            ?? Verdict.UnlessAmong("address", check.Addresses.Select(Normal), addresses);
        if (wrong is null) return Verdict.Pass(string.Join(' ', addresses));
        var isSilent = _server is not null && output.Text(V4).Length == 0 && output.Text(V6).Length == 0;
        return isSilent ? wrong with { Message = $"{check.Server} gave no answer" } : wrong;
    }

    private string Question(ushort type) => Shell.Quote(Convert.ToBase64String(DnsMessage.Question(check.Name, type)));

    private static string Normal(string address) => IPAddress.TryParse(address, out var ip) ? ip.ToString() : address;
}
