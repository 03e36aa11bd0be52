using System.Text.Json;
using OpenCharly.Foundation;

namespace OpenCharly.Plans;

/// <summary>A JSON text that can say where in it a value stands.</summary>
/// <param name="Bytes">The text in UTF-8.</param>
/// <param name="File">Name of the file for messages.</param>
internal sealed record JsonSource(byte[] Bytes, string File)
{
    /// <summary>Where the value at a path such as <c>[0].steps[2].digest</c> begins; the begin of the text if there is none.</summary>
    public SourcePosition Find(string path)
    {
        var reader = new Utf8JsonReader(Bytes);
        var open = new Stack<(string Path, bool IsArray, int Next)>();
        var name = "";
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                name = reader.GetString()!;
                continue;
            }

            if (reader.TokenType is JsonTokenType.EndArray or JsonTokenType.EndObject)
            {
                open.Pop();
                continue;
            }

            var here = "";
            if (open.TryPop(out var parent))
            {
                here = parent.IsArray ? $"{parent.Path}[{parent.Next}]" : $"{parent.Path}.{name}";
                open.Push(parent with { Next = parent.Next + 1 });
            }

            if (here == path) return At((int)reader.TokenStartIndex);
            if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject) open.Push((here, reader.TokenType == JsonTokenType.StartArray, 0));
        }

        return At(0);
    }

    private SourcePosition At(int offset)
    {
        var before = System.Text.Encoding.UTF8.GetString(Bytes, 0, offset);
        var line = before.LastIndexOf('\n');
        return new SourcePosition(File, before.Count(c => c == '\n') + 1, before.Length - line);
    }
}
