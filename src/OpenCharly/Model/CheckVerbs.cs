using System.Collections.Frozen;
using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>The verbs of checks and their attributes (candy-and-plan.md §9.2).</summary>
internal static class CheckVerbs
{
    // Their attributes are many, among them the names of other verbs; these therefore win.
    internal static readonly string[] Instruments = ["mcp", "appium", "adb", "wl", "k8s", "vnc", "cdp", "dbus", "record", "spice", "libvirt"];

    // Those that are known to be used; whatever else an instrument takes is its own affair.
    internal static readonly string[] InstrumentAttributes =
    [
        .. Instruments, "exit_status", "arg", "artifact", "artifact_min_bytes", "apk", "app_id", "activity", "attribute", "caps", "direction", "expression", "keycode", "method",
        "params", "path", "percent", "property", "request_body", "selector", "strategy", "text", "action", "cluster", "k8s_count", "name", "mcp_name", "url", "tool", "input",
    ];

    private static readonly string[] Others = ["summarize", "kill"];
    private static readonly string[] FileTypes = ["file", "directory", "symlink"];

    /// <summary>All verbs.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "file", "command", "package", "service", "port", "addr", "http", "process", "user", "group", "dns", "interface", "mount", "kernel-param",
        "matching", .. Instruments, .. Others,
    ];

    private static readonly FrozenSet<string> Known = Names.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The verbs of an item; an instrument's hides those that are its attributes.</summary>
    public static IReadOnlyList<string> Find(YamlMapping item)
    {
        var found = new List<string>();
        foreach (var entry in item.Span)
        {
            if (Known.Contains(entry.Key.Text)) found.Add(entry.Key.Text);
        }

        if (found.Count < 2) return found;
        var live = found.Where(v => Instruments.Contains(v) || Others.Contains(v)).ToArray();
        return live.Length == 1 ? live : found;
    }

    /// <summary>Reads the verb and its attributes; null if the verb has no usable value, which is reported.</summary>
    public static Check? Read(YamlBinder item, string verb)
    {
        if (verb == "summarize") return new SummarizeCheck(item.TextList(verb)) { Source = item.Mapping, Output = MatcherReader.Read(item, "stdout") };
        var subject = item.Text(verb);
        if (item.IsNoText(verb)) return null;
        if (string.IsNullOrWhiteSpace(subject) && verb != "matching")
        {
            item.Report(Errors.CheckForm, $"\"{verb}\" is empty", "Say what is checked.", item.At(verb));
            return null;
        }

        subject ??= "";
        if (verb != "command" && verb != "matching" && subject.Contains('\0')) item.Report(Errors.CheckForm, $"\"{verb}\" holds a NUL character", "Remove it.", item.At(verb));
        if (verb is "user" or "group" && subject.StartsWith('-')) item.Report(Errors.CheckForm, $"\"{subject}\" can't name a {verb}", "Write its name.", item.At(verb));
        return verb switch
        {
            "file" => File(item, subject),
            "command" => Command(item, subject),
            "package" => new PackageCheck(subject)
            {
                Source = item.Mapping,
                Installed = CheckReader.Truth(item, "installed") ?? true,
                Versions = item.TextList("version"),
                Names = DistroTags.Map(item, "package_map"),
            },
            "service" => Service(item, subject),
            "port" => Port(item, subject),
            "addr" => Address(item, subject),
            "http" => Http(item, subject),
            "process" => new ProcessCheck(subject) { Source = item.Mapping, Running = CheckReader.Truth(item, "running") ?? true },
            "user" => new UserCheck(subject)
            {
                Source = item.Mapping,
                Exists = CheckReader.Truth(item, "exists") ?? true,
                Uid = item.Text("uid"),
                Gid = item.Text("gid"),
                Home = item.Text("home"),
                Shell = item.Text("shell"),
                Groups = item.TextList("groups"),
            },
            "group" => new GroupCheck(subject) { Source = item.Mapping, Exists = CheckReader.Truth(item, "exists") ?? true, Gid = item.Text("gid") },
            "dns" => new DnsCheck(subject)
            {
                Source = item.Mapping,
                Resolvable = CheckReader.Truth(item, "resolvable") ?? true,
                Addresses = item.TextList("addrs"),
                Server = item.Text("server"),
            },
            "interface" => new InterfaceCheck(subject)
            {
                Source = item.Mapping,
                Exists = CheckReader.Truth(item, "exists") ?? true,
                Mtu = CheckReader.Whole(item, "mtu"),
                Addresses = item.TextList("addrs"),
            },
            "mount" => new MountCheck(subject)
            {
                Source = item.Mapping,
                Exists = CheckReader.Truth(item, "exists") ?? true,
                MountSource = item.Text("mount_source"),
                FileSystem = item.Text("filesystem"),
                MountOptions = item.TextList("opt"),
            },
            "kernel-param" => new KernelParameterCheck(subject) { Source = item.Mapping, Value = MatcherReader.Read(item, "value") },
            "matching" => new MatchingCheck(subject) { Source = item.Mapping, Contains = MatcherReader.Read(item, "contains", MatchOperator.Contains) },
            "kill" => new KillCheck(subject) { Source = item.Mapping, Signal = Signal(item) },
            _ => Instrument(item, verb, subject),
        };
    }

    private static FileCheck File(YamlBinder item, string path)
    {
        if (!Patterns.IsAnchored(path) && !CheckText.HasVariable(path)) item.Report(Errors.CheckForm, $"\"file\" is \"{path}\"", "Give an absolute path, or one that begins with ~/ or ${HOME}.", item.At("file"));
        var mode = item.Text("mode");
        if (mode is not null && !CheckText.HasVariable(mode) && (mode.Length > 6 || mode.Any(c => c is < '0' or > '7'))) item.Report(Errors.CheckForm, $"\"mode\" is \"{mode}\"", "Write it in octal, such as 0644.", item.At("mode"));
        var type = item.Text("filetype");
        if (type is not null && !FileTypes.Contains(type)) item.Report(Errors.CheckForm, $"\"filetype\" is \"{type}\"", "Use file, directory or symlink.", item.At("filetype"));
        var digest = item.Text("sha256");
        if (digest is not null && !CheckText.HasVariable(digest) && (digest.Length != 64 || !digest.All(char.IsAsciiHexDigit))) item.Report(Errors.CheckForm, "\"sha256\" is no SHA-256", "Write 64 hexadecimal digits.", item.At("sha256"));
        return new FileCheck(path)
        {
            Source = item.Mapping,
            Exists = CheckReader.Truth(item, "exists") ?? true,
            Mode = mode,
            Owner = item.Text("owner"),
            Group = item.Text("group_of"),
            FileType = type,
            Contains = MatcherReader.Read(item, "contains", MatchOperator.Contains),
            Sha256 = digest,
        };
    }

    private static CommandCheck Command(YamlBinder item, string command) => new(command)
    {
        Source = item.Mapping,
        ExitStatus = Numbers(item, "exit_status", "exit_code") is { Count: > 0 } codes ? codes : [0],
        Output = MatcherReader.Read(item, "stdout"),
        Error = MatcherReader.Read(item, "stderr"),
        InContainer = CheckReader.Truth(item, "in_container") ?? true,
        FromHost = CheckReader.Truth(item, "from_host") ?? false,
        IsBackground = CheckReader.Truth(item, "background") ?? false,
    };

    private static ServiceCheck Service(YamlBinder item, string service)
    {
        if (!CheckText.HasVariable(service) && !IsService(service)) item.Report(Errors.CheckForm, $"\"{service.ReplaceLineEndings("⏎")}\" can't name a service", "Write its name, such as sshd.", item.At("service"));
        var running = CheckReader.Truth(item, "running");
        var enabled = CheckReader.Truth(item, "enabled");
        return new ServiceCheck(service) { Source = item.Mapping, Running = running ?? (enabled is null ? true : null), Enabled = enabled };
    }

    private static PortCheck? Port(YamlBinder item, string text)
    {
        var isUdp = text.EndsWith("/udp", StringComparison.Ordinal) || text.StartsWith("udp:", StringComparison.Ordinal);
        var number = text.Replace("/udp", "", StringComparison.Ordinal).Replace("/tcp", "", StringComparison.Ordinal)
            .Replace("udp:", "", StringComparison.Ordinal).Replace("tcp:", "", StringComparison.Ordinal);
        var isOpen = CheckText.HasVariable(text);
        if (!ushort.TryParse(number, out var port) && !isOpen || (port == 0 && !isOpen))
        {
            item.Report(Errors.CheckForm, $"\"port\" is \"{text}\"", "Write a number from 1 to 65535, with /udp behind it for UDP.", item.At("port"));
            return null;
        }

        var listening = CheckReader.Truth(item, "listening");
        var reachable = CheckReader.Truth(item, "reachable");
        if (isUdp && reachable is not null) item.Report(Errors.CheckForm, "nothing tells whether a UDP port is reachable", "Use listening: true.", item.At("reachable"));
        return new PortCheck(port)
        {
            Source = item.Mapping,
            IsUdp = isUdp,
            Listening = listening ?? (reachable is null ? true : null),
            Reachable = reachable,
            Address = item.Text("ip"),
        };
    }

    private static AddressCheck Address(YamlBinder item, string address)
    {
        if (!CheckText.HasVariable(address) && !Endpoint.TryParse(address, out _)) item.Report(Errors.CheckForm, $"\"addr\" is \"{address}\"", "Write host:port; an IPv6 address stands in brackets.", item.At("addr"));
        return new AddressCheck(address) { Source = item.Mapping, Reachable = CheckReader.Truth(item, "reachable") ?? true };
    }

    private static HttpCheck Http(YamlBinder item, string url)
    {
        var isWeb = Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && Patterns.IsOneLine(url);
        if (!CheckText.HasVariable(url) && !isWeb) item.Report(Errors.CheckForm, $"\"http\" is \"{url}\"", "Write an http:// or https:// address.", item.At("http"));
        var status = Numbers(item, "status");
        var header = item.Node("header");
        var isNamed = header is YamlMapping map && !(map.Entries.Count == 1 && Matcher.Operators.ContainsKey(map.Entries[0].Key.Text));
        var method = item.Text("method") ?? (item.Mapping["request_body"] is null ? "GET" : "POST");
        if (!CheckText.HasVariable(method) && (method.Length is 0 or > 20 || !method.All(char.IsAsciiLetter))) item.Report(Errors.CheckForm, $"\"method\" is \"{method}\"", "Write GET, POST and the like.", item.At("method"));
        var read = new HttpCheck(url)
        {
            Source = item.Mapping,
            Body = MatcherReader.Read(item, "body"),
            HeaderText = isNamed || header is null ? null : MatcherReader.Read(item, "header", header, MatchOperator.Contains),
            Headers = isNamed ? ((YamlMapping)header!).Entries.ToDictionary(e => e.Key.Text, e => MatcherReader.Read(item, "header", e.Value), StringComparer.OrdinalIgnoreCase) : new Dictionary<string, Matcher>(),
            Method = method.ToUpperInvariant(),
            RequestBody = item.Text("request_body"),
            AllowInsecure = CheckReader.Truth(item, "allow_insecure") ?? false,
            NoFollowRedirects = CheckReader.Truth(item, "no_follow_redirects") ?? false,
            CaFile = item.Text("ca_file"),
            FromHost = CheckReader.Truth(item, "from_host") ?? false,
        };
        return read with { Status = status.Count == 0 && read.Body is null && read.HeaderText is null && read.Headers.Count == 0 ? [200] : status };
    }

    private static InstrumentCheck Instrument(YamlBinder item, string instrument, string method)
    {
        MatcherReader.Read(item, "stdout");
        MatcherReader.Read(item, "stderr");
        return new InstrumentCheck(instrument, method) { Source = item.Mapping };
    }

    private static string Signal(YamlBinder item)
    {
        var signal = item.Text("signal") ?? "TERM";
        if (!Patterns.Signal().IsMatch(signal)) item.Report(Errors.CheckForm, $"\"signal\" is \"{signal}\"", "Write a signal such as TERM.", item.At("signal"));
        return signal.StartsWith("SIG", StringComparison.Ordinal) ? signal[3..] : signal;
    }

    private static List<int> Numbers(YamlBinder item, string key, params ReadOnlySpan<string> aliases)
    {
        var numbers = new List<int>();
        foreach (var node in item.Items(key, aliases))
        {
            if (node is YamlScalar scalar && CheckText.HasVariable(scalar.Text)) continue;
            if (node is YamlScalar { Text: var text } && int.TryParse(text, out var number)) numbers.Add(number);
            else item.Report(Errors.CheckForm, $"\"{key}\" holds {node.Description}", "Write a whole number, or a list of them.", node.Position);
        }

        return numbers;
    }

    // Programs of supervisord may be group:name.
    private static bool IsService(string name) => Foundation.Names.IsUnit(name.Replace(":", "", StringComparison.Ordinal));
}
