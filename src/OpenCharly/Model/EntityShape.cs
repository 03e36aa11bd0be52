using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>Tells the fields of one entity from a map of names to entities (candy-and-plan.md §1.1).</summary>
internal static class EntityShape
{
    // A candy may consist of nothing but these, and then every value is a mapping, as in a map of candies.
    private static readonly string[] MappingFields =
        ["description", "distro", "var", "env", "shell", "route", "security", "env_provide", "localpkg", "hook", "capability"];

    /// <summary>Whether what stands below a kind key are the fields of one entity.</summary>
    public static bool IsBody(string kind, YamlMapping value) =>
        value["name"] is YamlScalar { IsNull: false }
        || value.Entries.Any(e => e.Value is not (YamlMapping or YamlScalar { IsNull: true }))
        || (kind == "candy" && value.Entries.All(e => MappingFields.Contains(e.Key.Text)));

    /// <summary>The entities below a kind key with their names: one without a name for its fields, or those of a map.</summary>
    public static IEnumerable<(string? Name, YamlMapping Body)> Bodies(string kind, YamlMapping value) => IsBody(kind, value)
        ? [((value["name"] as YamlScalar)?.Text, value)]
        : value.Entries.Select(e => ((string?)e.Key.Text, e.Value as YamlMapping ?? new YamlMapping([], e.Key.Position)));

    /// <summary>Whether a file is more than one candy with <c>candy:</c> around its fields. One that can't be read is taken for one: reading it tells why.</summary>
    /// <param name="file">The file.</param>
    /// <param name="display">Its name in messages.</param>
    public static bool HoldsSeveral(string file, string display) => Documents(file, display) switch
    {
        [YamlMapping { Entries: [{ Value: YamlMapping body }] }] => !IsBody("candy", body),
        [YamlMapping { Entries.Count: > 1 }] => true,
        { Count: > 1 } => true,
        _ => false,
    };

    /// <summary>Whether the first document of a file is a candy with <c>candy:</c> around its fields. One that can't be read is none.</summary>
    /// <param name="file">The file.</param>
    /// <param name="display">Its name in messages.</param>
    public static bool BeginsWithCandy(string file, string display) =>
        Documents(file, display) is [YamlMapping { Entries: [{ Key.Text: "candy", Value: YamlMapping body }] }, ..] && IsBody("candy", body);

    // Whoever reads the file next is told what is wrong with it.
    private static IReadOnlyList<YamlNode> Documents(string file, string display)
    {
        try
        {
            return YamlReader.ReadFile(file, display);
        }
        catch (CharlyException)
        {
            return [];
        }
    }
}
