using System.Globalization;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Checks.Probes;

/// <summary>Dials an address.</summary>
/// <param name="check">What is expected of it.</param>
internal sealed class AddressProbe(AddressCheck check) : Probe
{
    /// <summary><c>c_dial SECONDS HOST PORT</c> reports the exit code of a connection as <c>dial</c>.</summary>
    public const string Dial = """
        c_dial() {
          c_limit "$1" bash -c 'exec 3<>"/dev/tcp/$1/$2"' charly "$2" "$3" 2>"$d/$n.dial" </dev/null
          c_value dial $?
          c_text why "$d/$n.dial"
        }
        """;

    private static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(3);

    public override IReadOnlyList<string> Functions => [Dial];

    public override string Script => Endpoint.TryParse(check.Address, out var endpoint)
        ? $"c_dial {Seconds(check.Timeout)} {Shell.Quote(endpoint.Host)} {endpoint.Port}"
        : ":";

    /// <summary>A limit for <c>c_limit</c>.</summary>
    public static string Seconds(TimeSpan? limit) => (limit ?? DefaultLimit).TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);

    public override Verdict Judge(ProbeOutput output) =>
        Verdict.Unless(check.Reachable, output["dial"] == "0", "reachable", "not reachable") is { } wrong
            ? wrong with { Message = Why(output) }
            : Verdict.Pass();

    private static string? Why(ProbeOutput output) => output["dial"] switch
    {
        "0" => null,
        "124" => "no answer in time",
        _ => output.Lines("why") is [.., var last] ? last[(last.LastIndexOf(": ", StringComparison.Ordinal) is >= 0 and var at ? at + 2 : 0)..] : null,
    };
}
