using System.Text.Json;
using OpenCharly.Foundation;

namespace OpenCharly.Plans;

/// <summary>A value in a JSON text, read strictly: what is missing or of the wrong type is an error with a position.</summary>
/// <param name="source">The text.</param>
/// <param name="element">The value.</param>
/// <param name="path">Its path.</param>
internal readonly struct JsonCursor(JsonSource source, JsonElement element, string path)
{
    public JsonValueKind Kind => element.ValueKind;

    public string Text(string name) => Get(name, JsonValueKind.String).GetString()!;

    public string? OptionalText(string name) => Has(name) ? Text(name) : null;

    public bool Flag(string name) =>
        Has(name) && element.GetProperty(name).ValueKind is JsonValueKind.True or JsonValueKind.False
            ? element.GetProperty(name).GetBoolean()
            : throw Wrong(name, "must be true or false");

    public bool? OptionalFlag(string name) => Has(name) ? Flag(name) : null;

    public int Number(string name) => Get(name, JsonValueKind.Number).TryGetInt32(out var number) ? number : throw Wrong(name, "must be an integer");

    public long LongNumber(string name) => Get(name, JsonValueKind.Number).TryGetInt64(out var number) ? number : throw Wrong(name, "must be an integer");

    public int? OptionalNumber(string name) => Has(name) ? Number(name) : null;

    public IReadOnlyList<string> List(string name)
    {
        var items = new List<string>();
        foreach (var item in Get(name, JsonValueKind.Array).EnumerateArray())
        {
            items.Add(item.ValueKind == JsonValueKind.String ? item.GetString()! : throw Wrong(name, "must be a list of texts"));
        }

        return items;
    }

    public IReadOnlyDictionary<string, string> Map(string name)
    {
        var map = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in Get(name, JsonValueKind.Object).EnumerateObject())
        {
            map[property.Name] = property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString()! : throw Wrong(name, "must map names to texts");
        }

        return map;
    }

    public IReadOnlyDictionary<string, string> OptionalMap(string name) => Has(name) ? Map(name) : new Dictionary<string, string>();

    public JsonCursor Object(string name) => new(source, Get(name, JsonValueKind.Object), $"{path}.{name}");

    public JsonCursor? OptionalObject(string name) => Has(name) ? Object(name) : null;

    public IReadOnlyList<JsonCursor> OptionalObjects(string name) => Has(name) ? Objects(name) : [];

    public IReadOnlyList<JsonCursor> Objects(string name) => new JsonCursor(source, Get(name, JsonValueKind.Array), $"{path}.{name}").Items();

    public IReadOnlyList<JsonCursor> Items()
    {
        var items = new List<JsonCursor>();
        foreach (var item in element.EnumerateArray()) items.Add(new JsonCursor(source, item, $"{path}[{items.Count}]"));
        return items;
    }

    public T Word<T>(string name, Func<T, string> wordOf)
        where T : struct, Enum
    {
        var word = Text(name);
        return StepNames.Find(word, wordOf) ?? throw Wrong(name, $"is \"{word}\", which is none of {string.Join(", ", Enum.GetValues<T>().Select(wordOf))}");
    }

    public T? OptionalWord<T>(string name, Func<T, string> wordOf)
        where T : struct, Enum => Has(name) ? Word(name, wordOf) : null;

    /// <summary>An error about one of the value's properties.</summary>
    public CharlyException Wrong(string name, string what) => new(
        Errors.PlanSchema,
        $"{path.TrimStart('.')}{(path.Length == 0 || name.Length == 0 ? "" : ".")}{name} {what}",
        "Export the plan again; a plan that was edited by hand is not applied.",
        source.Find(name.Length == 0 || !Has(name) ? path : $"{path}.{name}"));

    private bool Has(string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out _);

    private JsonElement Get(string name, JsonValueKind kind)
    {
        if (element.ValueKind != JsonValueKind.Object) throw Wrong("", "must be an object");
        if (!element.TryGetProperty(name, out var value)) throw Wrong(name, "is missing");
        return value.ValueKind == kind ? value : throw Wrong(name, $"must be {kind switch
        {
            JsonValueKind.String => "text",
            JsonValueKind.Number => "a number",
            JsonValueKind.Array => "a list",
            _ => "an object",
        }}");
    }
}
