using System.Text.Json;
using OpenCharly.Yaml;

namespace OpenCharly.Cli.Output;

/// <summary>The per-host file, or one entry of it, with its comments (deploy.md §3.3).</summary>
internal sealed class HostFileExcerpt
{
    private static readonly string[] RootKeys = ["deploy", "deploys"];
    private readonly string _text;
    private readonly IReadOnlyList<YamlMapping> _documents;
    private readonly string? _key;

    private HostFileExcerpt(string text, IReadOnlyList<YamlMapping> documents, string? key)
    {
        _text = text;
        _documents = documents;
        _key = key;
    }

    /// <summary>Reads the file.</summary>
    /// <param name="path">The per-host file; it must exist.</param>
    /// <param name="key">Deploy key; null for the whole file.</param>
    public static HostFileExcerpt Read(string path, string? key) => Of(File.ReadAllText(path), key, path);

    /// <summary>Reads a text of the file's form.</summary>
    public static HostFileExcerpt Of(string text, string? key, string name = "charly.yml") => new(text, [.. YamlReader.Read(text, name).OfType<YamlMapping>()], key);

    /// <summary>The text: all of it, or <c>deploy:</c> with the one entry; a sentence if there is none.</summary>
    public string Yaml()
    {
        if (_key is null) return _text.EndsWith('\n') ? _text : _text + "\n";
        foreach (var document in _documents)
        {
            foreach (var root in RootKeys)
            {
                if (document[root] is YamlMapping map && map[_key] is { } value) return Entry(root, document, map, value);
            }
        }

        return $"No overrides for box \"{_key}\"\n";
    }

    /// <summary>The same as JSON: the deploy entries by key, all or one.</summary>
    public string Json() => JsonText.Document(json =>
    {
        json.WriteStartObject();
        foreach (var entry in _documents.SelectMany(Entries))
        {
            if (_key is not null && entry.Key.Text != _key) continue;
            json.WritePropertyName(entry.Key.Text);
            WriteNode(json, entry.Value);
        }

        json.WriteEndObject();
    });

    private static IEnumerable<YamlEntry> Entries(YamlMapping document) =>
        RootKeys.SelectMany(root => document[root] is YamlMapping map ? map.Entries : []);

    // The lines of the entry, with their comments. An entry that shares a line with something else is written anew.
    private string Entry(string root, YamlMapping document, YamlMapping map, YamlNode value)
    {
        var lines = _text.Split('\n');
        var first = map.Entries.First(e => e.Key.Text == _key).Key.Position.Line;
        var other = document.Entries.Concat(map.Entries).Select(e => e.Key.Position.Line).ToArray();
        if (other.Count(line => line == first) > 1) return JsonFlow(root, value);
        var end = other.Where(line => line > first).Append(lines.Length + 1).Min();
        var text = lines[(first - 1)..(end - 1)].TakeWhile(line => !line.StartsWith("---", StringComparison.Ordinal)).ToList();
        while (text.Count > 0 && (text[^1].Trim().Length == 0 || text[^1].TrimStart().StartsWith('#'))) text.RemoveAt(text.Count - 1);
        return $"{root}:\n" + string.Concat(text.Select(line => line.TrimEnd('\r') + "\n"));
    }

    // JSON is YAML, too.
    private string JsonFlow(string root, YamlNode value) => $"{root}:\n  " + JsonText.Line(json =>
    {
        json.WriteStartObject();
        json.WritePropertyName(_key!);
        WriteNode(json, value);
        json.WriteEndObject();
    });

    /// <summary>A YAML value as JSON.</summary>
    internal static void WriteNode(Utf8JsonWriter json, YamlNode node)
    {
        switch (node)
        {
            case YamlMapping map:
                json.WriteStartObject();
                foreach (var entry in map.Entries)
                {
                    json.WritePropertyName(entry.Key.Text);
                    WriteNode(json, entry.Value);
                }

                json.WriteEndObject();
                break;
            case YamlSequence list:
                json.WriteStartArray();
                foreach (var item in list.Items) WriteNode(json, item);
                json.WriteEndArray();
                break;
            case YamlScalar { IsNull: true }:
                json.WriteNullValue();
                break;
            case YamlScalar { IsQuoted: false, Text: "true" or "false" } flag:
                json.WriteBooleanValue(flag.Text == "true");
                break;
            case YamlScalar { IsQuoted: false } number when long.TryParse(number.Text, out var value) && value.ToString() == number.Text:
                json.WriteNumberValue(value);
                break;
            case YamlScalar text:
                json.WriteStringValue(text.Text);
                break;
        }
    }
}
