using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>Whether the ports of a box fit the tunnel that the project's defaults set up (pod.md §12.2, §12.3).</summary>
/// <param name="project">The project.</param>
/// <param name="problems">Where problems go.</param>
internal sealed class TunnelRules(Project project, ICollection<Problem> problems)
{
    private static readonly Dictionary<string, string[]> Schemes = new(StringComparer.Ordinal)
    {
        ["tailscale"] = ["http", "https", "https+insecure", "tcp", "tls-terminated-tcp"],
        ["cloudflare"] = ["http", "https", "tcp", "ssh", "rdp", "smb"],
    };

    private static readonly string[] PortKeys = ["public", "private", "port", "ports"];

    /// <summary>Checks the ports of a box's candies; UDP is never tunnelled and so never wrong.</summary>
    public void Check(Box box, IEnumerable<Candy> candies, Func<Candy, SourcePosition> place)
    {
        if (project.Defaults?["tunnel"] is not { } tunnel || tunnel is YamlScalar { IsNull: true }) return;
        var provider = tunnel switch { YamlScalar word => word.Text, YamlMapping map => (map["provider"] as YamlScalar)?.Text, _ => null };
        if (provider is null || !Schemes.TryGetValue(provider, out var schemes))
        {
            problems.Add(new Problem(
                Errors.BoxTunnel, $"defaults: the tunnel provider \"{provider}\" is not known", Nearest.Suggest(provider ?? "", Schemes.Keys, $"Use {string.Join(" or ", Schemes.Keys)}."), tunnel.Position));
            return;
        }

        foreach (var candy in candies)
        {
            foreach (var port in candy.Ports.Where(p => p.Scheme != "udp" && !schemes.Contains(p.Scheme) && IsTunnelled(tunnel, p.Number)))
            {
                problems.Add(new Problem(
                    Errors.BoxTunnel, $"box \"{box.Name}\": {provider} can't carry {port.Scheme}:{port.Number} of candy \"{candy.Name}\"", $"With {provider} use {string.Join(", ", schemes)}.", place(candy)));
            }
        }
    }

    // A single word tunnels every port; a mapping says which.
    private static bool IsTunnelled(YamlNode tunnel, int port)
    {
        if (tunnel is not YamlMapping map) return true;
        var number = port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return PortKeys.Select(k => map[k]).Any(node => node switch
        {
            YamlScalar scalar => scalar.Text == "all" || scalar.Text == number,
            YamlSequence list => list.Items.Any(i => i is YamlScalar s && s.Text == number),
            YamlMapping ports => ports.Entries.Any(e => e.Key.Text == number),
            _ => false,
        });
    }
}
