using System.Text;
using OpenCharly.Model;

namespace OpenCharly.Kubernetes;

/// <summary>A file of a tree.</summary>
/// <param name="Content">Its bytes.</param>
/// <param name="IsPrivate">Whether only its owner may read it, because it holds a secret.</param>
public sealed record ManifestFile(ReadOnlyMemory<byte> Content, bool IsPrivate = false)
{
    /// <summary>Its text.</summary>
    public string Text => Encoding.UTF8.GetString(Content.Span);

    /// <summary>A file of text.</summary>
    public static ManifestFile Of(string text, bool isPrivate = false) => new(Encoding.UTF8.GetBytes(text), isPrivate);
}

/// <summary>A deployment as Kustomize reads it: a base, which its instances share, and one overlay (deploy.md §7.6).</summary>
/// <param name="Name">Name of the base and of all objects.</param>
/// <param name="Overlay">Name of the overlay: the instance, or <c>default</c>.</param>
/// <param name="BaseFiles">Files of the base by path in it.</param>
/// <param name="OverlayFiles">Files of the overlay by path in it.</param>
/// <param name="Notes">What the user should know.</param>
public sealed record ManifestTree(
    string Name,
    string Overlay,
    IReadOnlyDictionary<string, ManifestFile> BaseFiles,
    IReadOnlyDictionary<string, ManifestFile> OverlayFiles,
    IReadOnlyList<string> Notes)
{
    /// <summary>All files by path in the deployment's folder, in order.</summary>
    public IReadOnlyDictionary<string, ManifestFile> Files => new SortedDictionary<string, ManifestFile>(
        BaseFiles.Select(f => KeyValuePair.Create($"base/{f.Key}", f.Value)).Concat(OverlayFiles.Select(f => KeyValuePair.Create($"overlays/{Overlay}/{f.Key}", f.Value))).ToDictionary(),
        StringComparer.Ordinal);
}

/// <summary>What a tree is made from.</summary>
public sealed record ManifestInput
{
    /// <summary>Name of all objects.</summary>
    public required string Name { get; init; }

    /// <summary>Name of the overlay.</summary>
    public string Overlay { get; init; } = "default";

    /// <summary>The entry.</summary>
    public required Workload Workload { get; init; }

    /// <summary>The image.</summary>
    public required WorkloadImage Image { get; init; }

    /// <summary>The cluster.</summary>
    public required ClusterProfile Profile { get; init; }

    /// <summary>Environment of the entry, laid over the image's.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Values of secrets by name, for a cluster that takes them raw; the others are not read.</summary>
    public IReadOnlyDictionary<string, string> SecretValues { get; init; } = new Dictionary<string, string>();

    /// <summary>Files to copy, by name.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Raw { get; init; } = new Dictionary<string, ReadOnlyMemory<byte>>();
}
