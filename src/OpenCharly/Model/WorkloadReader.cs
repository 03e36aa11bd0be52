using System.Text.RegularExpressions;
using OpenCharly.Foundation;
using OpenCharly.Yaml;
using static OpenCharly.Model.ClusterProfileReader;

namespace OpenCharly.Model;

/// <summary>Reads the fields of a deploy entry that only clusters honour (deploy.md §2, §7.6); every mistake has its place.</summary>
internal sealed partial class WorkloadReader
{
    private static readonly string[] Kinds = ["service", "daemon", "batch", "scheduled", "oneshot"];
    private static readonly string[] ProbeNames = ["liveness", "readiness", "startup"];

    private readonly YamlBinder _entry;

    private WorkloadReader(YamlBinder entry) => _entry = entry;

    /// <summary>Reads an entry.</summary>
    /// <param name="deployment">The entry.</param>
    /// <param name="problems">Problems are added here.</param>
    public static Workload Read(Deployment deployment, ICollection<Problem> problems)
    {
        var body = deployment.Body ?? new YamlMapping([], deployment.Position ?? new SourcePosition("charly.yml", 1, 1));
        return new WorkloadReader(new YamlBinder(body, $"deploy \"{deployment.Key}\"", problems)).Read(deployment.Key);
    }

    private Workload Read(string key)
    {
        var cluster = Section("kubernetes");
        var kind = Kind(cluster);
        var resources = Section("resources");
        var security = Section("security");
        var read = new Workload
        {
            Key = key,
            Kind = kind,
            Namespace = Label(cluster, "namespace"),
            Replicas = Whole("replica", 0, 100_000) ?? 1,
            Restart = OneOf(_entry, "restart", Errors.Workload, ["always", "on-failure", "never"]) switch { "always" => "Always", "on-failure" => "OnFailure", "never" => "Never", _ => null },
            Schedule = Schedule(kind),
            Requests = Quantities(resources, ("cpu", "cpu_request"), ("memory", "memory_request")),
            Limits = Limits(security),
            Expose = Expose(),
            Storage = Storage(),
            Volumes = Volumes(),
            Probes = Probes(),
            Secrets = Secrets(),
            Patches = Patches(cluster),
            Raw = Raw(cluster),
        };
        if (read.Restart == "Always" && kind is WorkloadKind.Job or WorkloadKind.CronJob) Report("restart", $"a {kind} that ends can't be restarted always", "Use on-failure or never.");
        cluster.RejectUnknown(Errors.CfgUnknownKey, isWarning: true);
        resources.RejectUnknown(Errors.CfgUnknownKey, isWarning: true);
        return read;
    }

    private WorkloadKind? Kind(YamlBinder cluster)
    {
        var named = OneOf(cluster, "workload", Errors.Workload, Enum.GetNames<WorkloadKind>());
        var kind = OneOf(_entry, "kind", Errors.Workload, Kinds) switch
        {
            "daemon" => WorkloadKind.DaemonSet,
            "batch" => WorkloadKind.Job,
            "scheduled" => WorkloadKind.CronJob,
            "oneshot" => WorkloadKind.Pod,
            _ => (WorkloadKind?)null,
        };
        return named is null ? kind : Enum.Parse<WorkloadKind>(named);
    }

    private string? Schedule(WorkloadKind? kind)
    {
        var schedule = _entry.Text("schedule");
        if (schedule is null && kind == WorkloadKind.CronJob) Report("kind", "a CronJob needs \"schedule\"", "Write five fields, such as schedule: \"0 3 * * *\".");
        if (schedule is null || TimetableForm().IsMatch(schedule)) return schedule;
        Report("schedule", $"\"schedule\" is \"{schedule}\"", "Write five fields, such as \"0 3 * * *\", or @hourly, @daily, @weekly, @monthly, @yearly.");
        return null;
    }

    private static Dictionary<string, string> Limits(YamlBinder security)
    {
        var limits = new Dictionary<string, string>(StringComparer.Ordinal);
        if (security.Text("cpus") is { } cpus)
        {
            if (QuantityForm().IsMatch(cpus)) limits["cpu"] = cpus;
            else security.Report(Errors.Workload, $"\"cpus\" is \"{cpus}\"", "Write a number such as 2, 0.5 or 500m.", security.At("cpus"));
        }

        if (security.Text("memory_max") is { } memory)
        {
            // Entries count in units of 1024 and write them as podman does.
            if (ByteSize.TryParse(memory, 'B', out var size)) limits["memory"] = size.ToString() is var text && char.IsAsciiLetter(text[^1]) ? text + "i" : text;
            else security.Report(Errors.Workload, $"\"memory_max\" is \"{memory}\"", "Write a size such as 512m or 2g.", security.At("memory_max"));
        }

        return limits;
    }

