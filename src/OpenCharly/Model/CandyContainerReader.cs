using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>Reads what a candy says about its container: ports, volumes, data, aliases, route, security, extracts, capabilities.</summary>
internal sealed class CandyContainerReader(CandyScope scope)
{
    private static readonly string[] Schemes = ["http", "https", "https+insecure", "tcp", "tls-terminated-tcp", "udp", "ssh", "rdp", "smb"];

    /// <summary>Ports: <c>8080</c> or <c>scheme:8080</c>.</summary>
    public static IReadOnlyList<CandyPort> Ports(YamlBinder body)
    {
        var ports = new List<CandyPort>();
        var seen = new HashSet<CandyPort>();
        if (body.Has("ports"))
        {
            body.Report(Errors.CfgLegacy, "\"ports\" is the old name of \"port\"", "Rename it, or run `charly migrate`.", body.KeyAt("ports"), isWarning: true);
        }

        foreach (var item in body.Items("port", "ports"))
        {
            if (item is not YamlScalar { Text: var text })
            {
                body.Report(Errors.CandyPort, $"{item.Description} is not a port", "Use a number from 1 to 65535, or scheme:number.", item.Position);
                continue;
            }

            var colon = text.LastIndexOf(':');
            var scheme = colon < 0 ? "http" : text[..colon];
            if (!Schemes.Contains(scheme))
            {
                body.Report(Errors.CandyPort, $"the port \"{text}\" has an unknown scheme", Nearest.Suggest(scheme, Schemes, $"Use one of {string.Join(", ", Schemes)}."), item.Position);
            }
            else if (!int.TryParse(text[(colon + 1)..], System.Globalization.NumberStyles.None, null, out var number) || number is < 1 or > 65535)
            {
                body.Report(Errors.CandyPort, $"\"{text}\" is not a port", "Use a number from 1 to 65535, or scheme:number.", item.Position);
            }
            else if (!seen.Add(new CandyPort(number, scheme)))
            {
                body.Report(Errors.CandyPort, $"the port {text} is listed twice", "Remove one.", item.Position);
            }
            else
            {
                ports.Add(new CandyPort(number, scheme));
            }
        }

        return ports;
    }

    /// <summary>Relays: ports that are among <paramref name="ports"/>.</summary>
    public static IReadOnlyList<int> Relays(YamlBinder body, IReadOnlyList<CandyPort> ports)
    {
        var relays = new List<int>();
        var seen = new HashSet<int>();
        var known = ports.Select(p => p.Number).ToHashSet();
        foreach (var item in body.Items("port_relay"))
        {
            if (item is not YamlScalar scalar || !int.TryParse(scalar.Text, System.Globalization.NumberStyles.None, null, out var number) || number is < 1 or > 65535)
            {
                body.Report(Errors.CandyPort, $"the relay {item.Description} is not a port", "Use a number from 1 to 65535.", item.Position);
            }
            else if (!seen.Add(number))
            {
                body.Report(Errors.CandyPort, $"the relay {number} is listed twice", "Remove one.", item.Position);
            }
            else
            {
                if (!known.Contains(number) && body.Items("port", "ports").Count == ports.Count) body.Report(Errors.CandyPort, $"the relay {number} is not among the ports", $"Add {number} to \"port\".", item.Position);
                relays.Add(number);
            }
        }

        return relays;
    }

    /// <summary>Volumes.</summary>
    public IReadOnlyList<CandyVolume> Volumes(YamlBinder body)
    {
        var volumes = new List<CandyVolume>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var volume in scope.BindItems(body, "volume"))
        {
            var name = CandyScope.Required(volume, Errors.CandyVolume, "name");
            var path = CandyScope.Required(volume, Errors.CandyVolume, "path");
            if (name.Length > 0 && !Patterns.Volume().IsMatch(name)) volume.Report(Errors.CandyVolume, $"\"{name}\" can't name a volume", "Use a-z, 0-9 and single dashes between.", volume.At("name"));
            if (path.Length > 0 && !Patterns.IsAnchored(path)) volume.Report(Errors.CandyVolume, $"the path \"{path}\" is not absolute", "Give an absolute path, or one that begins with ~/.", volume.At("path"));
            if (!seen.Add(name)) volume.Report(Errors.CandyVolume, $"the volume \"{name}\" is declared twice", "Remove one.", volume.At("name"));
            scope.IgnoreUnknown(volume);
            volumes.Add(new CandyVolume(name, path));
        }

