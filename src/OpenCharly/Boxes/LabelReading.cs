using System.Globalization;
using System.Text.Json;
using OpenCharly.Foundation;

namespace OpenCharly.Boxes;

/// <summary>Labels of one image, read by type; a value that does not have its type is an error that names image and label.</summary>
/// <param name="image">The image, for messages.</param>
/// <param name="labels">All labels with their full names.</param>
internal sealed class LabelReading(string image, IReadOnlyDictionary<string, string> labels)
{
    /// <summary>Names of the labels that begin with a text, without it.</summary>
    public IEnumerable<string> Names(string beginning) =>
        labels.Keys.Where(k => k.StartsWith(LabelNames.Prefix + beginning, StringComparison.Ordinal))
            .Select(k => k[(LabelNames.Prefix.Length + beginning.Length)..]).Order(StringComparer.Ordinal);

    /// <summary>Text; null if the label is absent or empty.</summary>
    public string? Text(string name, string? alias = null) =>
        labels.GetValueOrDefault(LabelNames.Prefix + name) is { Length: > 0 } text ? text
        : alias is not null && labels.GetValueOrDefault(LabelNames.Prefix + alias) is { Length: > 0 } older ? older : null;

    /// <summary>A number that is not negative.</summary>
    public int Number(string name, int otherwise) => Text(name) is not { } text ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw Wrong(name, $"is \"{text}\", not a number");

    /// <summary>A truth value.</summary>
    public bool Flag(string name) => Text(name) switch
    {
        null or "false" or "0" or "no" => false,
        "true" or "1" or "yes" => true,
        var text => throw Wrong(name, $"is \"{text}\", not true or false"),
    };

    /// <summary>A JSON list; a label that is absent is an empty one.</summary>
    public IReadOnlyList<T> List<T>(string name, Func<LabelValue, T> read) => Json(name, null, value => (IReadOnlyList<T>)[.. value.Items().Select(read)]) ?? [];

    /// <summary>A JSON list of texts.</summary>
    public IReadOnlyList<string> Texts(string name) => List(name, v => v.AsText());

    /// <summary>A JSON object; a label that is absent is an empty one.</summary>
    public IReadOnlyDictionary<string, T> Map<T>(string name, Func<LabelValue, T> read, string? alias = null) =>
        Json(name, alias, value => (IReadOnlyDictionary<string, T>)value.Members().ToDictionary(m => m.Name, m => read(m.Value), StringComparer.Ordinal)) ?? new Dictionary<string, T>();

    /// <summary>A JSON value; null if the label is absent.</summary>
    public T? Json<T>(string name, string? alias, Func<LabelValue, T> read)
        where T : class
    {
        if (Text(name, alias) is not { } text) return null;
        try
        {
            using var document = JsonDocument.Parse(text);
            return read(new LabelValue(document.RootElement, message => Wrong(name, message)));
        }
        catch (JsonException e)
        {
            throw Wrong(name, "is not well-formed JSON: " + e.Message.Split('.')[0], e);
        }
    }

    /// <summary>The error for a label that can't be read.</summary>
    public CharlyException Wrong(string name, string message, Exception? inner = null) => new(
        Errors.ImageMetadata, $"image {image}: the label {LabelNames.Prefix}{name} {message}", "Rebuild the image with: charly box build", target: image, inner: inner);
}

/// <summary>A JSON value of a label.</summary>
/// <param name="element">The value.</param>
/// <param name="wrong">Makes the error for a value of another type.</param>
internal readonly struct LabelValue(JsonElement element, Func<string, CharlyException> wrong)
{
    public IEnumerable<LabelValue> Items()
    {
        if (element.ValueKind != JsonValueKind.Array) throw wrong("is not a list");
        var fail = wrong;
        return [.. element.EnumerateArray().Select(i => new LabelValue(i, fail))];
    }

    public IEnumerable<(string Name, LabelValue Value)> Members()
    {
        if (element.ValueKind != JsonValueKind.Object) throw wrong("is not an object");
        var fail = wrong;
        return [.. element.EnumerateObject().Select(p => (p.Name, new LabelValue(p.Value, fail)))];
    }

    public string AsText() => element.ValueKind switch
    {
        JsonValueKind.String => element.GetString()!,
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => element.GetRawText(),
        _ => throw wrong("holds something that is not text"),
    };

    public int AsNumber() => int.TryParse(AsText(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw wrong($"holds {element.GetRawText()}, which is not a number");

    public string Text(string name) => Member(name) is { } value ? value.AsText() : throw wrong($"holds an item without {name}");

    public string? OptionalText(string name, string? alias = null) => (Member(name) ?? (alias is null ? null : Member(alias)))?.AsText();

    public int Number(string name) => Member(name) is { } value ? value.AsNumber() : throw wrong($"holds an item without {name}");

    public bool? OptionalFlag(string name) => Member(name)?.AsText() switch
    {
        null => null,
        "true" => true,
        "false" => false,
        var text => throw wrong($"holds {name}: {text}, which is neither true nor false"),
    };

    public IReadOnlyList<string> Texts(string name, string? alias = null) => (Member(name) ?? (alias is null ? null : Member(alias))) is { } list ? [.. list.Items().Select(i => i.AsText())] : [];

    private LabelValue? Member(string name)
    {
        if (element.ValueKind != JsonValueKind.Object) throw wrong("holds something that is not an object");
        return element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? new LabelValue(value, wrong) : null;
    }
}
