using OpenCharly.Foundation;

namespace OpenCharly.Yaml;

/// <summary>What a text means, apart from how it is laid out: the tree that an edit may change in one place only.</summary>
internal static class YamlTree
{
    /// <summary>The tree of a laid-out value; nothing is an empty scalar.</summary>
    public static YamlValue Of(LaidNode? node) => node switch
    {
        null => YamlValue.Null,
        LaidScalar { IsNull: true } => YamlValue.Null,
        LaidScalar scalar => new YamlScalarValue(scalar.Text, scalar.IsPlain),
        LaidAlias alias => new YamlAliasValue(alias.Name),
        LaidSequence sequence => new YamlListValue([.. sequence.Items.Select(Of)]),
        LaidMapping mapping => new YamlMapValue([.. mapping.Entries.Select(e => (((LaidScalar)e.Key).Text, Of(e.Value)))]),
        _ => throw new ArgumentException($"unknown node {node.GetType().Name}", nameof(node)),
    };

    /// <summary>The tree with one value set; mappings on the way are made.</summary>
    public static YamlValue With(YamlValue tree, IReadOnlyList<string> path, YamlValue value, string file)
    {
        if (path.Count == 0) return value;
        if (tree is YamlScalarValue { Content: "", IsPlain: true }) tree = YamlValue.Map();
        if (tree is not YamlMapValue map)
        {
            throw new CharlyException(
                Errors.YamlType, $"{file}: the value above \"{path[0]}\" is not a mapping", $"Make it a mapping before setting \"{path[0]}\" in it.");
        }

        string[] rest = [.. path.Skip(1)];
        var isThere = map.Entries.Any(e => e.Key == path[0]);
        return new YamlMapValue(isThere
            ? [.. map.Entries.Select(e => e.Key == path[0] ? (e.Key, With(e.Value, rest, value, file)) : e)]
            : [.. map.Entries, (path[0], With(YamlValue.Null, rest, value, file))]);
    }

    /// <summary>The tree without one value.</summary>
    public static YamlValue Without(YamlValue tree, IReadOnlyList<string> path) => tree is not YamlMapValue map
        ? tree
        : new YamlMapValue(path.Count == 1
            ? [.. map.Entries.Where(e => e.Key != path[0])]
            : [.. map.Entries.Select(e => e.Key == path[0] ? (e.Key, Without(e.Value, [.. path.Skip(1)])) : e)]);

    /// <summary>Whether two trees mean the same; the order of keys does not count, an empty document is an empty mapping.</summary>
    public static bool Same(YamlValue a, YamlValue b, bool isRoot = true) => (a, b) switch
    {
        (YamlScalarValue x, YamlScalarValue y) => x.Content == y.Content && IsNull(x) == IsNull(y),
        (YamlAliasValue x, YamlAliasValue y) => x.Name == y.Name,
        (YamlListValue x, YamlListValue y) => x.Items.Count == y.Items.Count && x.Items.Zip(y.Items).All(p => Same(p.First, p.Second, false)),
        (YamlMapValue x, YamlMapValue y) => SameEntries(x, y),
        (YamlMapValue { Entries.Count: 0 }, YamlScalarValue y) when isRoot => IsNull(y),
        _ => false,
    };

    private static bool SameEntries(YamlMapValue a, YamlMapValue b)
    {
        if (a.Entries.Count != b.Entries.Count) return false;
        var other = b.Entries.ToDictionary(e => e.Key, e => e.Value, StringComparer.Ordinal);
        return a.Entries.All(e => other.TryGetValue(e.Key, out var value) && Same(e.Value, value, false));
    }

    private static bool IsNull(YamlScalarValue value) => value is { IsPlain: true, Content: "" or "~" or "null" or "Null" or "NULL" };
}

/// <summary>A use of an anchor, which is compared by name and never written.</summary>
internal sealed record YamlAliasValue(string Name) : YamlValue;
