using System.Globalization;
using System.Text.Json;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.Templates;

/// <summary>Reads one JSON object of a template, and says of which file what is wrong.</summary>
/// <param name="file">The file, for messages.</param>
/// <param name="json">The object.</param>
internal sealed class TemplateReader(string file, JsonElement json)
{
    /// <summary>Reads a file as an object.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.TemplateCorrupt"/>, also if it is not there.</exception>
    public static T Read<T>(string file, Func<TemplateReader, T> build)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Corrupt(file, e.Message, e);
        }

        return Parse(file, bytes, build);
    }

    /// <summary>Reads bytes as an object.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.TemplateCorrupt"/>.</exception>
    public static T Parse<T>(string file, ReadOnlyMemory<byte> bytes, Func<TemplateReader, T> build)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            if (document.RootElement.ValueKind != JsonValueKind.Object) throw Corrupt(file, "it is no JSON object");
            return build(new TemplateReader(file, document.RootElement));
        }
        catch (JsonException e)
        {
            throw Corrupt(file, e.Message, e);
        }
    }

    public static CharlyException Corrupt(string file, string why, Exception? cause = null) => new(
        Errors.TemplateCorrupt, $"{file} can't be used: {why}", "Correct the file, write it anew with charly template create, or pull or build the revision again.", target: file, inner: cause);

    public string? Text(string key) => Of(key, JsonValueKind.String, "text") is { } value ? value.GetString() : null;

    public string Text(string key, string otherwise) => Text(key) ?? otherwise;

    public string Required(string key) => Text(key) is { Length: > 0 } text ? text : throw Corrupt(file, $"it has no \"{key}\"");

    /// <summary>A file name, which can't lead out of the revision's folder.</summary>
    public string? FileName(string key)
    {
        var name = Text(key);
        return name is null || TemplateStore.IsSafe(name) ? name : throw Corrupt(file, $"\"{key}\" is \"{name}\", which is no plain file name");
    }

    public int Number(string key, int otherwise, int least)
    {
        if (Of(key, JsonValueKind.Number, "a number") is not { } value) return otherwise;
        return value.TryGetInt32(out var number) && number >= least ? number : throw Corrupt(file, $"\"{key}\" is {value.GetRawText()}, and must be a whole number of {least} or more");
    }

    public DateTimeOffset? Time(string key)
    {
        if (Text(key) is not { } text) return null;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : throw Corrupt(file, $"\"{key}\" is \"{text}\", which is no time");
    }

    public TemplateReader? Object(string key) => Of(key, JsonValueKind.Object, "an object") is { } value ? new TemplateReader(file, value) : null;

    public IReadOnlyList<string> Texts(string key) => Of(key, JsonValueKind.Array, "a list") is { } value
        ? value.EnumerateArray().Select(v => v.ValueKind == JsonValueKind.String ? v.GetString()! : throw Corrupt(file, $"\"{key}\" holds something else than text")).ToArray()
        : [];

    public IReadOnlyList<TemplateReader> Objects(string key) => Of(key, JsonValueKind.Array, "a list") is { } value
        ? [.. value.EnumerateArray().Select(v => v.ValueKind == JsonValueKind.Object ? new TemplateReader(file, v) : throw Corrupt(file, $"\"{key}\" holds something else than objects"))]
        : [];

    public SortedDictionary<string, string> Map(string key)
    {
        var map = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (Of(key, JsonValueKind.Object, "an object") is not { } value) return map;
        foreach (var member in value.EnumerateObject())
        {
            map[member.Name] = member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString()! : throw Corrupt(file, $"\"{key}.{member.Name}\" is no text");
        }

        return map;
    }

    private JsonElement? Of(string key, JsonValueKind kind, string what)
    {
        if (!json.TryGetProperty(key, out var value) || value.ValueKind == JsonValueKind.Null) return null;
        return value.ValueKind == kind ? value : throw Corrupt(file, $"\"{key}\" must be {what}");
    }
}
