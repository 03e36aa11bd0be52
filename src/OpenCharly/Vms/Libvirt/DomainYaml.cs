using System.Xml.Linq;
using OpenCharly.Yaml;

namespace OpenCharly.Vms.Libvirt;

/// <summary>Reads the entity's <c>libvirt:</c> part, whose keys and kinds are checked already, and turns values into XML.</summary>
internal static class DomainYaml
{
    /// <summary>A mapping below a key; null if there is none.</summary>
    public static YamlMapping? Map(YamlMapping? from, string key) => from?[key] as YamlMapping;

    /// <summary>A value; null if there is none.</summary>
    public static string? Text(YamlMapping? from, string key) => from?[key] is YamlScalar { IsNull: false } scalar ? scalar.Text : null;

    /// <summary>A truth value; null if there is none.</summary>
    public static bool? Flag(YamlMapping? from, string key) => Text(from, key) is { } text ? YamlBinder.ParseBoolean(text) : null;

    /// <summary>The mappings of a list; a single one counts as a list of one.</summary>
    public static IEnumerable<YamlMapping> Items(YamlMapping? from, string key) => from?[key] switch
    {
        YamlSequence sequence => sequence.Items.OfType<YamlMapping>(),
        YamlMapping single => [single],
        _ => [],
    };

    /// <summary>The values of a list; a single one counts as a list of one.</summary>
    public static IEnumerable<string> Texts(YamlMapping? from, string key) => from?[key] switch
    {
        YamlSequence sequence => sequence.Items.OfType<YamlScalar>().Select(s => s.Text),
        YamlScalar { IsNull: false } single => [single.Text],
        _ => [],
    };

    /// <summary><c>on</c> or <c>off</c>.</summary>
    public static string OnOff(bool value) => value ? "on" : "off";

    /// <summary><c>yes</c> or <c>no</c>.</summary>
    public static string YesNo(bool value) => value ? "yes" : "no";

    /// <summary>An attribute, or nothing without a value.</summary>
    public static XAttribute? Attribute(string name, string? value) => value is null ? null : new XAttribute(name, value);

    /// <summary>An attribute whose value is below a key that may have another name.</summary>
    public static XAttribute? Attribute(string name, YamlMapping? from, string? key = null) => Attribute(name, Text(from, key ?? name));

    /// <summary>A <c>yes</c> or <c>no</c> attribute, or nothing without a value.</summary>
    public static XAttribute? YesNo(string name, YamlMapping? from, string? key = null) => Flag(from, key ?? name) is { } value ? new XAttribute(name, YesNo(value)) : null;

    /// <summary>An <c>on</c> or <c>off</c> attribute, or nothing without a value.</summary>
    public static XAttribute? OnOff(string name, YamlMapping? from, string? key = null) => Flag(from, key ?? name) is { } value ? new XAttribute(name, OnOff(value)) : null;

    /// <summary>An element with text, or nothing without a value.</summary>
    public static XElement? Element(string name, YamlMapping? from, string? key = null) => Text(from, key ?? name) is { } text ? new XElement(name, text) : null;

    /// <summary>An element that says <c>state='on'</c> or <c>'off'</c>, or nothing without a value.</summary>
    public static XElement? State(string name, YamlMapping? from, string? key = null) =>
        Flag(from, key ?? name) is { } value ? new XElement(name, new XAttribute("state", OnOff(value))) : null;

    /// <summary>An empty element if a key is true.</summary>
    public static XElement? Empty(string name, YamlMapping? from) => Flag(from, name) == true ? new XElement(name) : null;

    /// <summary>An element whose attributes are the mapping's values; nothing without one.</summary>
    public static XElement? Attributes(string name, YamlMapping? from, params ReadOnlySpan<string> keys)
    {
        if (from is null) return null;
        var element = new XElement(name);
        foreach (var key in keys) element.Add(Attribute(key, from));
        return element;
    }

    /// <summary>A size such as <c>2M</c> as libvirt has it: a number and a unit.</summary>
    public static (string Number, string? Unit) Scaled(string size)
    {
        var digits = size.TakeWhile(char.IsAsciiDigit).Count();
        var unit = size[digits..].Trim();
        return digits == 0 ? (size, null) : (size[..digits], unit.Length == 0 ? null : unit.ToUpperInvariant() switch
        {
            "K" or "KIB" => "KiB",
            "M" or "MIB" => "MiB",
            "G" or "GIB" => "GiB",
            "T" or "TIB" => "TiB",
            _ => unit,
        });
    }
}
