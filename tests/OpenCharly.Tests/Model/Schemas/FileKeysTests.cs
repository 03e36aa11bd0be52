using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Model.Schemas;
using OpenCharly.Pods;
using OpenCharly.Pods.Tunnels;
using OpenCharly.Yaml;

namespace OpenCharly.Tests.Model.Schemas;

/// <summary>The table of keys says what the readers do: each mapping of it is read, with a key that nobody knows, by who reads it.</summary>
public sealed class FileKeysTests : IDisposable
{
    private const string Absurd = "qqqqqqqqqqqqqqqqqqqq";

    // What has to stand beside the key in question for the reader to come so far; the first is taken where one is enough.
    private static readonly Dictionary<string, string[]> Beside = new(StringComparer.Ordinal)
    {
        ["root"] = ["version: 2026.163.0928"],
        ["task"] =
        [
            "cmd: true", "mkdir: /x", "copy: wx.txt, to: /x", "write: /x, content: y", "download: 'https://example.org/x', to: /x", "link: /x, target: /y",
            "setcap: /x, caps: cap_net_raw+ep", "build: all",
        ],
        ["service"] = ["name: wx, exec: /bin/true"],
        ["apk"] = ["package: org.example.wx"],
        ["rule"] = ["path: more"],
        ["scenario"] = ["name: it works"],
        ["tunnel"] = ["provider: tailscale, private: all", "provider: cloudflare, public: [80]"],
        ["repository"] = ["name: wx"],
        ["volume"] = ["name: data, type: bind"],
        ["secret-source"] = ["name: wx, source: keyring"],
        ["sidecar-secret"] = ["name: wx, env: WX"],
        ["candy-volume"] = ["name: data, path: /data"],
        ["preemption"] = ["holds: [gpu]"],
    };

    // What nobody refuses: accepted for programs that are older, or read by what only looks for the keys it knows.
    private static readonly string[] Loose = ["vm-state", "vm-document"];

    private static readonly IReadOnlyDictionary<string, SchemaKey> Definitions =
        KeyGrammar.Parse(FileKeys.Text).Keys.ToDictionary(k => k.Name, StringComparer.Ordinal);

    private readonly string _folder = Directory.CreateTempSubdirectory("charly-schema-").FullName;

    public FileKeysTests() => File.WriteAllText(Path.Combine(_folder, "wx.txt"), "x");

