using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using OpenCharly.Yaml;

namespace OpenCharly.LiveTests.Foreign;

/// <summary>A YAML document as JSON on one line, as the core schema of YAML 1.2 has it, which editors read files with.</summary>
internal static partial class JsonOfYaml
{
    public static string Of(YamlNode node)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream)) Write(json, node);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void Write(Utf8JsonWriter json, YamlNode node)
    {
        switch (node)
        {
            case YamlMapping map:
                json.WriteStartObject();
                foreach (var entry in map.Entries)
                {
                    json.WritePropertyName(entry.Key.Text);
                    Write(json, entry.Value);
                }

                json.WriteEndObject();
                break;
            case YamlSequence list:
                json.WriteStartArray();
                foreach (var item in list.Items) Write(json, item);
                json.WriteEndArray();
                break;
            case YamlScalar { IsNull: true }:
                json.WriteNullValue();
                break;
            case YamlScalar { IsQuoted: false, Text: "true" or "True" or "TRUE" }:
                json.WriteBooleanValue(true);
                break;
            case YamlScalar { IsQuoted: false, Text: "false" or "False" or "FALSE" }:
                json.WriteBooleanValue(false);
                break;
            case YamlScalar { IsQuoted: false } scalar when Integer().IsMatch(scalar.Text) && long.TryParse(scalar.Text, CultureInfo.InvariantCulture, out var number):
                json.WriteNumberValue(number);
                break;
            case YamlScalar { IsQuoted: false } scalar when Number().IsMatch(scalar.Text):
                json.WriteNumberValue(double.Parse(scalar.Text, CultureInfo.InvariantCulture));
                break;
            case YamlScalar scalar:
                json.WriteStringValue(scalar.Text);
                break;
        }
    }

    [GeneratedRegex(@"^[-+]?[0-9]+\z")]
    private static partial Regex Integer();

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z")]
    private static partial Regex Number();
}
