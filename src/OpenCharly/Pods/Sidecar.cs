using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Pods;

/// <summary>A secret of a sidecar, and the variable of this machine that its value may come from.</summary>
/// <param name="Secret">The secret.</param>
/// <param name="HostVariable">Variable; null for that of the secret itself.</param>
internal sealed record SidecarSecret(CandySecret Secret, string? HostVariable);

/// <summary>A sidecar, its template and the entry laid over it already merged (pod.md §11).</summary>
internal sealed record Sidecar
{
    /// <summary>Variables of the command line that belong to tailscale's sidecar, whatever the entry says.</summary>
    private static readonly string[] TailscaleVariables =
        ["TS_HOSTNAME", "TS_EXTRA_ARGS", "TS_TAILSCALED_EXTRA_ARGS", "TS_DEBUG_FIREWALL_MODE", "TS_ROUTES", "TS_SERVE_CONFIG", "TS_LOGIN_SERVER"];

    public required string Name { get; init; }

    public required string Description { get; init; }

    public required string Image { get; init; }

    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<SidecarSecret> Secrets { get; init; } = [];

    public IReadOnlyList<CandyVolume> Volumes { get; init; } = [];

    public SecuritySettings Security { get; init; } = new();

    /// <summary>Templates that need no image, with the parameters that each requires.</summary>
    public static IReadOnlyList<(Sidecar Template, IReadOnlyList<string> Required)> Templates { get; } =
    [
        (new Sidecar
        {
            Name = "tailscale",
            Description = "Joins the pod to a tailnet",
            Image = "ghcr.io/tailscale/tailscale:latest",
            Environment = new Dictionary<string, string>
            {
                ["TS_STATE_DIR"] = "/var/lib/tailscale", ["TS_AUTH_ONCE"] = "true", ["TS_USERSPACE"] = "false", ["TS_DEBUG_FIREWALL_MODE"] = "nftables",
                ["TS_ACCEPT_DNS"] = "false", ["TS_ENABLE_HEALTH_CHECK"] = "true", ["TS_LOCAL_ADDR_PORT"] = "[::]:9002",
            },
            Volumes = [new CandyVolume("state", "/var/lib/tailscale")],
            Security = new SecuritySettings { CapAdd = ["NET_ADMIN", "SYS_MODULE"], Devices = ["/dev/net/tun:/dev/net/tun"] },
            Secrets = [new SidecarSecret(new CandySecret("ts-authkey", "TS_AUTHKEY", ""), null)],
        }, ["tailnet"]),
    ];

    /// <summary>Whether the pod gets the name servers of a tailnet.</summary>
    public bool IsTailscale => Name == "tailscale";

    /// <summary>Whether a variable of the command line is meant for this sidecar.</summary>
    public bool Takes(string variable) =>
        Environment.ContainsKey(variable) || Secrets.Any(s => s.Secret.Variable == variable) || (IsTailscale && TailscaleVariables.Contains(variable));

    /// <summary>Merges an entry with the template of its name.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PodSidecar"/> without image or without a required parameter.</exception>
    public static Sidecar Resolve(PodKey key, SidecarEntry entry)
    {
        var (template, required) = Templates.FirstOrDefault(t => t.Template.Name == entry.Name);
        var image = entry.Image ?? template?.Image;
        if (string.IsNullOrEmpty(image) || image[0] == '-' || image.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)))
        {
            throw new CharlyException(
                Errors.PodSidecar, $"deploy \"{key}\": the sidecar \"{entry.Name}\" has no image", $"Add image:, or use a template: {string.Join(", ", Templates.Select(t => t.Template.Name))}.", entry.Position, key.Text);
        }

        foreach (var parameter in required ?? [])
        {
            if (string.IsNullOrWhiteSpace(entry.Parameters.GetValueOrDefault(parameter)))
            {
                throw new CharlyException(Errors.PodSidecar, $"deploy \"{key}\": the sidecar \"{entry.Name}\" needs the parameter \"{parameter}\"", $"Add sidecar: {{{entry.Name}: {{parameter: {{{parameter}: NAME}}}}}}.", entry.Position, key.Text);
            }
        }

        var environment = new Dictionary<string, string>(template?.Environment ?? new Dictionary<string, string>(), StringComparer.Ordinal);
        foreach (var (name, value) in entry.Environment) environment[name] = value;
        var merged = new Sidecar
        {
            Name = entry.Name,
            Description = entry.Description ?? template?.Description ?? entry.Name,
            Image = image,
            Parameters = entry.Parameters,
            Environment = environment,
            Secrets = entry.Secrets is { } own ? [.. own.Select(s => new SidecarSecret(s, null))] : template?.Secrets ?? [],
            Volumes = entry.Volumes ?? template?.Volumes ?? [],
            Security = entry.Security ?? template?.Security ?? new SecuritySettings(),
        };
        return merged.IsTailscale && merged.Parameters.GetValueOrDefault("tailnet") is { Length: > 0 } tailnet
            ? merged with { Secrets = [.. merged.Secrets.Select(s => s.Secret.Variable == "TS_AUTHKEY" ? s with { HostVariable = "TS_AUTHKEY_" + Shout(tailnet) } : s)] }
            : merged;
    }

    private static string Shout(string text) => string.Concat(text.ToUpperInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
}

/// <summary>A sidecar that needs no definition, only its name.</summary>
/// <param name="Name">Name.</param>
/// <param name="Image">Image.</param>
/// <param name="Description">What it does.</param>
/// <param name="RequiredParameters">Parameters that an entry must give.</param>
public sealed record SidecarTemplate(string Name, string Image, string Description, IReadOnlyList<string> RequiredParameters)
{
    /// <summary>All templates.</summary>
    public static IReadOnlyList<SidecarTemplate> All { get; } = [.. Sidecar.Templates.Select(t => new SidecarTemplate(t.Template.Name, t.Template.Image, t.Template.Description, t.Required))];
}
