using System.Text.RegularExpressions;
using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>Reads deploy entries (deploy.md §2): names replaced by their proper spelling first, then the fields, then the rules.</summary>
public static partial class DeploymentReader
{
    private const int MaxDepth = 16;

    private static readonly string[] Targets = ["pod", "local", "vm", "k8s", "android"];

    private static readonly Dictionary<string, string> Aliases = new(StringComparer.Ordinal)
    {
        ["image"] = "box", ["add_layer"] = "add_candy", ["add_layers"] = "add_candy", ["ssh_args"] = "ssh_arg", ["volumes"] = "volume",
        ["ports"] = "port", ["secrets"] = "secret", ["sidecars"] = "sidecar", ["version"] = "tag",
    };

    // Fields that a single target reads from the body.
    private static readonly string[] OtherKeys =
    [
        "name", "pod", "k8s", "android", "description", "port", "resolved_port", "volume", "network", "engine", "sidecar", "tunnel", "dns", "fqdn", "acme_email",
        "secret", "security", "forward_ssh_agent", "forward_gpg_agent", "shell", "kubernetes", "kind", "replica", "restart", "schedule",
        "resources", "expose", "storage", "probes", "cpus", "ram", "disk_size", "vm_state", "vm_source", "from_snapshot", "cloud_init_clean",
        "workspace",
    ];

    /// <summary>Older spellings of a proper key, for those who write it.</summary>
    internal static IEnumerable<string> AliasesOf(string key) => Aliases.Where(a => a.Value == key).Select(a => a.Key);

    /// <summary>The entry with aliases replaced by the proper keys; a key together with its alias is reported.</summary>
    public static YamlMapping Canonical(YamlMapping entry, string key, ICollection<Problem> problems)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var entries = new List<YamlEntry>();
        foreach (var field in entry.Entries)
        {
            var name = Aliases.GetValueOrDefault(field.Key.Text, field.Key.Text);
            if (name == "tag" && field.Key.Text == "version" && entry["tag"] is not null) name = "version";
            if (field.Key.Text == "image") problems.Add(new Problem(Errors.CfgLegacy, $"deploy \"{key}\": \"image\" is the old name of \"box\"", "Rename it, or run `charly migrate`.", field.Key.Position, IsWarning: true));
            if (!seen.Add(name))
            {
                problems.Add(new Problem(Errors.YamlDuplicate, $"deploy \"{key}\": \"{field.Key.Text}\" and \"{name}\" mean the same", $"Keep \"{name}\".", field.Key.Position));
                continue;
            }

            entries.Add(new YamlEntry(field.Key with { Text = name }, field.Value));
        }