    private static Dictionary<string, string> Quantities(YamlBinder binder, params IReadOnlyList<(string Name, string Key)> keys)
    {
        var quantities = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, key) in keys)
        {
            if (Quantity(binder, key) is { } quantity) quantities[name] = quantity;
        }

        return quantities;
    }

    private static string? Quantity(YamlBinder binder, string key)
    {
        if (binder.Text(key) is not { } text || QuantityForm().IsMatch(text)) return binder.Text(key);
        binder.Report(Errors.Workload, $"\"{key}\" is \"{text}\"", "Write a quantity such as 250m, 2, 512Mi or 10Gi.", binder.At(key));
        return null;
    }

    private WorkloadIngress? Expose()
    {
        if (_entry.Map("expose") is not { } map) return null;
        var expose = new YamlBinder(map, _entry.What + " expose", _entry.Problems);
        var host = expose.Text("host");
        var path = expose.Text("path") ?? "/";
        var port = expose.Integer("port");
        var tls = expose.Boolean("tls") ?? false;
        expose.RejectUnknown(Errors.CfgUnknownKey, isWarning: true);
        if (host is not null && !HostForm().IsMatch(host)) expose.Report(Errors.Workload, $"\"host\" is \"{host}\"", "Write a host name such as notes.example.org.", expose.At("host"));
        if (!path.StartsWith('/') || !Model.Patterns.IsOneLine(path)) expose.Report(Errors.Workload, $"\"path\" is \"{path}\"", "Begin it with a slash.", expose.At("path"));
        if (port is < 1 or > 65535) expose.Report(Errors.Workload, $"\"port\" is {port}", "Use a number from 1 to 65535.", expose.At("port"));
        return host is null ? null : new WorkloadIngress(host, path, port, tls);
    }

    private List<WorkloadStorage> Storage()
    {
        var all = new List<WorkloadStorage>();
        foreach (var item in Items("storage"))
        {
            var read = new WorkloadStorage(
                Name(item), Quantity(item, "size") ?? "10Gi", OneOf(item, "class_hint", Errors.Workload, ["fast", "cheap", "encrypted"]),
                AccessMode(item, "access", Errors.Workload), Path(item, "path"));
            item.RejectUnknown(Errors.CfgUnknownKey, isWarning: true);
            if (all.Any(s => s.Name == read.Name)) item.Report(Errors.Workload, $"the storage \"{read.Name}\" is there twice", "Give each a name of its own.", item.Mapping.Position);
            else all.Add(read);
        }

        return all;
    }

    private List<WorkloadVolume> Volumes()
    {
        var all = new List<WorkloadVolume>();
        foreach (var item in Items("volume"))
        {
            all.Add(new WorkloadVolume(Name(item), item.Text("path"), OneOf(item, "type", Errors.Workload, ["volume", "bind", "encrypted"]) ?? "volume"));
        }

        return all;
    }

    private Dictionary<string, Check> Probes()
    {
        var probes = new Dictionary<string, Check>(StringComparer.Ordinal);
        var section = Section("probes");
        foreach (var name in ProbeNames)
        {
            if (section.Map(name) is not { } map) continue;
            var binder = new YamlBinder(map, $"{_entry.What} probes.{name}", _entry.Problems);
            if (CheckReader.Read(binder, scope: "deploy") is not { } check) continue;
            if (check is HttpCheck or AddressCheck or FileCheck or CommandCheck) probes[name] = check;
            else section.Report(Errors.Workload, $"a cluster can't probe with \"{check.Verb}\"", "Use http, addr, file or command.", map.Position);
        }

        section.RejectUnknown(Errors.CfgUnknownKey, isWarning: true);
        return probes;
    }

    private List<WorkloadSecret> Secrets() =>
    [
        .. Items("secret").Select(item => new WorkloadSecret(Name(item), item.Text("env"), item.Text("target"), Source(item), item.Mapping.Position)),
    ];

    private static string? Source(YamlBinder item)
    {
        var source = item.Text("source");
        if (source is null or "keyring" || source.StartsWith("env:", StringComparison.Ordinal) || source.StartsWith("file:", StringComparison.Ordinal)) return source;
        item.Report(Errors.Workload, $"\"source\" is \"{source}\"", "Use keyring, env:VARIABLE or file:/path.", item.At("source"));
        return null;
    }

    private static List<WorkloadPatch> Patches(YamlBinder cluster)
    {
        var all = new List<WorkloadPatch>();
        foreach (var node in cluster.Items("patches"))
        {
            if (node is not YamlMapping map)
            {
                cluster.Report(Errors.Workload, $"\"patches\" holds {node.Description}", "Write target: and patch:.", node.Position);
                continue;
            }

            var item = new YamlBinder(map, cluster.What + " patches", cluster.Problems);
            var target = new YamlBinder(item.Map("target") ?? new YamlMapping([], map.Position), item.What, cluster.Problems);
            var patch = item.Node("patch") switch
            {
                YamlScalar { Text.Length: > 0 } text => text.Text,
                YamlMapping or YamlSequence => BlockYaml.Write(item.Node("patch")!),
                _ => null,
            };
            if (patch is null) item.Report(Errors.Workload, "a patch without \"patch\"", "Write the change below patch:.", map.Position);
            else all.Add(new WorkloadPatch(target.Text("kind"), target.Text("name"), target.Text("namespace"), patch));
            target.RejectUnknown(Errors.CfgUnknownKey, isWarning: true);
            item.RejectUnknown(Errors.CfgUnknownKey, isWarning: true);
        }

        return all;
    }

    private static List<SourcedText> Raw(YamlBinder cluster)
    {
        var all = new List<SourcedText>();
        foreach (var node in cluster.Items("raw"))
        {
            var path = (node as YamlScalar)?.Text ?? "";
            var file = System.IO.Path.GetFileName(path);
            if (node is not YamlScalar { IsNull: false } || path.StartsWith('/') || Model.Patterns.Climbs(path) || !RawForm().IsMatch(file))
            {
                cluster.Report(Errors.Workload, $"\"raw\" holds {node.Description}", "Name a file of the project, such as k8s/policy.yaml.", node.Position);
            }
            else if (all.Any(r => System.IO.Path.GetFileName(r.Text) == file))
            {
                cluster.Report(Errors.Workload, $"two raw files are called {file}", "Rename one: they are copied into one folder.", node.Position);
            }
            else
            {
                all.Add(new SourcedText(path, node.Position));
            }
        }

        return all;
    }

    private IEnumerable<YamlBinder> Items(string key)
    {
        foreach (var node in _entry.Items(key))
        {
            if (node is YamlMapping map) yield return new YamlBinder(map, $"{_entry.What} {key}", _entry.Problems);
            else Report(node.Position, $"\"{key}\" holds {node.Description}", "Write name: and what else it needs.");
        }
    }

    private static string Name(YamlBinder item)
    {
        var name = item.Text("name") ?? "";
        if (!ClusterNames.IsLabel(ClusterNames.Dashed(name))) item.Report(Errors.Workload, name.Length == 0 ? "\"name\" is missing" : $"\"name\" is \"{name}\"", ClusterNames.LabelRule, item.At("name"));
        return ClusterNames.Dashed(name);
    }

    private static string? Path(YamlBinder item, string key)
    {
        var path = item.Text(key);
        if (path is null || (path.StartsWith('/') && path.Length > 1 && !path.Contains(':') && Model.Patterns.IsOneLine(path))) return path;
        item.Report(Errors.Workload, $"\"{key}\" is \"{path}\"", "Write an absolute path of the container.", item.At(key));
        return null;
    }

    private static string? Label(YamlBinder binder, string key)
    {
        var text = binder.Text(key);
        if (text is null || ClusterNames.IsLabel(text)) return text;
        binder.Report(Errors.Workload, $"\"{key}\" is \"{text}\"", ClusterNames.LabelRule, binder.At(key));
        return null;
    }

    private int? Whole(string key, int least, int most)
    {
        var number = _entry.Integer(key);
        if (number is null || (number >= least && number <= most)) return number;
        Report(key, $"\"{key}\" is {number}", $"Use a number from {least} to {most}.");
        return null;
    }

    private YamlBinder Section(string key) =>
        new(_entry.Map(key) ?? new YamlMapping([], _entry.Mapping.Position), $"{_entry.What} {key}", _entry.Problems);

    private void Report(string key, string message, string help) => Report(_entry.At(key), message, help);

    private void Report(SourcePosition position, string message, string help) => _entry.Report(Errors.Workload, message, help, position);

    [GeneratedRegex(@"^[0-9]{1,12}(?:\.[0-9]{1,6})?(?:m|k|Ki|M|Mi|G|Gi|T|Ti|P|Pi)?\z")]
    private static partial Regex QuantityForm();

    [GeneratedRegex(@"^(?:@(?:hourly|daily|midnight|weekly|monthly|yearly|annually)|[0-9A-Za-z*/,?-]+(?: +[0-9A-Za-z*/,?-]+){4})\z")]
    private static partial Regex TimetableForm();

    [GeneratedRegex(@"^(?:\*\.)?[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*\z")]
    private static partial Regex HostForm();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]*\.(?:yaml|yml|json)\z")]
    private static partial Regex RawForm();
}
