using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;

namespace OpenCharly.Plans;

/// <summary>
/// The digest by which a step is known as done: SHA-256 over its kind, candy and fields in canonical JSON, that is with
/// sorted keys and without blanks (candy-and-plan.md §5.8). Where the project's folders lie on the operator's disk is no
/// part of it; the content of the files in them is.
/// </summary>
public static class PlanDigest
{
    /// <summary>The digest of a step, 64 lower-case hex digits.</summary>
    public static string Of(InstallStep step)
    {
        var written = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(written, StepFields.Options))
        {
            json.WriteStartObject();
            json.WriteString("kind", step.Kind.ToString());
            json.WriteString("candy", step.Candy);
            json.WritePropertyName("fields");
            StepFields.Write(json, step);
            json.WriteEndObject();
        }

        using var document = JsonDocument.Parse(written.WrittenMemory);
        var canonical = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(canonical, StepFields.Options)) WriteSorted(json, document.RootElement, 0);
        return Convert.ToHexStringLower(SHA256.HashData(canonical.WrittenSpan));
    }

    private static void WriteSorted(Utf8JsonWriter json, JsonElement element, int depth)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                json.WriteStartObject();
                foreach (var property in element.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal))
                {
                    // Only the fields themselves: a candy may call a variable what it likes.
                    if (depth == 1 && StepFields.Places.Contains(property.Name)) continue;
                    json.WritePropertyName(property.Name);
                    WriteSorted(json, property.Value, depth + 1);
                }

                json.WriteEndObject();
                break;
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (var item in element.EnumerateArray()) WriteSorted(json, item, depth + 1);
                json.WriteEndArray();
                break;
            default:
                element.WriteTo(json);
                break;
        }
    }
}
