using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OpenCharly.Cli.Output;

/// <summary>Writes JSON the way every part of the command does: readable letters, stable order, one final newline.</summary>
internal static class JsonText
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonWriterOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>An indented document.</summary>
    public static string Document(Action<Utf8JsonWriter> write) => Render(write, Indented);

    /// <summary>A document on one line.</summary>
    public static string Line(Action<Utf8JsonWriter> write) => Render(write, OneLine);

    /// <summary>An array of objects.</summary>
    public static string Array<T>(IEnumerable<T> items, Action<Utf8JsonWriter, T> write) => Document(json =>
    {
        json.WriteStartArray();
        foreach (var item in items) write(json, item);
        json.WriteEndArray();
    });

    private static string Render(Action<Utf8JsonWriter> write, JsonWriterOptions options)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, options)) write(json);
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length) + "\n";
    }
}
