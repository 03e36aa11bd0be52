using System.Globalization;
using System.Text.Json;
using OpenCharly.Yaml;

namespace OpenCharly.Boxes;

/// <summary>Writes YAML values as JSON, as an image's labels keep them: what is plain and reads as a number or truth value is one.</summary>
internal static class YamlJson
{
    /// <summary>Writes a value.</summary>
    public static void Write(Utf8JsonWriter json, YamlNode node)
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
            case YamlScalar scalar:
                Write(json, scalar);
                break;
        }
    }

    private static void Write(Utf8JsonWriter json, YamlScalar scalar)
    {
        if (scalar.IsNull) json.WriteNullValue();
        else if (scalar.IsQuoted) json.WriteStringValue(scalar.Text);
        else if (scalar.Text is "true" or "false") json.WriteBooleanValue(scalar.Text == "true");

        // 0644 and 2026.144 are no numbers: they would come back in another spelling.
        else if (long.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number.ToString(CultureInfo.InvariantCulture) == scalar.Text) json.WriteNumberValue(number);
        else json.WriteStringValue(scalar.Text);
    }
}
