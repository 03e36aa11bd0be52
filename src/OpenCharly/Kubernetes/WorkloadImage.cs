using OpenCharly.Model;

namespace OpenCharly.Kubernetes;

/// <summary>A port that a container listens on.</summary>
/// <param name="Number">1 to 65535.</param>
/// <param name="IsUdp">Whether it is UDP.</param>
public sealed record WorkloadPort(int Number, bool IsUdp);

/// <summary>What an image says of itself to a cluster (deploy.md §7.6).</summary>
public sealed record WorkloadImage
{
    /// <summary>The reference that a cluster pulls.</summary>
    public required string Reference { get; init; }

    /// <summary>Ports, in the image's order.</summary>
    public IReadOnlyList<WorkloadPort> Ports { get; init; } = [];

    /// <summary>Volumes by bare name.</summary>
    public IReadOnlyList<WorkloadVolume> Volumes { get; init; } = [];

    /// <summary>Environment, in the image's order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; } = [];

    /// <summary>Secrets.</summary>
    public IReadOnlyList<WorkloadSecret> Secrets { get; init; } = [];

    /// <summary>User that it runs as; 0 for root, or if that is not said.</summary>
    public long Uid { get; init; }

    /// <summary>Group that it runs as; 0 for root, or if that is not said.</summary>
    public long Gid { get; init; }

    /// <summary>The reference of a box for a cluster: one with a repository stays, a short name gets registry and tag.</summary>
    /// <param name="box">The box as the entry names it.</param>
    /// <param name="tag">Tag of a name without one.</param>
    /// <param name="registry">Registry, such as <c>registry.example.org/team</c>; empty for none.</param>
    public static string ReferenceOf(string box, string tag, string registry)
    {
        if (box.Contains('/') || box.Contains('@')) return box;
        var tagged = box.Contains(':') ? box : $"{box}:{tag}";
        return registry.Length == 0 ? tagged : $"{registry.TrimEnd('/')}/{tagged}";
    }
}
