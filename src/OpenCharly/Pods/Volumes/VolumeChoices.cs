using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Pods.Volumes;

/// <summary>Choices of volumes in words: <c>name:type[:path]</c>, <c>--bind</c>, <c>--encrypt</c> (pod.md §5.1).</summary>
internal static class VolumeChoices
{
    /// <summary>Whether this can name a volume.</summary>
    public static bool IsName(string name) => Patterns.Volume().IsMatch(name);

    /// <summary>The kind that a word means; null for another word.</summary>
    public static VolumeKind? KindOf(string word) => word switch
    {
        "volume" => VolumeKind.Volume,
        "bind" => VolumeKind.Bind,
        "encrypted" => VolumeKind.Encrypted,
        _ => null,
    };

    /// <summary>The word of a kind.</summary>
    public static string WordOf(VolumeKind kind) => kind switch
    {
        VolumeKind.Bind => "bind",
        VolumeKind.Encrypted => "encrypted",
        _ => "volume",
    };

    /// <summary>Reads <c>name:type[:path]</c>.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PodVolume"/> for an unknown type or an empty name.</exception>
    public static VolumeChoice Parse(string text, SourcePosition? position = null)
    {
        var parts = text.Split(':', 3);
        if (parts.Length < 2 || KindOf(parts[1]) is not { } kind) throw Wrong(text, parts.Length < 2 ? "it has no type" : $"the type \"{parts[1]}\" is not known", position);
        return new VolumeChoice(CheckName(parts[0], text, position), kind) { Host = parts.Length == 3 ? CheckPath(parts[2], text, position) : null };
    }

    /// <summary>Reads <c>name</c> or <c>name=/path</c> of <c>--bind</c>.</summary>
    public static VolumeChoice ParseBind(string text)
    {
        var equals = text.IndexOf('=');
        return equals < 0
            ? new VolumeChoice(CheckName(text, text, null), VolumeKind.Bind)
            : new VolumeChoice(CheckName(text[..equals], text, null), VolumeKind.Bind) { Host = CheckPath(text[(equals + 1)..], text, null) };
    }

    /// <summary>Reads the name of <c>--encrypt</c>.</summary>
    public static VolumeChoice ParseEncrypted(string text) => new(CheckName(text, text, null), VolumeKind.Encrypted);

    /// <summary>Lays choices over others: same names are replaced in their place, but keep their container path and what was seeded.</summary>
    public static IReadOnlyList<VolumeChoice> Merge(IReadOnlyList<VolumeChoice> below, IEnumerable<VolumeChoice> above)
    {
        var merged = below.ToList();
        foreach (var choice in above)
        {
            var at = merged.FindIndex(m => m.Name == choice.Name);
            if (at < 0) merged.Add(choice);
            else if (merged[at].Kind == choice.Kind && merged[at].Host == choice.Host) merged[at] = merged[at] with { Path = choice.Path ?? merged[at].Path };
            else merged[at] = choice with { Path = choice.Path ?? merged[at].Path };
        }

        return merged;
    }

    private static string CheckName(string name, string text, SourcePosition? position) =>
        IsName(name) ? name : throw Wrong(text, name.Length == 0 ? "the name is empty" : $"\"{name}\" can't name a volume", position);

    private static string CheckPath(string path, string text, SourcePosition? position) =>
        Patterns.IsAnchored(path) && Patterns.IsOneLine(path) && !path.Contains(':') && !Patterns.Climbs(path) ? path : throw Wrong(text, $"\"{path}\" is no absolute path", position);

    private static CharlyException Wrong(string text, string why, SourcePosition? position) => new(
        Errors.PodVolume, $"\"{text.ReplaceLineEndings("⏎")}\" chooses no volume: {why}", "Write NAME:volume, NAME:bind[:/path] or NAME:encrypted[:/path].", position, text);
}