        return volumes;
    }

    /// <summary>Data for volumes.</summary>
    public IReadOnlyList<CandyData> Data(YamlBinder body, string sourceFolder)
    {
        var all = new List<CandyData>();
        foreach (var data in scope.BindItems(body, "data"))
        {
            var source = CandyScope.Required(data, Errors.CandyData, "src");
            var volume = CandyScope.Required(data, Errors.CandyData, "volume");
            var destination = CandyScope.Line(data, Errors.CandyData, "dest");
            if (source.StartsWith('/') || source.StartsWith('~') || Patterns.Climbs(source)
                || !Directory.Exists(Path.Combine(sourceFolder, source)) || !Containment.Holds(sourceFolder, Path.Combine(sourceFolder, source)))
            {
                data.Report(Errors.CandyData, $"\"{source}\" is not a folder of the candy", "Name a folder inside the candy.", data.At("src"));
            }

            if (destination is not null && Patterns.Climbs(destination)) data.Report(Errors.CandyData, $"\"dest\" climbs out of the volume: \"{destination}\"", "Stay below the volume's root.", data.At("dest"));
            if (volume.Length > 0 && !Patterns.Volume().IsMatch(volume)) data.Report(Errors.CandyData, $"\"{volume}\" can't name a volume", "Use a-z, 0-9 and single dashes between.", data.At("volume"));
            scope.IgnoreUnknown(data);
            all.Add(new CandyData(source, volume, destination));
        }

        return all;
    }

    /// <summary>Command aliases.</summary>
    public IReadOnlyDictionary<string, string> Aliases(YamlBinder body)
    {
        var aliases = new OrderedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var alias in scope.BindItems(body, "alias"))
        {
            var name = CandyScope.Required(alias, Errors.CandyVolume, "name");
            var command = CandyScope.Required(alias, Errors.CandyVolume, "command");
            if (name.Length > 0 && !Patterns.Alias().IsMatch(name)) alias.Report(Errors.CandyVolume, $"\"{name}\" can't name an alias", "Begin with a letter or digit; then also dots, dashes, underscores.", alias.At("name"));
            if (!aliases.TryAdd(name, command)) alias.Report(Errors.CandyVolume, $"the alias \"{name}\" is declared twice", "Remove one.", alias.At("name"));
            scope.IgnoreUnknown(alias);
        }

        return aliases;
    }

    /// <summary>HTTP route.</summary>
    public CandyRoute? Route(YamlBinder body)
    {
        if (body.Map("route") is not { } map) return null;
        var route = scope.Bind(map, "route");
        var host = CandyScope.Required(route, Errors.CandyRoute, "host");
        var port = route.Node("port") is YamlScalar text && int.TryParse(text.Text, System.Globalization.NumberStyles.None, null, out var number) ? number : 0;
        if (port is < 1 or > 65535) route.Report(Errors.CandyRoute, route.Node("port") is { } wrong ? $"{wrong.Description} is not a port" : "\"port\" is missing", "Use a number from 1 to 65535.", route.At("port"));
        scope.IgnoreUnknown(route);
        return new CandyRoute(host, port);
    }

    /// <summary>Container security.</summary>
    public SecuritySettings? Security(YamlBinder body) =>
        body.Map("security") is { } map ? Security(scope.Bind(map, "security"), scope.IgnoreUnknown) : null;

    /// <summary>Container security of any entity.</summary>
    internal static SecuritySettings Security(YamlBinder security, Action<YamlBinder> ignoreUnknown)
    {
        var read = new SecuritySettings
        {
            Privileged = security.Boolean("privileged"),
            CgroupNamespace = Line("cgroupns"),
            IpcMode = Line("ipc_mode"),
            CapAdd = Lines("cap_add"),
            Devices = Lines("device", "devices"),
            SecurityOptions = Lines("security_opt"),
            GroupAdd = Lines("group_add"),
            Mounts = Lines("mount", "mounts"),
            ShmSize = Line("shm_size"),
            MemoryMax = Line("memory_max"),
            MemoryHigh = Line("memory_high"),
            MemorySwapMax = Line("memory_swap_max"),
            Cpus = Line("cpus"),
        };
        ignoreUnknown(security);
        return read;

        string? Line(string key) => CandyScope.Line(security, Errors.YamlType, key);

        IReadOnlyList<string> Lines(string key, params string[] aliases)
        {
            var lines = security.TextList(key, aliases);
            foreach (var line in lines.Where(l => l.Length == 0 || !Patterns.IsOneLine(l)))
            {
                security.Report(Errors.YamlType, $"\"{key}\" holds an empty item or a line break", "Write one word an item.", security.ItemAt(key, line));
            }

            return lines;
        }
    }

    /// <summary>Paths out of foreign images.</summary>
    public IReadOnlyList<CandyExtract> Extracts(YamlBinder body)
    {
        var extracts = new List<CandyExtract>();
        foreach (var extract in scope.BindItems(body, "extract"))
        {
            var source = CandyScope.Required(extract, Errors.CandyFragment, "source");
            var path = Absolute("path");
            var destination = Absolute("dest");
            scope.IgnoreUnknown(extract);
            extracts.Add(new CandyExtract(source, path, destination));

            string Absolute(string key)
            {
                var text = CandyScope.Required(extract, Errors.CandyFragment, key);
                if (text.Length > 0 && (!text.StartsWith('/') || Patterns.Climbs(text))) extract.Report(Errors.CandyFragment, $"\"{key}\" is \"{text}\"", "Give an absolute path.", extract.At(key));
                return text;
            }
        }

        return extracts;
    }

    /// <summary>Capabilities given to a box.</summary>
    public CandyCapabilities? Capabilities(YamlBinder body)
    {
        if (body.Map("capability") is not { } map) return null;
        var capability = scope.Bind(map, "capability");
        var read = new CandyCapabilities(
            capability.Boolean("preserve_user") ?? false,
            capability.Boolean("needs_root_after_init") ?? false,
            CandyScope.Line(capability, Errors.CandyCapability, "init_system_hint"),
            capability.Boolean("data_only") ?? false,
            capability.TextMap("oci_label"));
        scope.IgnoreUnknown(capability);
        return read;
    }
}