    public static TheoryData<string> Roots => ["root", "candy", "box", "vm", "local", "cluster", "device", "deployment"];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Roots))]
    public void The_keys_are_those_that_the_reader_knows(string root)
    {
        var wrong = new List<string>();
        foreach (var place in Places(root))
        {
            var known = place.Specimens.Select(s => Known(Read(root, place.Frame(With(s, Absurd + ": 1"))))).ToArray();
            var read = known.SelectMany(k => k).ToHashSet(StringComparer.Ordinal);
            var table = place.Shape.Keys.SelectMany(k => k.Names).ToHashSet(StringComparer.Ordinal);
            if (place.Shape.IsOpen || Loose.Contains(place.Definition))
            {
                if (read.Count > 0) wrong.Add($"{place.Path} is said to hold whatever one likes, but its reader knows {string.Join(", ", read)}");
                continue;
            }

            if (place.Specimens.All(s => Read(root, place.Frame(With(s, Absurd + ": 1"))).All(p => !p.Message.Contains(Absurd, StringComparison.Ordinal)))) wrong.Add($"{place.Path}: nobody refuses an unknown key");
            if (read.Except(table).Any()) wrong.Add($"{place.Path}: only the reader knows {string.Join(", ", read.Except(table))}");
            foreach (var name in table.Except(read).Where(n => place.Specimens.All(s => Read(root, place.Frame(With(s, n + ": x"))).Any(p => p.Message.Contains($"the key \"{n}\" is not known", StringComparison.Ordinal)))))
            {
                wrong.Add($"{place.Path}: only the table knows {name}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Theory]
    [MemberData(nameof(Roots))]
    public void What_the_table_refuses_the_reader_refuses(string root)
    {
        var wrong = new List<string>();
        foreach (var place in Places(root).Where(p => !Loose.Contains(p.Definition)))
        {
            foreach (var key in place.Shape.Keys.Where(k => !k.IsAnything && Misfit(k) is not null))
            {
                foreach (var name in key.Names)
                {
                    // Of several forms of a mapping one at least must say that the value is wrong.
                    if (place.Specimens.Any(s => Told(s, $"{name}: {Misfit(key)}").Except(Told(s, "")).Any())) continue;
                    wrong.Add($"{place.Path}.{name}: {Misfit(key)} is taken");
                }
            }

            IEnumerable<string> Told(string specimen, string extra) =>
                Read(root, place.Frame(With(specimen, extra))).Select(p => p.Message).Where(m => !m.Contains("\" is missing", StringComparison.Ordinal));
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Theory]
    [MemberData(nameof(Roots))]
    public void Every_word_of_the_table_is_taken(string root)
    {
        var wrong = new List<string>();
        foreach (var place in Places(root))
        {
            foreach (var key in place.Shape.Keys)
            {
                foreach (var word in key.Choices)
                {
                    foreach (var specimen in place.Specimens.Where(s => !s.Contains(key.Name + ":", StringComparison.Ordinal)))
                    {
                        var extra = $"{key.Name}: '{word}'";
                        var problems = Read(root, place.Frame(With(specimen, extra)));
                        if (problems.FirstOrDefault(p => p.Message.Contains($"\"{key.Name}\" is \"{word}\"", StringComparison.Ordinal)) is { } refused) wrong.Add($"{place.Path}: {refused.Message}");
                    }
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    // What stands there, with one key more or with another value.
    private static string With(string specimen, string extra) =>
        string.Join(", ", specimen.Split(", ").Where(p => p.Length > 0 && p.Split(':')[0] != extra.Split(':')[0]).Append(extra).Where(p => p.Length > 0));

    // A value that the table has no place for; null if any will do.
    private static string? Misfit(SchemaKey key)
    {
        if (key.Choices.Count > 0) return key.Name == "kind" && key.Choices.Count == 1 ? null : Absurd;
        if (key.Inner is not null) return "[" + Absurd + "]";
        if (key.IsMap) return Absurd;
        if (key.Kinds.Count == 0) return key.IsList ? "[{a: {b: c}}]" : "{a: b}";
        if (key.Kinds.All(k => k is "int" or "bool" or "truth" or "whole")) return Absurd;
        return null;
    }

    private static HashSet<string> Known(IEnumerable<Problem> problems)
    {
        const string Before = "Known keys: ";
        return [.. problems.Where(p => p.Message.Contains($"the key \"{Absurd}\" is not known", StringComparison.Ordinal) && p.Help.StartsWith(Before, StringComparison.Ordinal))
            .SelectMany(p => p.Help[Before.Length..].TrimEnd('.').Split(", "))];
    }

    private IReadOnlyList<Problem> Read(string root, string mapping)
    {
        var problems = new List<Problem>();
        var map = (YamlMapping)YamlReader.Read(mapping, "charly.yml")[0];
        switch (root)
        {
            case "root":
                var file = Path.Combine(_folder, "charly.yml");
                File.WriteAllText(file, mapping);
                new ProjectShape(new Project(_folder), f => f).AddFile(file, 0, isRoot: false, problems);
                break;
            case "candy":
                CandyReader.ReadBody(map, _folder, "wx", new CandyOrigin(_folder), problems);
                break;
            case "box":
                BoxReader.Read(map, "web", _folder, problems);
                break;
            case "vm":
                VmReader.Read(map, "web", _folder, problems);
                break;
            case "local":
                LocalTemplateReader.Read(map, "base", problems);
                break;
            case "cluster":
                ClusterProfileReader.Read(map, "edge", problems);
                break;
            case "device":
                AndroidDeviceReader.Read(map, "phone", problems);
                break;
            default:
                Deployment(map, problems);
                break;
        }

        return problems;
    }

    // Pods and clusters read more of an entry than what all targets read.
    private static void Deployment(YamlMapping map, List<Problem> problems)
    {
        var canonical = DeploymentReader.Canonical(map, "web", problems);
        var deployment = DeploymentReader.Read(canonical, "web", isBed: false, problems);
        WorkloadReader.Read(deployment, problems);
        var entry = new YamlBinder(canonical, "deploy \"web\"", problems);
        TunnelReader.Read(entry);
        SidecarReader.Entries(entry);
        try
        {
            PodEntryReader.Read(deployment with { Box = "web" }, null, problems);
        }
        catch (CharlyException e)
        {
            problems.AddRange(e.ToProblems());
        }
    }

    private static List<Place> Places(string root)
    {
        var places = new List<Place>();
        Add(root, Definitions[root], inside => "{" + inside + "}", root, [root], places);
        return places;
    }

    private static void Add(string path, SchemaKey key, Func<string, string> frame, string definition, IReadOnlyList<string> open, List<Place> places)
    {
        if (key.Inner is { } inner) AddShape(path, key, inner, frame, definition, open, places);

        // The root's kinds lead to what is read on its own.
        foreach (var kind in key.Kinds.Where(k => Definitions.ContainsKey(k) && !open.Contains(k) && definition != "root"))
        {
            Add(path, Definitions[kind], key.IsMap && key.Name == definition ? inside => frame($"x: {{{inside}}}") : frame, kind, [.. open, kind], places);
        }

        if (definition != "root" && key.Kinds.Any(k => k is "check" or "step"))
        {
            foreach (var verb in Definitions.Values.Where(d => d.Name.StartsWith("check-", StringComparison.Ordinal) && d.Name != "check-common"))
            {
                var isStep = key.Kinds.Contains("step");
                SchemaKey[] words = isStep ? [new SchemaKey("then", [], false, false, false, false, [], [], null, null)] : [];
                var shape = new KeyShape([.. verb.Inner!.Keys, .. Definitions["check-common"].Inner!.Keys, .. words], false);
                var subject = verb.Inner.Keys[0].Name;
                var specimen = subject + ": " + subject switch { "file" => "/x", "port" => "80", "addr" => "'a:1'", "http" => "'http://a/'", _ => "x" } + (isStep ? ", then: x" : "");
                places.Add(new Place($"{path}({subject})", verb.Name, shape, frame, [specimen]));
            }
        }
    }

    private static void AddShape(string path, SchemaKey owner, KeyShape shape, Func<string, string> frame, string definition, IReadOnlyList<string> open, List<Place> places)
    {
        var specimens = owner.Name == definition && Beside.TryGetValue(definition, out var special) ? special
            : [string.Join(", ", shape.Keys.Where(k => k.IsRequired).Select(Sample))];
        places.Add(new Place(path, definition, shape, frame, specimens));
        foreach (var key in shape.Keys)
        {
            var beside = string.Join(", ", specimens[0].Split(", ").Where(p => p.Length > 0 && p.Split(':')[0] != key.Name));
            string Inside(string value) => frame(beside.Length > 0 ? $"{beside}, {key.Name}: {value}" : $"{key.Name}: {value}");
            Add($"{path}.{key.Name}", key, inside => Inside(key.IsMap ? $"{{x: {{{inside}}}}}" : key.IsList ? $"[{{{inside}}}]" : $"{{{inside}}}"), definition, open, places);
        }
    }

    private static string Sample(SchemaKey key) => key.Name + ": " + (
        key.Choices.Count > 0 ? key.Choices[0]
        : key.Inner is not null || key.Kinds.Any(Definitions.ContainsKey) ? key.Name == "source" ? "{kind: cloud_image,path: /x}" : "{}"
        : key.Kind is "int" or "whole" ? "1"
        : key.Name == "path" ? "/x" : "x");

    private sealed record Place(string Path, string Definition, KeyShape Shape, Func<string, string> Frame, IReadOnlyList<string> Specimens);
}
