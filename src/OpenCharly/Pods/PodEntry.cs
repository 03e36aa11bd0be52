using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Pods;

/// <summary>What a volume is backed by.</summary>
public enum VolumeKind
{
    /// <summary>A volume of the engine.</summary>
    Volume,

    /// <summary>A folder of this machine.</summary>
    Bind,

    /// <summary>A folder of this machine, encrypted with gocryptfs.</summary>
    Encrypted,
}

/// <summary>How one volume of a pod is backed (pod.md §5).</summary>
/// <param name="Name">Name of the volume.</param>
/// <param name="Kind">What backs it.</param>
public sealed record VolumeChoice(string Name, VolumeKind Kind)
{
    /// <summary>Folder of this machine; null for the automatic one.</summary>
    public string? Host { get; init; }

    /// <summary>Path in the container, for volumes that the image does not declare.</summary>
    public string? Path { get; init; }

    /// <summary>Whether the image's files were copied into it.</summary>
    public bool DataSeeded { get; init; }

    /// <summary>Image that they came from.</summary>
    public string? DataSource { get; init; }
}

/// <summary>Where an entry says that the value of a secret comes from.</summary>
/// <param name="Name">Name of the secret.</param>
/// <param name="Source"><c>keyring</c>, <c>env:VAR</c> or <c>file:PATH</c>; <c>engine</c> for a value that the engine was given already.</param>
/// <param name="Position">Where it stands.</param>
public sealed record SecretSource(string Name, string Source, SourcePosition? Position);

/// <summary>A pod entry of the deploy map: what of it only pods read (pod.md §2).</summary>
public sealed record PodEntry
{
    /// <summary>The deploy key.</summary>
    public required PodKey Key { get; init; }

    /// <summary>Where the entry stands; null for one that is in no file.</summary>
    public SourcePosition? Position { get; init; }

    /// <summary>Box: a short name or a full reference.</summary>
    public required string Box { get; init; }

    /// <summary>Version that a short name is pinned to.</summary>
    public string? Tag { get; init; }

    /// <summary>Pins of ports, as written.</summary>
    public IReadOnlyList<SourcedText> Ports { get; init; } = [];

    /// <summary>Mappings that were published last.</summary>
    public IReadOnlyList<string> ResolvedPorts { get; init; } = [];

    /// <summary>Backing of volumes, in order.</summary>
    public IReadOnlyList<VolumeChoice> Volumes { get; init; } = [];

    /// <summary>Variables, in order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; } = [];

    /// <summary>File of variables.</summary>
    public string? EnvironmentFile { get; init; }

    /// <summary>Sources of secrets.</summary>
    public IReadOnlyList<SecretSource> Secrets { get; init; } = [];

    /// <summary>Container security.</summary>
    public SecuritySettings Security { get; init; } = new();

    /// <summary>Network; the image's, else <c>charly</c>, if null.</summary>
    public string? Network { get; init; }

    /// <summary>Engine: <c>podman</c> or <c>docker</c>; the setting's if null.</summary>
    public string? Engine { get; init; }

    /// <summary>Tunnel; null if none.</summary>
    public Tunnels.TunnelRequest? Tunnel { get; init; }

    /// <summary>Host name for a tunnel that comes from elsewhere, such as the project's defaults; null if none.</summary>
    public string? Hostname { get; init; }

    /// <summary>Sidecars by name, in order.</summary>
    public IReadOnlyList<SidecarEntry> Sidecars { get; init; } = [];

    /// <summary>Overlay candies.</summary>
    public IReadOnlyList<string> AddCandies { get; init; } = [];

    /// <summary>Whether the SSH agent is handed to shells; the setting's if null.</summary>
    public bool? ForwardSshAgent { get; init; }

    /// <summary>Whether the GPG agent is handed to shells; the setting's if null.</summary>
    public bool? ForwardGpgAgent { get; init; }
}

/// <summary>A sidecar as an entry writes it, to be laid over a template of its name (pod.md §11).</summary>
public sealed record SidecarEntry
{
    /// <summary>Name of the sidecar.</summary>
    public required string Name { get; init; }

    /// <summary>Where it stands.</summary>
    public SourcePosition? Position { get; init; }

    /// <summary>What it is for.</summary>
    public string? Description { get; init; }

    /// <summary>Image.</summary>
    public string? Image { get; init; }

    /// <summary>Parameters.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>();

    /// <summary>Variables.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Secrets; null leaves the template's.</summary>
    public IReadOnlyList<CandySecret>? Secrets { get; init; }

    /// <summary>Volumes; null leaves the template's.</summary>
    public IReadOnlyList<CandyVolume>? Volumes { get; init; }

    /// <summary>Container security; null leaves the template's.</summary>
    public SecuritySettings? Security { get; init; }
}
