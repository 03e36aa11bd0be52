using System.Text.RegularExpressions;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>Variables in the texts of checks: <c>${NAME}</c> and <c>${NAME:arg}</c>, upper case (candy-and-plan.md §9.4).</summary>
internal static partial class CheckText
{
    /// <summary>Whether a text holds anything that looks like a variable.</summary>
    public static bool HasVariable(string text) => text.Contains("${", StringComparison.Ordinal) && Variable().IsMatch(text);

    /// <summary>A variable: its name and, after a colon, its argument.</summary>
    [GeneratedRegex(@"\$\{([A-Z][A-Z0-9_]*)(?::([^}]*))?\}")]
    public static partial Regex Variable();

    /// <summary>A column of a scenario's examples: <c>&lt;name&gt;</c>.</summary>
    [GeneratedRegex(@"<([A-Za-z_][A-Za-z0-9_ -]*)>")]
    public static partial Regex Placeholder();

    /// <summary>The mapping with every text passed through a function that also gets the top-level key it stands below.</summary>
    public static YamlMapping Replace(YamlMapping mapping, Func<string, string, string> replace) =>
        new([.. mapping.Entries.Select(e => new YamlEntry(e.Key, Replace(e.Value, e.Key.Text, replace)))], mapping.Position);

    private static YamlNode Replace(YamlNode node, string key, Func<string, string, string> replace) => node switch
    {
        YamlScalar { IsNull: false } scalar => scalar with { Text = replace(key, scalar.Text) },
        YamlSequence list => new YamlSequence([.. list.Items.Select(i => Replace(i, key, replace))], list.Position),
        YamlMapping map => new YamlMapping([.. map.Entries.Select(e => new YamlEntry(e.Key, Replace(e.Value, key, replace)))], map.Position),
        _ => node,
    };
}
