using OpenCharly.Model;
using OpenCharly.Pods.Tunnels;
using OpenCharly.Pods.Volumes;

namespace OpenCharly.Pods;

/// <summary>A secret of the engine that a container gets.</summary>
/// <param name="Name">Its name in the engine.</param>
/// <param name="Variable">Variable that gets its value; null for a file.</param>
/// <param name="Target">File below <c>/run/secrets</c>, or path; for a variable of no meaning.</param>
internal sealed record SecretLine(string Name, string? Variable, string Target)
{
    /// <summary>The value of <c>Secret=</c> and <c>--secret</c>.</summary>
    public override string ToString() => Variable is null ? $"{Name},target={Target}" : $"{Name},type=env,target={Variable}";
}

/// <summary>A sidecar with the secrets that it gets.</summary>
/// <param name="Sidecar">The sidecar.</param>
/// <param name="Secrets">Its secrets.</param>
internal sealed record PlannedSidecar(Sidecar Sidecar, IReadOnlyList<SecretLine> Secrets);

/// <summary>
/// All that a pod is, decided: what its units say, and what the engine is told in direct mode. Made without touching anything;
/// it holds names of secrets, never values.
/// </summary>
internal sealed record PodPlan
{
    /// <summary>The key.</summary>
    public required PodKey Key { get; init; }

    /// <summary>Full reference of the image.</summary>
    public required string Image { get; init; }

    /// <summary>Version of the box.</summary>
    public required string Version { get; init; }

    /// <summary>Status of the box.</summary>
    public required string Status { get; init; }

    /// <summary>A line about the status; empty if none.</summary>
    public string Info { get; init; } = "";

    /// <summary>Working folder in the container.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>Network.</summary>
    public required string Network { get; init; }

    /// <summary>Published ports with their addresses; none on the host's network.</summary>
    public IReadOnlyList<PortMapping> Ports { get; init; } = [];

    /// <summary>Volumes.</summary>
    public required VolumePlan Volumes { get; init; }

    /// <summary>Merged security.</summary>
    public required SecuritySettings Security { get; init; }

    /// <summary>User id in the image.</summary>
    public required int Uid { get; init; }

    /// <summary>Group id in the image.</summary>
    public required int Gid { get; init; }

    /// <summary>Secrets, those of the image first.</summary>
    public IReadOnlyList<SecretLine> Secrets { get; init; } = [];

    /// <summary>Whether it gets the NVIDIA devices.</summary>
    public bool HasGpu { get; init; }

    /// <summary>Variables that the unit itself holds.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; } = [];

    /// <summary>Absolute path of the one file of variables; null if none.</summary>
    public string? EnvironmentFile { get; init; }

    /// <summary>Words of the command.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Tunnel; null if none.</summary>
    public TunnelPlan? Tunnel { get; init; }

    /// <summary>Sidecars; with any, the deployment is a pod of several containers.</summary>
    public IReadOnlyList<PlannedSidecar> Sidecars { get; init; } = [];

    /// <summary>Name server of the network that tailscale's sidecar keeps using.</summary>
    public string Gateway { get; init; } = "10.89.0.1";

    /// <summary>Absolute path of this command, which mounts encrypted volumes.</summary>
    public required string Charly { get; init; }

    /// <summary>Whether it starts when the user logs in.</summary>
    public required bool AutoEnable { get; init; }

    /// <summary>Whether credentials may be in a keyring.</summary>
    public required bool IsKeyringBackend { get; init; }

    /// <summary>Whether it is a pod of several containers.</summary>
    public bool IsPod => Sidecars.Count > 0;

    /// <summary>Whether the engine runs as root, so that ids in the container are those of this machine.</summary>
    public bool IsRootful { get; init; }

    /// <summary>Whether the user namespace keeps the user's id, as folders of this machine need it. Root's containers have none.</summary>
    public bool KeepsId => !IsRootful && Volumes.Binds.Any();
}
