using System.Globalization;
using System.Xml.Linq;
using OpenCharly.Yaml;

namespace OpenCharly.Vms.Libvirt;

/// <summary>Which key of an entity's <c>libvirt:</c> part is which place of an element, the way back from a domain to what an author would write.</summary>
/// <remarks>
/// A line such as <c>model xattr=binary/@xattr:on cache=binary/cache/@mode</c>: a path of keys, the path of the attribute or
/// element, and, where it is no text, how it is spelt: <c>on</c> for on and off, <c>yes</c> for yes and no, <c>is</c> for an
/// element that is there, <c>unit</c> for a size with a unit beside it. A key alone is the attribute of that name.
/// </remarks>
internal sealed class DomainKeys
{
    private readonly (string[] Keys, string[] Places, string Kind)[] _all;

    /// <summary>Reads a line.</summary>
    public DomainKeys(string line) => _all =
    [
        .. line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(word =>
        {
            var (text, kind) = word.Split(':') is [var before, var after] ? (before, after) : (word, "");
            var (keys, place) = text.Split('=') is [var left, var right] ? (left, right) : (text, "@" + text);
            return (keys.Split('.'), place.Split('/'), kind);
        }),
    ];

    /// <summary>What an element says; null if none of it.</summary>
    /// <param name="from">The element; null gives null.</param>
    /// <param name="more">Further keys, those without a value left out.</param>
    public YamlValue? Read(XElement? from, params (string Key, YamlValue? Value)[] more)
    {
        if (from is null) return null;
        var found = _all.Select(k => (k.Keys, Value: Value(from, k.Places, k.Kind))).Where(k => k.Value is not null).Select(k => (k.Keys, k.Value!)).ToList();
        foreach (var (key, value) in more.Where(m => m.Value is not null)) found.Add(([key], value!));
        return found.Count == 0 ? null : Map(found, 0);
    }

    /// <summary>What each of some elements says; null without any.</summary>
    public YamlValue? ReadAll(IEnumerable<XElement>? from) => List((from ?? []).Select(e => Read(e)));

    /// <summary>A list of what is there; null if it would be empty.</summary>
    public static YamlValue? List(IEnumerable<YamlValue?> items) => items.OfType<YamlValue>().ToArray() is { Length: > 0 } all ? YamlValue.List(all) : null;

    /// <summary>A text as an author would write it: whole numbers without quotes.</summary>
    public static YamlValue Plain(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number.ToString(CultureInfo.InvariantCulture) == text ? number : text;

    private static YamlValue Map(IReadOnlyList<(string[] Keys, YamlValue Value)> found, int depth) => YamlValue.Map(
        found.GroupBy(f => f.Keys[depth], StringComparer.Ordinal).Select(g => (g.Key, g.First().Keys.Length == depth + 1 ? g.First().Value : Map([.. g], depth + 1))));

    private static YamlValue? Value(XElement from, string[] places, string kind)
    {
        var element = places.SkipLast(1).Aggregate((XElement?)from, (e, place) => e?.Element(place));
        var last = places[^1];
        if (kind == "is") return element?.Element(last) is null ? null : YamlValue.Boolean(true);
        var text = last[0] == '@' ? (string?)element?.Attribute(last[1..]) : last == "." ? element?.Value.Trim() : element?.Element(last)?.Value.Trim();
        if (string.IsNullOrEmpty(text)) return null;
        return kind switch
        {
            "on" when text is "on" or "off" => text == "on",
            "yes" when text is "yes" or "no" => text == "yes",
            "unit" => text + (string?)element!.Attribute("unit"),
            _ => Plain(text),
        };
    }
}
