using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>
/// Tags of distributions in checks, such as <c>debian-13</c>. Any name may be one, since a target may call itself so; what looks like
/// a slip of the pen is warned of.
/// </summary>
internal static class DistroTags
{
    /// <summary>A mapping of tags to texts.</summary>
    public static IReadOnlyDictionary<string, string> Map(YamlBinder binder, string key)
    {
        var map = binder.TextMap(key);
        foreach (var tag in map.Keys) Check(binder, key, tag, binder.NameAt(key, tag));
        return map;
    }

    /// <summary>A list of tags.</summary>
    public static IReadOnlyList<string> List(YamlBinder binder, string key, string alias)
    {
        var tags = binder.TextList(key, alias);
        foreach (var tag in tags) Check(binder, key, tag, binder.ItemAt(key, tag));
        return tags;
    }

    private static void Check(YamlBinder binder, string key, string tag, SourcePosition position)
    {
        var match = Patterns.DistroTag().Match(tag);
        var family = match.Success ? match.Groups[1].Value : tag;
        var known = PackageSectionReader.BuiltIn;
        if (match.Success && known.Contains(family))
        {
            if (match.Groups[2].Value.Any(char.IsAsciiLetter)) binder.Report(Errors.CfgUnknownKey, $"\"{key}\": \"{tag}\" is no release of {family}", "Write its number, as in debian-13.", position, isWarning: true);
        }
        else if (Nearest.Find(family, known, family.Length <= 4 ? 1 : 2) is { } near)
        {
            binder.Report(Errors.CfgUnknownKey, $"\"{key}\": the distribution \"{tag}\" is not known", $"Did you mean \"{near}\"?", position, isWarning: true);
        }
    }
}
