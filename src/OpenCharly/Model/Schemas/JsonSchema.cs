using System.Text;
using System.Text.Json;

namespace OpenCharly.Model.Schemas;

/// <summary>Writes <see cref="FileKeys"/> as a JSON Schema (draft 7) that an editor completes and checks files with.</summary>
internal static class JsonSchema
{
    private static readonly string[] StepWords = ["given", "when", "then", "and", "but"];

    /// <summary>The schema: one object, indented.</summary>
    public static string Write()
    {
        var definitions = KeyGrammar.Parse(FileKeys.Text).Keys;
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("$schema", "http://json-schema.org/draft-07/schema#");
            json.WriteString("title", "charly.yml");
            json.WriteString("description", "A document of a project, the manifest of a candy, or the file that records what was deployed from a machine.");
            WriteAnyOf(json, ["root"]);
            json.WriteStartObject("definitions");
            WriteScalars(json);
            foreach (var definition in definitions.Where(d => !d.Name.StartsWith("check-", StringComparison.Ordinal)))
            {
                json.WriteStartObject(definition.Name);
                WriteValue(json, definition);
                json.WriteEndObject();
            }

            WriteMatcher(json);
            var common = definitions.Single(d => d.Name == "check-common").Inner!;
            SchemaKey[] verbs = [.. definitions.Where(d => d.Name.StartsWith("check-", StringComparison.Ordinal) && d.Name != "check-common")];
            WriteChecks(json, "check", common, verbs, []);
            WriteChecks(json, "step", common, verbs, StepWords);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    // What YAML reads as a number or a truth value is text to a reader that wants text; an empty value counts as none.
    private static void WriteScalars(Utf8JsonWriter json)
    {
        Scalar("text", ["string", "number", "boolean", "null"], null);
        Either("bool", ["boolean", "null"], "^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|[Yy][Ee][Ss]|[Nn][Oo]|[Oo][Nn]|[Oo][Ff][Ff])$");
        Either("int", ["integer", "null"], "^[+-]?[0-9]+$");
        Either("truth", ["boolean", "null"], "^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|[Yy][Ee][Ss]|[Nn][Oo]|[Oo][Nn]|[Oo][Ff][Ff]|.*\\$\\{.*)$");
        Either("whole", ["integer", "null"], "^([+-]?[0-9]+|.*\\$\\{.*)$");
        json.WriteStartObject("texts");
        WriteListOf(json, ["text"]);
        json.WriteEndObject();
        json.WriteStartObject("map");
        WriteMapOf(json, ["text"]);
        json.WriteEndObject();

        void Scalar(string name, IEnumerable<string> types, string? pattern)
        {
            json.WriteStartObject(name);
            WriteTypes(json, types);
            if (pattern is not null) json.WriteString("pattern", pattern);
            json.WriteEndObject();
        }

        void Either(string name, IEnumerable<string> types, string pattern)
        {
            json.WriteStartObject(name);
            json.WriteStartArray("anyOf");
            json.WriteStartObject();
            WriteTypes(json, types);
            json.WriteEndObject();
            json.WriteStartObject();
            json.WriteString("type", "string");
            json.WriteString("pattern", pattern);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }
    }

    private static void WriteMatcher(Utf8JsonWriter json)
    {
        json.WriteStartObject("matcher");
        json.WriteStartArray("anyOf");
        WriteReference(json, "text");
        json.WriteStartObject();
        json.WriteString("type", "object");
        json.WriteNumber("minProperties", 1);
        json.WriteNumber("maxProperties", 1);
        json.WriteStartObject("properties");
        foreach (var name in Matcher.Operators.Keys)
        {
            json.WriteStartObject(name);
            json.WriteString("$ref", "#/definitions/texts");
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteBoolean("additionalProperties", false);
        json.WriteEndObject();
        json.WriteStartObject();
        json.WriteString("type", "array");
        json.WriteStartObject("items");
        json.WriteString("$ref", "#/definitions/matcher");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    // Exactly one verb, and the attributes of that verb; those of an instrument are many and not looked at.
    private static void WriteChecks(Utf8JsonWriter json, string name, KeyShape common, IReadOnlyList<SchemaKey> verbs, IReadOnlyList<string> words)
    {
        json.WriteStartObject(name);
        json.WriteStartArray("anyOf");
        SchemaKey[] shared = [.. common.Keys, .. words.Select(w => new SchemaKey(w, [], false, false, false, false, [], [], null, "a word that the step begins with"))];
        foreach (var verb in verbs)
        {
            json.WriteStartObject();
            WriteShape(json, new KeyShape([.. verb.Inner!.Keys, .. shared], false), isNullAllowed: false);
            json.WriteEndObject();
        }

        // A step may be words alone; a check that is switched off needs no verb.
        json.WriteStartObject();
        var bare = words.Count > 0 ? shared : [.. shared.Select(k => k.Name == "skip" ? k with { IsRequired = true } : k)];
        WriteShape(json, new KeyShape(bare, false), isNullAllowed: false);
        json.WriteEndObject();
        foreach (var instrument in FileKeys.Instruments)
        {
            json.WriteStartObject();
            SchemaKey[] own = [new SchemaKey(instrument, [], true, false, false, false, [], [], null, null), new SchemaKey("stdout", [], false, false, false, false, ["matcher"], [], null, null), new SchemaKey("stderr", [], false, false, false, false, ["matcher"], [], null, null)];
            WriteShape(json, new KeyShape([.. own, .. shared], true), isNullAllowed: false);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteShape(Utf8JsonWriter json, KeyShape shape, bool isNullAllowed = true)
    {
        WriteTypes(json, isNullAllowed ? ["object", "null"] : ["object"]);
        json.WriteStartObject("properties");
        foreach (var key in shape.Keys)
        {
            foreach (var name in key.Names)
            {
                json.WriteStartObject(name);
                var description = name == key.Name ? key.Description : $"another name of {key.Name}";
                if (description is not null) json.WriteString("description", description);
                WriteValue(json, key);
                json.WriteEndObject();
            }
        }

        json.WriteEndObject();
        if (shape.Keys.Any(k => k.IsRequired))
        {
            json.WriteStartArray("required");
            foreach (var key in shape.Keys.Where(k => k.IsRequired)) json.WriteStringValue(key.Name);
            json.WriteEndArray();
        }

        json.WriteBoolean("additionalProperties", shape.IsOpen);
    }

    private static void WriteValue(Utf8JsonWriter json, SchemaKey key)
    {
        if (key.IsAnything) return;
        if (key.Inner is { } inner && !key.IsList)
        {
            WriteShape(json, inner);
        }
        else if (key.Inner is { } item)
        {
            json.WriteStartArray("anyOf");
            json.WriteStartObject();
            WriteShape(json, item);
            json.WriteEndObject();
            json.WriteStartObject();
            json.WriteString("type", "array");
            json.WriteStartObject("items");
            WriteShape(json, item, isNullAllowed: false);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndArray();
        }
        else if (key.Choices.Count > 0)
        {
            json.WriteStartArray("anyOf");
            json.WriteStartObject();
            json.WriteStartArray("enum");
            foreach (var word in key.Choices) json.WriteStringValue(word);
            json.WriteNullValue();
            json.WriteEndArray();
            json.WriteEndObject();
            foreach (var kind in key.Kinds) WriteReference(json, kind);
            json.WriteEndArray();
        }
        else
        {
            IReadOnlyList<string> kinds = key.Kinds.Count > 0 ? key.Kinds : ["text"];
            if (key.IsList) WriteListOf(json, kinds);
            else if (key.IsMap) WriteMapOf(json, kinds);
            else WriteAnyOf(json, kinds);
        }
    }

    private static void WriteListOf(Utf8JsonWriter json, IReadOnlyList<string> kinds)
    {
        json.WriteStartArray("anyOf");
        foreach (var kind in kinds) WriteReference(json, kind);
        json.WriteStartObject();
        json.WriteString("type", "array");
        json.WriteStartObject("items");
        WriteAnyOf(json, kinds);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteMapOf(Utf8JsonWriter json, IReadOnlyList<string> kinds)
    {
        WriteTypes(json, ["object", "null"]);
        json.WriteStartObject("additionalProperties");
        WriteAnyOf(json, kinds);
        json.WriteEndObject();
    }

    // Always inside anyOf: what stands beside a bare $ref, such as a description, counts for nothing in draft 7.
    private static void WriteAnyOf(Utf8JsonWriter json, IReadOnlyList<string> kinds)
    {
        json.WriteStartArray("anyOf");
        foreach (var kind in kinds) WriteReference(json, kind);
        json.WriteEndArray();
    }

    private static void WriteReference(Utf8JsonWriter json, string definition)
    {
        json.WriteStartObject();
        json.WriteString("$ref", "#/definitions/" + definition);
        json.WriteEndObject();
    }

    private static void WriteTypes(Utf8JsonWriter json, IEnumerable<string> types)
    {
        var all = types.ToArray();
        if (all is [var only])
        {
            json.WriteString("type", only);
            return;
        }

        json.WriteStartArray("type");
        foreach (var type in all) json.WriteStringValue(type);
        json.WriteEndArray();
    }
}
