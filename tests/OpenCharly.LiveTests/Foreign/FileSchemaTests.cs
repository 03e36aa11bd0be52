using System.Runtime.CompilerServices;
using System.Text.Json;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Vms.Images;
using OpenCharly.Model.Schemas;
using OpenCharly.Operations;
using OpenCharly.Yaml;

namespace OpenCharly.LiveTests.Foreign;

/// <summary>
/// What <c>charly schema</c> prints, held against real files by a validator that is none of ours: Python's, which cloud-init
/// brings along.
/// </summary>
public sealed class FileSchemaTests
{
    // Names below these are the file's own, or belong to what reads them elsewhere.
    private static readonly string[] FreeKeys =
        ["env", "var", "distro", "package_map", "env_provide", "oci_label", "vm", "deploy", "header", "example", "defaults", "init", "builder", "resource", "local", "box"];

    [NeedsFact("cloud-init")]
    public async Task Every_real_file_is_as_the_schema_has_it()
    {
        var files = Files();
        foreach (var (document, verdict) in await JudgeAsync([.. files.SelectMany(f => YamlReader.ReadFile(f).Select(d => (f, d)))])) Assert.True(verdict == "valid", $"{document}: {verdict}");
    }

    [NeedsFact("cloud-init")]
    public async Task A_mistyped_key_is_refused_wherever_it_stands()
    {
        // Each place once, and one at least of every file.
        var known = new HashSet<string>(StringComparer.Ordinal);
        var broken = new List<(string Name, YamlNode Document)>();
        foreach (var file in Files())
        {
            var all = YamlReader.ReadFile(file).OfType<YamlMapping>().SelectMany(d => Broken(d, [])).Where(b => IsOurs(b.Path)).ToArray();
            broken.AddRange(all.Where((b, i) => known.Add(string.Join('.', b.Path)) || i == all.Length - 1).Select(b => ($"{file} {string.Join('.', b.Path)}x", b.Document)));
        }

        Assert.True(broken.Count > 100, $"only {broken.Count} places");
        foreach (var (name, verdict) in await JudgeAsync(broken)) Assert.True(verdict != "valid", $"{name} is taken");
    }

    [NeedsFact("cloud-init")]
    public async Task What_the_readers_refuse_it_refuses()
    {
        string[] wrong =
        [
            "candy:\n  name: wx\n  task:\n    - cmd: true\n      usr: root\n",
            "candy:\n  name: wx\n  eval:\n    - file: /etc/wx\n      exist: true\n",
            "candy:\n  name: wx\n  eval:\n    - file: /etc/wx\n      listening: true\n",
            "candy:\n  name: wx\n  eval:\n    - file: /etc/wx\n      package: wx\n",
            "candy:\n  name: wx\n  reboot: perhaps\n",
            "candy:\n  name: wx\n  service:\n    - name: wx\n      exec: /bin/true\n      restart: sometimes\n",
            "deploy:\n  vm:web:\n    target: vm\n    disposble: true\n",
            "deploy:\n  web:\n    target: pods\n",
            "vm:\n  web:\n    source: {kind: bootstrap, builder: debootstrap, distro: debian, url: 'https://example.org'}\n",
            "vm:\n  web:\n    source: {kind: cloud_image, path: /x}\n    libvirt: {devices: {disk: []}}\n",
            "vm:\n  web:\n    cpu: two\n    source: {kind: cloud_image, path: /x}\n",
            "candies:\n  wx: {}\n",
        ];
        foreach (var (yaml, verdict) in await JudgeAsync([.. wrong.Select(y => (y, YamlReader.Read(y, "charly.yml")[0]))])) Assert.True(verdict != "valid", yaml + "is taken");
    }

