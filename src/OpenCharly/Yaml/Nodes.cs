using System.Globalization;
using OpenCharly.Foundation;

namespace OpenCharly.Yaml;

/// <summary>Makes the trees that become documents of ours: cloud-init data, Kubernetes objects.</summary>
internal static class Nodes
{
    private static readonly SourcePosition Nowhere = new("document", 1, 1);

    /// <summary>Text, quoted where it needs to be.</summary>
    public static YamlNode Text(string text) => new YamlScalar(text, IsQuoted: true, Nowhere);

    /// <summary><c>true</c> or <c>false</c>.</summary>
    public static YamlNode Flag(bool value) => new YamlScalar(value ? "true" : "false", IsQuoted: false, Nowhere);

    /// <summary>A whole number.</summary>
    public static YamlNode Number(long value) => new YamlScalar(value.ToString(CultureInfo.InvariantCulture), IsQuoted: false, Nowhere);

    /// <summary>A list.</summary>
    public static YamlNode List(IEnumerable<YamlNode> items) => new YamlSequence([.. items], Nowhere);

    /// <summary>A list of texts.</summary>
    public static YamlNode Texts(IEnumerable<string> items) => List(items.Select(Text));

    /// <summary>A mapping; entries whose value is null are left out.</summary>
    public static YamlMapping Map(params IEnumerable<(string Key, YamlNode? Value)> entries) => new(
        [.. entries.Where(e => e.Value is not null).Select(e => new YamlEntry(new YamlScalar(e.Key, IsQuoted: true, Nowhere), e.Value!))],
        Nowhere);

    /// <summary>A mapping of texts in the order of their names; null if there is none.</summary>
    public static YamlNode? TextMap(IEnumerable<KeyValuePair<string, string>> entries)
    {
        var map = Map(entries.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => (e.Key, (YamlNode?)Text(e.Value))));
        return map.Entries.Count > 0 ? map : null;
    }
}
