using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Pods.Tunnels;
using OpenCharly.Pods.Volumes;

namespace OpenCharly.Pods;

/// <summary>What a pod is compiled from.</summary>
internal sealed record PodInputs
{
    /// <summary>The entry, choices of the command line already laid over it.</summary>
    public required PodEntry Entry { get; init; }

    /// <summary>Full reference of the image.</summary>
    public required string Image { get; init; }

    /// <summary>What the image says of itself.</summary>
    public required BoxLabels Labels { get; init; }

    /// <summary>Settings of the user.</summary>
    public required PodSettings Settings { get; init; }

    /// <summary>Where the user's home is.</summary>
    public required CharlyEnvironment Environment { get; init; }

    /// <summary>Resolved ports.</summary>
    public IReadOnlyList<PortMapping> Ports { get; init; } = [];

    /// <summary>Variables, all layers laid.</summary>
    public required PodVariables Variables { get; init; }

    /// <summary>The one file that the unit names, with the layer that it is.</summary>
    public (string Path, VariableOrigin Origin)? EnvironmentFile { get; init; }

    /// <summary>Secrets.</summary>
    public IReadOnlyList<SecretLine> Secrets { get; init; } = [];

    /// <summary>Sidecars.</summary>
    public IReadOnlyList<PlannedSidecar> Sidecars { get; init; } = [];

    /// <summary>Whether the NVIDIA devices are there.</summary>
    public bool HasGpu { get; init; }

    /// <summary>Absolute path of this command.</summary>
    public required string Charly { get; init; }

    /// <summary>Entry points of init systems that the project adds or replaces, as command lines.</summary>
    public IReadOnlyDictionary<string, string> Entrypoints { get; init; } = new Dictionary<string, string>();

    /// <summary>Gateway of the network; null for the usual one.</summary>
    public string? Gateway { get; init; }
}

/// <summary>Decides all that a pod is, from what was read; touches nothing (pod.md §4 to §14).</summary>
internal static class PodCompiler
{
    private static readonly string[] Supervisord = ["supervisord", "-n", "-c", "/etc/supervisord.conf"];
    private static readonly string[] Idle = ["sleep", "infinity"];

    /// <summary>Compiles.</summary>
    /// <param name="inputs">What it is compiled from.</param>
    /// <param name="warnings">Gets what the user should know.</param>
    /// <exception cref="CharlyException">Rules that can't be kept, with their codes.</exception>
    public static PodPlan Compile(PodInputs inputs, ICollection<string> warnings)
    {
        var entry = inputs.Entry;
        var labels = inputs.Labels;
        var volumes = Volumes(entry, labels, inputs.Settings, inputs.Environment);
        foreach (var warning in volumes.Warnings) warnings.Add(warning);
        var network = NetworkOf(entry, labels);
        var tunnel = entry.Tunnel is { } request ? TunnelPlan.Resolve(entry.Key, request, inputs.Ports, labels.PortProtocols) : null;
        foreach (var warning in tunnel?.Warnings ?? []) warnings.Add(warning);

        // What a tunnel stands before is reached through the tunnel, whatever the setting says.
        var address = tunnel is null ? inputs.Settings.BindAddress : "127.0.0.1";
        return new PodPlan
        {
            Key = entry.Key,
            Image = inputs.Image,
            Version = labels.Version,
            Status = labels.Status,
            Info = labels.Info,
            WorkingDirectory = volumes.Mounts.FirstOrDefault(m => m.Name == "workspace")?.Path ?? labels.Home,
            Network = network,
            Ports = network == "host" ? [] : [.. inputs.Ports.Select(p => p.Localised(address))],
            Volumes = volumes,
            Security = PodSecurity.Merge(labels.Security ?? new SecuritySettings(), entry.Security),
            Uid = labels.Uid,
            Gid = labels.Gid,
            Secrets = inputs.Secrets,
            HasGpu = inputs.HasGpu,
            Environment = inputs.Variables.Inline(inputs.EnvironmentFile?.Origin),
            EnvironmentFile = inputs.EnvironmentFile?.Path,
            Command = CommandOf(labels.Init, inputs.Entrypoints),
            Tunnel = tunnel,
            Sidecars = inputs.Sidecars,
            Gateway = inputs.Gateway ?? "10.89.0.1",
            Charly = inputs.Charly,
            IsRootful = inputs.Environment.IsRoot,
            AutoEnable = inputs.Settings.AutoEnable,
            IsKeyringBackend = inputs.Settings.IsKeyringBackend,
        };
    }

    /// <summary>The network of an entry (pod.md §10).</summary>
    public static string NetworkOf(PodEntry entry, BoxLabels labels) => entry.Network ?? (labels.Network is { Length: > 0 } own ? own : "charly");

    /// <summary>The volumes of an entry.</summary>
    public static VolumePlan Volumes(PodEntry entry, BoxLabels labels, PodSettings settings, CharlyEnvironment environment) =>
        VolumePlan.Resolve(entry.Key, Declared(labels), entry.Volumes, labels.Home, settings, environment);

    /// <summary>The volumes that an image declares, by the names that entries use.</summary>
    public static IReadOnlyList<CandyVolume> Declared(BoxLabels labels)
    {
        var prefix = $"charly-{labels.Box}-";
        return [.. labels.Volumes.Select(v => v with { Name = v.Name.StartsWith(prefix, StringComparison.Ordinal) ? v.Name[prefix.Length..] : v.Name })];
    }

    private static IReadOnlyList<string> CommandOf(string? init, IReadOnlyDictionary<string, string> entrypoints)
    {
        if (init is not null && entrypoints.TryGetValue(init, out var line) && line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } words) return words;
        return init == "supervisord" ? Supervisord : Idle;
    }
}
