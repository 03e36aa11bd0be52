using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Yaml;

namespace OpenCharly.Pods;

/// <summary>A variable that a pod offers to others.</summary>
/// <param name="Name">Name.</param>
/// <param name="Value">Value, templates replaced.</param>
/// <param name="Source">Deploy key of the pod.</param>
internal sealed record ProvidedVariable(string Name, string Value, string Source);

/// <summary>An MCP server that a pod offers to all.</summary>
/// <param name="Name">Name.</param>
/// <param name="Url">Address, templates replaced.</param>
/// <param name="Transport"><c>http</c> or <c>sse</c>.</param>
/// <param name="Source">Deploy key of the pod.</param>
internal sealed record ProvidedMcp(string Name, string Url, string Transport, string Source);

/// <summary>What pods offer to each other: the <c>provides:</c> of the per-host file (pod.md §6).</summary>
/// <param name="Variables">Variables, in the order of the file.</param>
/// <param name="Mcp">MCP servers, in the order of the file.</param>
internal sealed record Provides(IReadOnlyList<ProvidedVariable> Variables, IReadOnlyList<ProvidedMcp> Mcp)
{
    /// <summary>Nothing.</summary>
    public static Provides Empty { get; } = new([], []);

    /// <summary>Reads the map; items that can't be read are passed over.</summary>
    public static Provides Read(YamlMapping? map) => map is null ? Empty : new Provides(
        [.. Items(map, "env").Select(i => new ProvidedVariable(Text(i, "name"), Text(i, "value"), Text(i, "source"))).Where(i => i.Name.Length > 0)],
        [.. Items(map, "mcp").Select(i => new ProvidedMcp(Text(i, "name"), Text(i, "url"), Text(i, "transport") is { Length: > 0 } transport ? transport : "http", Text(i, "source"))).Where(i => i.Name.Length > 0)]);

    /// <summary>Writes the map; nothing is left of one that is empty.</summary>
    public void Write(YamlEditor editor)
    {
        Set("env", [.. Variables.Select(v => YamlValue.Map(("name", v.Name), ("value", v.Value), ("source", v.Source)))]);
        Set("mcp", [.. Mcp.Select(m => YamlValue.Map(("name", m.Name), ("url", m.Url), ("transport", m.Transport), ("source", m.Source)))]);

        void Set(string key, IReadOnlyList<YamlValue> items)
        {
            if (items.Count > 0) editor.Set(["provides", key], YamlValue.List(items));
            else editor.Remove(["provides", key], removeEmptyParents: true);
        }
    }

    /// <summary>What a pod offers, in place of what it offered before.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PodTemplate"/> for a template that is not known.</exception>
    public Provides With(PodKey key, BoxLabels labels, IReadOnlyList<PortMapping> ports)
    {
        var rest = Without(key.Text);
        var suffix = key.Instance is null ? "" : "-" + key.Instance;
        return new Provides(
            [.. rest.Variables, .. labels.EnvProvide.Select(v => new ProvidedVariable(v.Key, Render(v.Value, key, ports), key.Text))],
            [.. rest.Mcp, .. labels.McpProvide.Select(m => new ProvidedMcp(m.Name + suffix, Render(m.Url, key, ports), m.Transport is { Length: > 0 } t ? t : "http", key.Text))]);
    }

    /// <summary>What is left without one source.</summary>
    public Provides Without(string source) => new([.. Variables.Where(v => v.Source != source)], [.. Mcp.Where(m => m.Source != source)]);

    /// <summary>What is left when a pod is gone: the offers of a base stay as long as another entry of the same base does (pod.md §6.3).</summary>
    /// <param name="key">The pod.</param>
    /// <param name="others">Keys that remain.</param>
    public Provides After(PodKey key, IEnumerable<string> others) =>
        key.Instance is null && others.Any(o => o != key.Text && o.StartsWith(key.Base + "/", StringComparison.Ordinal)) ? this : Without(key.Text);

    /// <summary>The variables that a pod gets from others: those that it takes or needs, of several the last.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> VariablesFor(PodKey key, BoxLabels labels)
    {
        var wanted = labels.EnvAccept.Concat(labels.EnvRequire).Select(r => r.Name).ToHashSet(StringComparer.Ordinal);
        return [.. Variables.Where(v => v.Source != key.Text && wanted.Contains(v.Name)).GroupBy(v => v.Name, StringComparer.Ordinal).Select(g => KeyValuePair.Create(g.Key, g.Last().Value))];
    }

    /// <summary>The MCP servers that a pod sees: all, its own by the name <c>localhost</c> and before others of the same name.</summary>
    public IReadOnlyList<ProvidedMcp> McpFor(PodKey key)
    {
        var own = Mcp.Where(m => m.Source == key.Text).Select(m => m with { Url = Local(m.Url, key.Container) }).ToArray();
        return [.. Mcp.Where(m => m.Source == key.Text || own.All(o => o.Name != m.Name)).Select(m => own.FirstOrDefault(o => o.Name == m.Name && m.Source == key.Text) ?? m)];
    }

    /// <summary>The value of <c>CHARLY_MCP_SERVERS</c>; null if there is none to list.</summary>
    public string? McpJson(PodKey key)
    {
        var servers = McpFor(key);
        if (servers.Count == 0) return null;
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartArray();
            foreach (var server in servers)
            {
                json.WriteStartObject();
                json.WriteString("name", server.Name);
                json.WriteString("url", server.Url);
                json.WriteString("transport", server.Transport);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>Replaces the templates of a text.</summary>
    internal static string Render(string template, PodKey key, IReadOnlyList<PortMapping> ports) => Patterns.Template().Replace(template, match =>
    {
        var words = match.Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words switch
        {
            [".ContainerName"] => key.Container,
            [".HostPort", var port] when int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) =>
                (ports.FirstOrDefault(p => p.ContainerPort == number)?.HostPort ?? number).ToString(CultureInfo.InvariantCulture),
            [".ContainerPort", var port] when int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) => number.ToString(CultureInfo.InvariantCulture),
            _ => throw new CharlyException(
                Errors.PodTemplate, $"the template {match.Value} in what {key} provides is not known", "Use {{.ContainerName}}, {{.HostPort N}} or {{.ContainerPort N}} in the candy, and rebuild the box.", target: key.Text),
        };
    });

    // Only the host of an address, not a name that begins alike.
    private static string Local(string url, string container) => Regex.Replace(url, $@"(?<=://(?:[^/@]*@)?){Regex.Escape(container)}(?=[:/?#]|\z)", "localhost", RegexOptions.None, TimeSpan.FromSeconds(1));

    private static IEnumerable<YamlMapping> Items(YamlMapping map, string key) => map[key] is YamlSequence list ? list.Items.OfType<YamlMapping>() : [];

    private static string Text(YamlMapping map, string key) => map[key] is YamlScalar { IsNull: false } scalar ? scalar.Text : "";
}
