using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Pods;
using OpenCharly.Pods.Quadlets;
using OpenCharly.Pods.Secrets;
using OpenCharly.Yaml;

namespace OpenCharly.Tests.Pods;

/// <summary>An entry, an image and settings that become quadlets, without a machine to touch.</summary>
internal sealed record PodCase
{
    public required string Key { get; init; }

    public required string Entry { get; init; }

    public required BoxLabels Labels { get; init; }

    public string Image { get; init; } = "registry.example.org/acme/notes:2026.200.0915";

    public PodSettings Settings { get; init; } = new() { VolumesPath = "/home/ann/.local/share/charly/volumes", EncryptedPath = "/home/ann/.local/share/charly/encrypted" };

    public IReadOnlyList<SecretLine> SidecarSecrets { get; init; } = [];

    public IReadOnlyList<string> Secrets { get; init; } = [];

    public bool HasGpu { get; init; }

    public IReadOnlyDictionary<int, string> Occupied { get; init; } = new Dictionary<int, string>();

    public IReadOnlyDictionary<string, string> Entrypoints { get; init; } = new Dictionary<string, string>();

    public Provides Provides { get; init; } = Provides.Empty;

    public List<string> Warnings { get; } = [];

    public static CharlyEnvironment Ann { get; } = new() { Variables = new Dictionary<string, string>(), Home = "/home/ann", WorkingDirectory = "/home/ann" };

    /// <summary>Reads an entry as the per-host file has it.</summary>
    public static PodEntry Read(string key, string yaml)
    {
        var problems = new List<Problem>();
        var root = (YamlMapping)YamlReader.Read(yaml, "charly.yml")[0];
        var body = DeploymentReader.Canonical(root, key, problems);
        var deployment = DeploymentReader.Read(body, key, false, problems);
        CharlyValidationException.ThrowIfAny(problems);
        return PodEntryReader.Read(deployment);
    }

    public PodEntry Parsed => Read(Key, Entry);

    public PodPlan Compile()
    {
        var entry = Parsed;
        var free = 41734;
        var ports = PortPlan.Resolve(Labels.Ports, PortPlan.Pins(entry.Ports), PortPlan.Readable(entry.ResolvedPorts, Warnings), Occupied, _ => ++free);
        var variables = new PodVariables()
            .Add(VariableOrigin.Provided, Provides.VariablesFor(entry.Key, Labels))
            .Add(VariableOrigin.Image, Labels.Environment)
            .Add(VariableOrigin.Entry, entry.Environment);
        if (Provides.McpJson(entry.Key) is { } mcp) variables.Set("CHARLY_MCP_SERVERS", mcp);
        PodRequirements.Check(entry, Labels, variables, Provides, [.. Secrets], Warnings);
        var lines = Labels.Secrets.Select(s => new SecretLine(entry.Key.Secret(s.Name), s.Variable.Length > 0 ? s.Variable : null, s.Target.Length > 0 ? s.Target : s.Name))
            .Concat(Labels.SecretRequire.Concat(Labels.SecretAccept).Where(r => Secrets.Contains(r.Name)).Select(r => new SecretLine(PodSecrets.NameOf(entry.Key, r), r.Name, r.Name)));
        return PodCompiler.Compile(
            new PodInputs
            {
                Entry = entry,
                Image = Image,
                Labels = Labels,
                Settings = Settings,
                Environment = Ann,
                Ports = ports.Mappings,
                Variables = variables,
                EnvironmentFile = entry.EnvironmentFile is { } file ? (file, VariableOrigin.EntryFile) : null,
                Secrets = [.. lines],
                HasGpu = HasGpu,
                Entrypoints = Entrypoints,
                Charly = "/usr/bin/charly",
                Sidecars = [.. entry.Sidecars.Select(s => Sidecar.Resolve(entry.Key, s)).Select(s => new PlannedSidecar(
                    s, [.. s.Secrets.Select(x => new SecretLine($"{entry.Key.Sidecar(s.Name)}-{x.Secret.Name}", x.Secret.Variable.Length > 0 ? x.Secret.Variable : null, x.Secret.Name))]))],
            },
            Warnings);
    }

    public IReadOnlyList<UnitFile> Render() => Quadlet.Render(Compile());
}