        return new YamlMapping(entries, entry.Position);
    }

    /// <summary>Lays a per-host entry over a project's: every non-empty field replaces the project's whole.</summary>
    public static YamlMapping Overlay(YamlMapping project, YamlMapping host)
    {
        var over = host.Entries.Where(e => e.Value is not (YamlScalar { IsNull: true } or YamlMapping { Entries.Count: 0 } or YamlSequence { Items.Count: 0 })).ToArray();
        return new YamlMapping([.. project.Entries.Where(e => over.All(o => o.Key.Text != e.Key.Text)), .. over], project.Position);
    }

    /// <summary>Reads an entry whose aliases are already replaced.</summary>
    /// <param name="body">The entry.</param>
    /// <param name="key">Its deploy key.</param>
    /// <param name="isBed">Whether it comes from <c>eval:</c>.</param>
    /// <param name="problems">Problems and warnings are added here.</param>
    public static Deployment Read(YamlMapping body, string key, bool isBed, ICollection<Problem> problems) =>
        Read(body, key, isBed, owner: null, parent: null, 0, problems);

    private static Deployment Read(YamlMapping body, string key, bool isBed, string? owner, Deployment? parent, int depth, ICollection<Problem> problems)
    {
        var entry = new YamlBinder(body, $"deploy \"{key}\"", problems);
        if (!Key().IsMatch(key) || Patterns.Climbs(key)) entry.Report(Errors.BadName, $"\"{key}\" can't name a deployment", "Use letters, digits, dots, dashes, underscores; vm: in front for a virtual machine.", body.Position);
        if (key is "qc" or "cachyos-dx") entry.Report(Errors.CfgLegacy, "this key is retired", "Run: charly migrate", body.Position);
        LegacyKeys.Report(entry, "bind_mounts", "volume");
        var leaf = parent is not null && owner is null ? key[(parent.Key.Length + 1)..] : key;
        var target = Target(entry, leaf, body);
        var colon = leaf.StartsWith("vm:", StringComparison.Ordinal) ? leaf[3..] : leaf;
        var slash = colon.IndexOf('/', StringComparison.Ordinal);
        var host = Host(entry, target, out var user);
        var ephemeral = EphemeralReader.Read(entry, leaf);
        var clone = EphemeralReader.Record(body);
        var read = new Deployment
        {
            Key = key,
            Position = body.Position,
            Target = target,
            Box = entry.Text("box"),
            Local = entry.Text("local"),
            Vm = target == "vm" ? entry.Text("vm") ?? (slash < 0 ? colon : colon[..slash]) : entry.Text("vm"),
            VmInstance = target != "vm" ? null : clone is { InstanceName.Length: > 0 } ? clone.InstanceName : slash >= 0 ? colon[(slash + 1)..] : null,
            Cluster = entry.Text("k8s"),
            Android = entry.Text("android"),
            Preemptible = ArbiterReader.Preemptible(entry),
            RequiresExclusive = ArbiterReader.Claims(entry),
            Host = host,
            User = user,
            SshArguments = SshArguments(entry, host),
            AddCandies = [.. Sourced(entry, "add_candy").Select(r => r.Text)],
            Options = Options(entry),
            Environment = Environment(entry),
            EnvironmentFile = entry.Text("env_file"),
            Tag = entry.Text("tag"),
            Disposable = (entry.Boolean("disposable") ?? owner is not null && parent?.Disposable == true) || ephemeral is not null,
            Ephemeral = ephemeral,
            Life = clone,
            Lifecycle = entry.Text("lifecycle"),
            Inside = entry.Text("inside"),
            Parent = owner is null ? parent?.Key : null,
            Owner = owner,
            IsBed = isBed,
            Checks = CheckReader.List(entry, scope: "deploy"),
            Body = body,
        };
        CheckTarget(entry, read, isBed, depth);
        ArbiterReader.Check(entry, read);
        entry.Accept("nested", "peer", "version");

        // Read where they count, and of the right type from the start.
        entry.Text("pod");
        entry.Text("acme_email");
        entry.Accept(OtherKeys);
        entry.RejectUnknown(Errors.CfgUnknownKey, isWarning: true);
        if (depth >= MaxDepth)
        {
            entry.Report(Errors.CfgName, $"nested more than {MaxDepth} deep", "Nest less deeply.", body.Position);
            return read;
        }

        return read with
        {
            Nested = Children(entry, "nested", (name, map) => Read(Canonical(map, name, problems), $"{key}.{name}", isBed, null, read, depth + 1, problems)),
            Peers = Children(entry, "peer", (name, map) => Read(Canonical(map, name, problems), name, isBed, key, read, depth + 1, problems)),
        };
    }

    private static string Target(YamlBinder entry, string key, YamlMapping body)
    {
        var isVm = key.StartsWith("vm:", StringComparison.Ordinal);
        var target = entry.Text("target");
        if (target is null) return isVm ? "vm" : key is "host" or "local" || body["local"] is not null ? "local" : body["vm"] is not null ? "vm" : "pod";
        if (Targets.Contains(target))
        {
            if (isVm && target != "vm") entry.Report(Errors.DeployTarget, $"the key begins with vm:, but the target is {target}", "Make them agree.", entry.At("target"));
            return target;
        }

        if (target is "host" or "container" or "kubernetes")
        {
            var now = target switch { "host" => "local", "container" => "pod", _ => "k8s" };
            entry.Report(Errors.CfgLegacy, $"the target \"{target}\" was renamed to {now}", "Run: charly migrate", entry.At("target"));
            return now;
        }

        entry.Report(Errors.DeployTarget, $"the target \"{target}\" is not known", Nearest.Suggest(target, Targets, $"Use one of {string.Join(", ", Targets)}."), entry.At("target"));
        return isVm ? "vm" : "pod";
    }

    private static void CheckTarget(YamlBinder entry, Deployment read, bool isBed, int depth)
    {
        if (read.Target == "pod" && read.Box is null && !isBed && read.Body?["pod"] is null)
        {
            entry.Report(Errors.CfgReference, "box is required", "Say which box it runs, or set another target. Run: charly migrate", entry.Mapping.Position);
        }

        if (read.Target != "vm" && entry.Mapping["from_snapshot"] is { } snapshot) entry.Report(Errors.DeployTarget, "\"from_snapshot\" works for virtual machines only", "Remove it.", snapshot.Position);
        if (read.Target == "k8s" && entry.Mapping["nested"] is YamlMapping { Entries.Count: > 0 } nested) entry.Report(Errors.DeployTarget, "a cluster can't have nested deployments", "Declare them at the top level.", nested.Position);
        if (read.Target == "vm" && read.Vm is { } vm && !Names.IsVmEntity(vm)) entry.Report(Errors.BadName, $"\"{vm}\" can't name a virtual machine", "Use letters, digits, dashes and underscores, and ns.NAME for one of a namespace.", entry.At("vm"));
        if (read.VmInstance is { } instance && !Names.IsVmInstance(instance)) entry.Report(Errors.BadName, $"\"{instance}\" can't name an instance", "Use letters, digits, dashes and underscores.", entry.Mapping.Position);
        if (read is { Ephemeral: not null, Parent: not null }) entry.Report(Errors.Ephemeral, $"\"ephemeral\" has no meaning here: it ends with {read.Parent}", "Remove it, or set it there.", entry.At("ephemeral"), isWarning: true);
        if (read.Inside is not null && read.Target != "local" && depth == 0) entry.Report(Errors.DeployTarget, "\"inside\" works for local deployments only", "Remove it, or use target: local.", entry.At("inside"));
    }

    private static string Host(YamlBinder entry, string target, out string? user)
    {
        user = entry.Text("user");
        var host = entry.Text("host") ?? "local";
        if (host != "local" && !HostForm().IsMatch(host))
        {
            entry.Report(Errors.CfgHost, $"\"host\" is \"{host.ReplaceLineEndings("⏎")}\"", "Use local, an ssh alias, or [user@]host[:port].", entry.At("host"));
            host = "local";
        }

        if (user is not null && !Account().IsMatch(user)) entry.Report(Errors.CfgHost, $"\"{user}\" can't be a user", "Use letters, digits, dots, dashes, underscores.", entry.At("user"));
        if (host == "local" && user is not null && target == "local") entry.Report(Errors.CfgHost, "\"user\" has no meaning on this machine", "Remove \"user\", or set \"host\".", entry.At("user"));
        var port = host[(host.LastIndexOf(':') + 1)..];
        if (port.Length < host.Length && !host.EndsWith(']') && (!int.TryParse(port, out var number) || number is < 1 or > 65535))
        {
            entry.Report(Errors.CfgHost, $"\"host\" is \"{host}\", and {port} is no port", "Use a number from 1 to 65535.", entry.At("host"));
        }

        var at = host.IndexOf('@', StringComparison.Ordinal);
        if (at >= 0 && user is not null && host[..at] != user) entry.Report(Errors.CfgHost, $"\"user\" is \"{user}\", but \"host\" says \"{host[..at]}\"", "Remove \"user\".", entry.At("user"));
        return host;
    }

    private static IReadOnlyList<string> SshArguments(YamlBinder entry, string host)
    {
        var words = entry.TextList("ssh_arg");
        if (words.Count > 0 && host == "local") entry.Report(Errors.CfgHost, "\"ssh_arg\" has no meaning on this machine", "Remove it, or set \"host\".", entry.At("ssh_arg"));
        foreach (var word in words.Where(w => w.Length == 0 || !Patterns.IsOneLine(w))) entry.Report(Errors.CfgHost, "\"ssh_arg\" holds an empty word or a line break", "Write one argument an item.", entry.ItemAt("ssh_arg", word));
        return words;
    }

    /// <summary>The references of a list with their places, each once.</summary>
    internal static IReadOnlyList<SourcedText> Sourced(YamlBinder entry, string key)
    {
        var references = new List<SourcedText>();
        foreach (var item in entry.Items(key))
        {
            if (item is YamlScalar { IsNull: false } scalar && scalar.Text.Trim().Length > 0 && Patterns.IsOneLine(scalar.Text)) references.Add(new SourcedText(scalar.Text, scalar.Position));
            else entry.Report(Errors.RefEmpty, $"\"{key}\" holds {item.Description}", "Write the candy's name or reference.", item.Position);
        }

        return [.. references.DistinctBy(r => r.Text)];
    }

    internal static InstallOptions Options(YamlBinder entry)
    {
        if (entry.Map("install_opts") is not { } map) return new InstallOptions();
        var options = new YamlBinder(map, entry.What + " install_opts", entry.Problems);
        var read = new InstallOptions
        {
            WithServices = options.Boolean("with_services", "with_service") ?? false,
            AllowRepoChanges = options.Boolean("allow_repo_changes") ?? false,
            AllowRootTasks = options.Boolean("allow_root_tasks") ?? false,
            SkipIncompatible = options.Boolean("skip_incompatible") ?? false,
            Verify = options.Boolean("verify") ?? false,
            Yes = options.Boolean("yes") ?? false,
            BuilderImage = options.Text("builder_image"),
        };
        options.RejectUnknown(Errors.CfgUnknownKey, isWarning: true);
        return read;
    }

    /// <summary>Environment as a mapping, or as a list of <c>K=V</c>.</summary>
    internal static IReadOnlyDictionary<string, string> Environment(YamlBinder entry)
    {
        var environment = new OrderedDictionary<string, string>(StringComparer.Ordinal);
        if (entry.Node("env") is YamlSequence list)
        {
            foreach (var item in list.Items)
            {
                var text = (item as YamlScalar)?.Text ?? "";
                var equals = text.IndexOf('=', StringComparison.Ordinal);
                if (equals > 0) environment[text[..equals]] = text[(equals + 1)..];
                else entry.Report(Errors.CandyVariable, $"\"env\" holds {item.Description}", "Write NAME=value.", item.Position);
            }
        }
        else
        {
            foreach (var (name, value) in entry.TextMap("env")) environment[name] = value;
        }

        foreach (var (name, value) in environment)
        {
            if (!Names.IsVariable(name)) entry.Report(Errors.CandyVariable, $"\"env\": \"{name}\" can't name a variable", "Use letters, digits and underscores.", entry.NameAt("env", name));
            if (value.Contains('\0')) entry.Report(Errors.CandyVariable, $"the value of \"{name}\" holds a NUL character", "Remove it.", entry.ValueAt("env", name));
        }

        return environment;
    }

    private static List<Deployment> Children(YamlBinder entry, string key, Func<string, YamlMapping, Deployment> read)
    {
        var children = new List<Deployment>();
        foreach (var child in entry.Map(key)?.Entries ?? [])
        {
            if (child.Key.Text.Contains('.')) entry.Report(Errors.CfgName, $"the {key} name \"{child.Key.Text}\" holds a dot", "Rename it; dots separate the parts of a path.", child.Key.Position);
            if (child.Value is YamlMapping map) children.Add(read(child.Key.Text, map));
            else if (child.Value is YamlScalar { IsNull: true }) children.Add(read(child.Key.Text, new YamlMapping([], child.Key.Position)));
            else entry.Report(Errors.YamlType, $"{key}.{child.Key.Text} must be a mapping, not {child.Value.Description}", "Write its fields as key: value.", child.Value.Position);
        }

        return children;
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,199}\z")]
    private static partial Regex Key();

    [GeneratedRegex(@"^(?:[A-Za-z0-9_][A-Za-z0-9._-]*@)?(?:[A-Za-z0-9_][A-Za-z0-9._-]*|\[[0-9a-fA-F:.]+\])(?::[0-9]{1,5})?\z")]
    private static partial Regex HostForm();

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9._-]*\z")]
    private static partial Regex Account();
}
