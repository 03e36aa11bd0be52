using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Yaml;

namespace OpenCharly.Boxes;

/// <summary>The fields of a box that only its image is made from (candy-and-plan.md §4.1).</summary>
internal sealed class BoxBody
{
    private BoxBody()
    {
    }

    /// <summary>Registry; empty if it stays on this machine.</summary>
    public string Registry { get; private init; } = "";

    /// <summary>Tag that it always gets; null for one by the clock.</summary>
    public string? Tag { get; private init; }

    /// <summary>Environment, in order: what a file says, then what is written.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Environment { get; private init; } = [];

    /// <summary>Command aliases.</summary>
    public IReadOnlyDictionary<string, string> Aliases { get; private init; } = new Dictionary<string, string>();

    /// <summary>Security settings; null if it says nothing.</summary>
    public SecuritySettings? Security { get; private init; }

    /// <summary>Network; null if it says nothing.</summary>
    public string? Network { get; private init; }

    /// <summary>Shell snippets as JSON; empty if there are none.</summary>
    public string Shell { get; private init; } = "";

    /// <summary>What it is, in one line.</summary>
    public string Description { get; private init; } = "";

    /// <summary>Its own status word.</summary>
    public string Status { get; private init; } = "testing";

    /// <summary>What the status is about.</summary>
    public string Info { get; private init; } = "";

    /// <summary>Reads the fields of a box.</summary>
    /// <exception cref="CharlyException">A field of the wrong type, a variable without a name, a missing file.</exception>
    public static BoxBody Read(Box box, Project project)
    {
        var problems = new List<Problem>();
        var body = new YamlBinder(box.Body, $"box \"{box.Name}\"", problems);
        var defaults = new YamlBinder(project.Defaults ?? new YamlMapping([], box.Position), "defaults", problems);
        var tag = body.Text("tag") ?? defaults.Text("tag") ?? "auto";
        var (feature, status, info) = Describe(body, problems);
        var read = new BoxBody
        {
            Registry = (body.Text("registry") ?? defaults.Text("registry") ?? "").Trim(),
            Tag = tag == "auto" ? null : BoxTag.Check(tag),
            Environment = [.. FileOf(box, body), .. Pairs(body)],
            Aliases = AliasesOf(body),
            Security = body.Map("security") is { } security ? CandyContainerReader.Security(new YamlBinder(security, $"box \"{box.Name}\" security", problems), _ => { }) : null,
            Network = body.Text("network"),
            Shell = body.Map("shell") is { } shell ? LabelJson.Of(json => YamlJson.Write(json, shell)) : "",
            Description = feature,
            Status = status,
            Info = info,
        };
        CharlyValidationException.ThrowIfAny(problems);
        return read;
    }

    private static (string Feature, string Status, string Info) Describe(YamlBinder body, List<Problem> problems)
    {
        if (body.Node("description") is not YamlMapping map) return (body.Node("description") is YamlScalar text ? OneLine(text.Text) : "", "testing", "");
        var description = new YamlBinder(map, body.What + " description", problems);
        var tags = description.TextList("tag");
        return (
            OneLine(description.Text("feature")),
            new[] { "broken", "testing", "working" }.FirstOrDefault(s => tags.Contains(s)) ?? "testing",
            OneLine(description.Text("info")));
    }

    private static string OneLine(string? text) => string.Join(' ', (text ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static IEnumerable<KeyValuePair<string, string>> Pairs(YamlBinder body)
    {
        if (body.Mapping["env"] is YamlMapping)
        {
            foreach (var pair in body.TextMap("env")) yield return Checked(body, pair.Key, pair.Value);
            yield break;
        }

        foreach (var item in body.TextList("env"))
        {
            var at = item.IndexOf('=', StringComparison.Ordinal);
            yield return Checked(body, at < 0 ? item : item[..at], at < 0 ? "" : item[(at + 1)..]);
        }
    }

    private static IEnumerable<KeyValuePair<string, string>> FileOf(Box box, YamlBinder body)
    {
        if (body.Text("env_file") is not { } name) yield break;
        var path = Path.GetFullPath(name, Path.GetDirectoryName(Path.GetFullPath(box.Position.File, box.ProjectFolder))!);
        if (!File.Exists(path)) throw new CharlyException(Errors.FileMissing, $"box \"{box.Name}\": there is no file {path}", "Correct env_file, which is relative to the box's own file.", body.At("env_file"), box.Name);
        foreach (var raw in File.ReadLines(path))
        {
            var line = raw.Trim();
            if (line.Length == 0 || line[0] == '#') continue;
            if (line.StartsWith("export ", StringComparison.Ordinal)) line = line[7..].TrimStart();
            var at = line.IndexOf('=', StringComparison.Ordinal);
            if (at > 0) yield return Checked(body, line[..at], line[(at + 1)..]);
        }
    }

    private static KeyValuePair<string, string> Checked(YamlBinder body, string name, string value) => Names.IsVariable(name)
        ? new KeyValuePair<string, string>(name, value)
        : throw new CharlyException(Errors.CandyVariable, $"{body.What}: \"{name}\" can't name a variable", "Write env: as NAME: value, with letters, digits and underscores.", body.At("env"));

    private static Dictionary<string, string> AliasesOf(YamlBinder body)
    {
        var aliases = new Dictionary<string, string>(StringComparer.Ordinal);
        if (body.Mapping["alias"] is YamlMapping)
        {
            foreach (var (name, command) in body.TextMap("alias")) aliases[name] = command;
            return aliases;
        }

        foreach (var item in body.Items("alias").OfType<YamlMapping>())
        {
            if (item["name"] is YamlScalar name && item["command"] is YamlScalar command) aliases[name.Text] = command.Text;
        }

        return aliases;
    }
}
