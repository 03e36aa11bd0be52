using System.Text.Json;
using OpenCharly.Model;
using OpenCharly.Model.Schemas;
using OpenCharly.Operations;

namespace OpenCharly.Tests.Model.Schemas;

/// <summary>What <c>charly schema</c> prints.</summary>
public sealed class FileSchemaTests
{
    // Not written in a file, but found out: where it lies, what lies beside it, what follows from other fields.
    private static readonly string[] NoKeys = ["Folder", "Position", "ProjectFolder", "Repository", "HasOwnContent", "Builders", "UnitFiles", "Status", "EqualityContract"];

    private static readonly Dictionary<string, string> KeysOfFields = new(StringComparer.Ordinal)
    {
        ["Members"] = "candy", ["Packages"] = "package", ["Sections"] = "distro", ["Variables"] = "var", ["Environment"] = "env", ["PathEntries"] = "path_append",
        ["LocalPackages"] = "localpkg", ["LibvirtFragments"] = "libvirt", ["RequiresCapabilities"] = "requires_capability", ["Checks"] = "eval",
        ["SourceFolder"] = "directory", ["Aliases"] = "alias", ["Capabilities"] = "capability",
    };

    [Fact]
    public void It_is_one_json_object_of_draft_7_whose_references_lead_somewhere()
    {
        using var schema = JsonDocument.Parse(GetSchema.Read());
        Assert.Equal("http://json-schema.org/draft-07/schema#", schema.RootElement.GetProperty("$schema").GetString());
        var definitions = schema.RootElement.GetProperty("definitions");
        var references = References(schema.RootElement).Distinct().ToArray();
        Assert.NotEmpty(references);
        foreach (var reference in references) Assert.True(definitions.TryGetProperty(reference["#/definitions/".Length..], out _), $"{reference} leads nowhere");
    }

    [Fact]
    public void Every_definition_is_used()
    {
        using var schema = JsonDocument.Parse(GetSchema.Read());
        var used = References(schema.RootElement).Select(r => r["#/definitions/".Length..]).ToHashSet(StringComparer.Ordinal);
        Assert.DoesNotContain(schema.RootElement.GetProperty("definitions").EnumerateObject(), d => !used.Contains(d.Name));
    }

    [Fact]
    public void Every_field_of_a_candy_has_its_key()
    {
        var keys = KeyGrammar.Parse(FileKeys.Text).Keys.Single(k => k.Name == "candy").Inner!.Keys.SelectMany(k => k.Names).ToHashSet(StringComparer.Ordinal);
        foreach (var field in typeof(Candy).GetProperties().Select(p => p.Name).Except(NoKeys))
        {
            var snake = string.Concat(field.Select((c, i) => i > 0 && char.IsUpper(c) ? "_" + char.ToLowerInvariant(c) : char.ToLowerInvariant(c).ToString()));
            var key = KeysOfFields.GetValueOrDefault(field, keys.Contains(snake) ? snake : snake.TrimEnd('s'));
            Assert.True(keys.Contains(key), $"{field} has no key such as {key}");
        }
    }

    [Theory]
    [InlineData("a{")]
    [InlineData("a(b")]
    [InlineData("}")]
    [InlineData("a \"b")]
    [InlineData("(a)")]
    public void A_mistake_in_the_table_of_keys_is_an_error(string text) => Assert.Throws<FormatException>(() => KeyGrammar.Parse(text));

    private static IEnumerable<string> References(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(p => p is { Name: "$ref", Value.ValueKind: JsonValueKind.String } ? [p.Value.GetString()!] : References(p.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(References),
        _ => [],
    };
}
