using System.Globalization;
using System.Text.Json;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Kubernetes;

/// <summary>A port that a container listens on.</summary>
/// <param name="Number">1 to 65535.</param>
/// <param name="IsUdp">Whether it is UDP.</param>
public sealed record ContainerPort(int Number, bool IsUdp);

/// <summary>What the labels of an image say of it to a cluster (pod.md §3.5, deploy.md §7.6).</summary>
public sealed record WorkloadImage
{
    private const string Prefix = "ai.opencharly.";

    /// <summary>The reference that a cluster pulls.</summary>
    public required string Reference { get; init; }

    /// <summary>Ports, in the order of the label.</summary>
    public IReadOnlyList<ContainerPort> Ports { get; init; } = [];

    /// <summary>Volumes by bare name.</summary>
    public IReadOnlyList<WorkloadVolume> Volumes { get; init; } = [];

    /// <summary>Environment, in the order of the label.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; } = [];

    /// <summary>Secrets.</summary>
    public IReadOnlyList<WorkloadSecret> Secrets { get; init; } = [];

    /// <summary>User that it runs as; 0 for root, or if that is not said.</summary>
    public long Uid { get; init; }

    /// <summary>Group that it runs as; 0 for root, or if that is not said.</summary>
    public long Gid { get; init; }

    /// <summary>Reads the labels of an image.</summary>
    /// <param name="box">The box as the entry names it: a full reference stays, a short name gets registry and tag.</param>
    /// <param name="tag">Tag that the entry pins; the image's version if null.</param>
    /// <param name="defaultRegistry">Registry of images that name none; null if there is none.</param>
    /// <param name="labels">Labels of the local image.</param>
    /// <exception cref="CharlyException"><see cref="Errors.Workload"/> for an image that is none of ours, or whose labels can't be read.</exception>
    public static WorkloadImage Read(string box, string? tag, string? defaultRegistry, IReadOnlyDictionary<string, string> labels)
    {
        string? Label(string name) => labels.GetValueOrDefault(Prefix + name) is { Length: > 0 } text ? text : null;
        if (Label("version") is not { } version) throw new CharlyException(Errors.Workload, $"image {box} has no embedded metadata", "Build it again: charly box build. Nothing was changed.", target: box);
        try
        {
            return new WorkloadImage
            {
                Reference = Full(box, tag ?? version, Label("registry") ?? defaultRegistry),
                Ports = [.. Items(Label("port")).Select(e => Port(e.ValueKind == JsonValueKind.Number ? e.GetRawText() : e.GetString()!))],
                Volumes = [.. Items(Label("volume")).Select(e => new WorkloadVolume(Bare(Member(e, "name")!, Label("box")), Member(e, "path")))],
                Environment = [.. Items(Label("env")).Select(e => Pair(e.GetString()!))],
                Secrets = [.. Items(Label("secret")).Select(e => new WorkloadSecret(ClusterNames.Dashed(Member(e, "name")!), Member(e, "env"), Member(e, "target")))],
                Uid = Id(Label("uid")),
                Gid = Id(Label("gid")),
            };
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or NullReferenceException or OverflowException)
        {
            throw new CharlyException(Errors.Workload, $"the labels of image {box} can't be read: {e.Message}", "Build it again: charly box build. Nothing was changed.", target: box, inner: e);
        }
    }

    /// <summary>Whether a box is named in full, with a registry or a digest.</summary>
    internal static bool IsFull(string box) => box.Contains('/') || box.Contains("@sha256:", StringComparison.Ordinal);

    private static string Full(string box, string tag, string? registry)
    {
        if (IsFull(box)) return box;
        var colon = box.IndexOf(':', StringComparison.Ordinal);
        var (name, own) = colon < 0 ? (box, tag) : (box[..colon], box[(colon + 1)..]);
        return registry is null ? $"{name}:{own}" : $"{registry.TrimEnd('/')}/{name}:{own}";
    }

    private static List<JsonElement> Items(string? json)
    {
        if (json is null) return [];
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateArray().Select(e => e.Clone())];
    }

    private static string? Member(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static ContainerPort Port(string text)
    {
        var parts = text.Split('/');
        var number = int.Parse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture);
        return number is >= 1 and <= 65535 ? new ContainerPort(number, parts is [_, "udp"]) : throw new FormatException($"{text} is no port");
    }

    private static KeyValuePair<string, string> Pair(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 ? new(text[..equals], text[(equals + 1)..]) : throw new FormatException($"{text} is no variable");
    }

    // The label carries the name that a pod of the box itself would give its volume.
    private static string Bare(string name, string? box)
    {
        var prefix = $"charly-{box}-";
        return ClusterNames.Dashed(box is not null && name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : name);
    }

    private static long Id(string? text) => text is null ? 0 : long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