    [NeedsFact("cloud-init")]
    public async Task What_the_readers_take_it_takes()
    {
        string[] right =
        [
            "version: 2026.163.0928\nimport: [base.yml, other: ../other]\ndiscover:\n  - candy\n  - {path: more, recursive: false}\n",
            "candy:\n  wx: {package: [curl, {name: jq, description: for the report}]}\n  other:\n",
            "candy:\n  name: wx\n  eval:\n    - {command: wx, exit_status: [0, 1], stdout: {contains: [a, b]}, timeout: 10s, count: '${N}'}\n    - {mcp: list, url: anything}\n",
            "candy:\n  name: wx\n  service:\n    - {name: wx, exec: /bin/true, restart: no, env: {A: 1, B:}}\n",
            "candy:\n  name: wx\n  scenario:\n    - name: it works\n      step:\n        - given: a machine\n        - then: it answers\n          http: http://localhost:80\n          status: 200\n",
            "deploy:\n  vm:web:\n    target: vm\n    nested:\n      app: {box: web, volume: [{name: data, type: bind, host: ~/data}]}\n    vm_state: {ssh_port: 2222, instance_id: abc}\n",
            "vm:\n  name: web\n  spec:\n    source: {kind: cloud_image, path: /x}\n",
            "box:\n  web: {base: debian, candy: wx, env: [A=1]}\n",
        ];
        foreach (var (yaml, verdict) in await JudgeAsync([.. right.Select(y => (y, YamlReader.Read(y, "charly.yml")[0]))])) Assert.True(verdict == "valid", $"{yaml}{verdict}");
    }

    private static async Task<IReadOnlyList<(string Name, string Verdict)>> JudgeAsync(IReadOnlyList<(string Name, YamlNode Document)> documents)
    {
        using var schema = JsonDocument.Parse(GetSchema.Read());
        var input = JsonSerializer.Serialize(schema.RootElement) + "\n" + string.Concat(documents.Select(d => JsonOfYaml.Of(d.Document) + "\n"));
        var request = new ProcessRequest("/usr/bin/python3", Path.Combine(Folder(), "validate.py")) { Input = input, Timeout = TimeSpan.FromMinutes(5) };
        var result = await new ProcessRunner(CharlyEnvironment.FromProcess()).RunAsync(request);
        Assert.True(result.Succeeded, result.StandardError);
        var verdicts = result.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(documents.Count, verdicts.Length);
        return [.. documents.Zip(verdicts, (d, v) => (d.Name, v))];
    }

    private static bool IsOurs(IReadOnlyList<string> path) =>
        !path.Take(path.Count - 1).Any(FreeKeys.Contains) && !path.Any(FileKeys.Instruments.Contains);

    private static IEnumerable<(IReadOnlyList<string> Path, YamlNode Document)> Broken(YamlNode node, IReadOnlyList<string> path)
    {
        switch (node)
        {
            // What a check of an instrument says is between it and the instrument.
            case YamlMapping map when !map.Entries.Any(e => FileKeys.Instruments.Contains(e.Key.Text)):
                foreach (var entry in map.Entries)
                {
                    IReadOnlyList<string> here = [.. path, entry.Key.Text];
                    yield return (here, Put(map, entry, entry with { Key = entry.Key with { Text = entry.Key.Text + "x" } }));
                    foreach (var (deeper, broken) in Broken(entry.Value, here)) yield return (deeper, Put(map, entry, entry with { Value = broken }));
                }

                break;
            case YamlSequence list:
                for (var i = 0; i < list.Items.Count; i++)
                {
                    var index = i;
                    foreach (var (deeper, broken) in Broken(list.Items[i], path)) yield return (deeper, list with { Items = [.. list.Items.Select((n, j) => j == index ? broken : n)] });
                }

                break;
        }
    }

    private static YamlMapping Put(YamlMapping map, YamlEntry old, YamlEntry now) => new([.. map.Entries.Select(e => ReferenceEquals(e, old) ? now : e)], map.Position);

    private static List<string> Files()
    {
        var root = Path.GetFullPath(Path.Combine(Folder(), "../../.."));
        var files = Directory.EnumerateFiles(Path.Combine(root, "catalog"), "*.yml", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();
        Assert.NotEmpty(files);
        var catalog = Path.GetFullPath(Path.Combine(root, "..", "shared", "catalog", "candy"));
        if (!Directory.Exists(catalog))
        {
            Console.WriteLine("skipped in part: there is no ../shared/catalog beside the repository");
            return files;
        }

        var candies = Directory.EnumerateDirectories(catalog).Select(d => Path.Combine(d, "charly.yml")).Where(File.Exists).Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(117, candies.Length);
        return [.. files, .. candies];
    }

    private static string Folder([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
}
