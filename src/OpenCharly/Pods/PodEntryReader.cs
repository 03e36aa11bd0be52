using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Pods.Tunnels;
using OpenCharly.Pods.Volumes;
using OpenCharly.Yaml;

namespace OpenCharly.Pods;

/// <summary>Reads what only pods read of a deploy entry (pod.md §2). Aliases are already replaced by the proper keys.</summary>
internal static class PodEntryReader
{
    /// <summary>Reads an entry.</summary>
    /// <param name="deployment">The entry.</param>
    /// <param name="template">The <c>kind: pod</c> template that it names, laid below it; null if none.</param>
    /// <exception cref="CharlyException">Anything that can't be read, with its position.</exception>
    public static PodEntry Read(Deployment deployment, YamlMapping? template = null)
    {
        var problems = new List<Problem>();
        var read = Read(deployment, template, problems);
        CharlyValidationException.ThrowIfAny(problems.DistinctBy(p => (p.Code, p.Message, p.Position)));
        return read;
    }

    /// <summary>As <see cref="Read(Deployment, YamlMapping)"/>, with problems and warnings added to a list; some may be there twice.</summary>
    internal static PodEntry Read(Deployment deployment, YamlMapping? template, List<Problem> problems)
    {
        var body = deployment.Body ?? new YamlMapping([], deployment.Position ?? new SourcePosition("", 1, 1));
        var entry = new YamlBinder(body, $"deploy \"{deployment.Key}\"", problems);
        var below = template is null ? null : new YamlBinder(template, $"pod \"{entry.Text("pod")}\"", problems);
        if (deployment.Box is null)
        {
            throw new CharlyException(Errors.CfgReference, $"deploy \"{deployment.Key}\": box is required", "Say which box it runs. Run: charly migrate", deployment.Position, deployment.Key);
        }

        if (PodKey.IsRemote(deployment.Box))
        {
            throw new CharlyException(
                Errors.ImageReference, $"deploy \"{deployment.Key}\": \"{deployment.Box}\" is a remote box", $"Run: charly box pull {deployment.Box}, and write the image that it prints.", entry.At("box"), deployment.Key);
        }

        return new PodEntry
        {
            Key = PodKey.Parse(deployment.Key),
            Position = deployment.Position,
            Box = OneLine(entry, "box", deployment.Box),
            Tag = deployment.Tag,
            Ports = Ports(entry),
            ResolvedPorts = entry.TextList("resolved_port"),
            Volumes = Volumes(entry),
            Environment = [.. Defaults(below).Concat(deployment.Environment).GroupBy(e => e.Key, StringComparer.Ordinal).Select(g => g.Last())],
            EnvironmentFile = deployment.EnvironmentFile,
            Secrets = [.. Sources(entry), .. below is null ? [] : Sources(below).Where(s => Sources(entry).All(o => o.Name != s.Name))],
            Security = entry.Map("security") is { } security
                ? CandyContainerReader.Security(new YamlBinder(security, entry.What + " security", problems), b => b.RejectUnknown(Errors.CfgUnknownKey, isWarning: true))
                : new SecuritySettings(),
            Network = OneLineOrNull(entry, "network"),
            Engine = Engine(entry),
            Tunnel = TunnelReader.Read(entry),
            Hostname = TunnelReader.Hostname(entry),
            Sidecars = [.. SidecarReader.Entries(entry), .. below is null ? [] : SidecarReader.Entries(below).Where(s => SidecarReader.Entries(entry).All(o => o.Name != s.Name))],
            AddCandies = deployment.AddCandies,
            ForwardSshAgent = entry.Boolean("forward_ssh_agent"),
            ForwardGpgAgent = entry.Boolean("forward_gpg_agent"),
        };
    }

    private static IEnumerable<KeyValuePair<string, string>> Defaults(YamlBinder? template) => template is null ? [] : template.TextMap("env_default");

    private static List<SourcedText> Ports(YamlBinder entry)
    {
        var ports = new List<SourcedText>();
        foreach (var item in entry.Items("port"))
        {
            if (item is YamlScalar { IsNull: false } scalar) ports.Add(new SourcedText(scalar.Text, scalar.Position));
            else entry.Report(Errors.PodEntry, $"\"port\" holds {item.Description}", "Write HOST:CONTAINER, such as 8080:80.", item.Position);
        }

        return ports;
    }

    private static IReadOnlyList<VolumeChoice> Volumes(YamlBinder entry)
    {
        var volumes = new List<VolumeChoice>();
        foreach (var item in entry.Items("volume"))
        {
            if (item is YamlScalar scalar)
            {
                volumes.Add(VolumeChoices.Parse(scalar.Text, scalar.Position));
                continue;
            }

            if (item is not YamlMapping map)
            {
                entry.Report(Errors.PodVolume, $"\"volume\" holds {item.Description}", "Write {name: NAME, type: bind}.", item.Position);
                continue;
            }

            var volume = new YamlBinder(map, entry.What + " volume", entry.Problems);
            var name = volume.Text("name") ?? "";
            var type = volume.Text("type") ?? "volume";
            if (!VolumeChoices.IsName(name)) volume.Report(Errors.PodVolume, name.Length == 0 ? "a volume has no name" : $"\"{name}\" can't name a volume", "Use a-z, 0-9 and single dashes between.", volume.At("name"));
            if (VolumeChoices.KindOf(type) is not { } kind)
            {
                volume.Report(Errors.PodVolume, $"the volume type \"{type}\" is not known", "Use volume, bind or encrypted.", volume.At("type"));
                continue;
            }

            var choice = new VolumeChoice(name, kind)
            {
                Host = MountPath(volume, "host"), Path = MountPath(volume, "path"), DataSeeded = volume.Boolean("data_seeded") ?? false, DataSource = volume.Text("data_source"),
            };
            volume.RejectUnknown(Errors.CfgUnknownKey, isWarning: true);
            if (volumes.Any(v => v.Name == name)) volume.Report(Errors.PodVolume, $"the volume \"{name}\" is listed twice", "Remove one.", volume.At("name"));
            else volumes.Add(choice);
        }

        if (entry.Text("workspace") is { } workspace && volumes.All(v => v.Name != "workspace")) volumes.Add(new VolumeChoice("workspace", VolumeKind.Bind) { Host = workspace });
        return volumes;
    }

    private static string? MountPath(YamlBinder volume, string key)
    {
        if (volume.Text(key) is not { Length: > 0 } path) return null;
        if (Patterns.IsAnchored(path) && Patterns.IsOneLine(path) && !path.Contains(':') && !Patterns.Climbs(path)) return path;
        volume.Report(Errors.PodVolume, $"\"{key}\" is \"{path.ReplaceLineEndings("⏎")}\"", "Give an absolute path, or one that begins with ~/, without colons.", volume.At(key));
        return null;
    }

    private static IReadOnlyList<SecretSource> Sources(YamlBinder entry)
    {
        var sources = new List<SecretSource>();
        foreach (var item in entry.Items("secret"))
        {
            if (item is not YamlMapping map)
            {
                entry.Report(Errors.PodSecret, $"\"secret\" holds {item.Description}", "Write {name: NAME, source: keyring}.", item.Position);
                continue;
            }

            var secret = new YamlBinder(map, entry.What + " secret", entry.Problems);
            var name = secret.Text("name") ?? "";
            var source = secret.Text("source") ?? "keyring";
            var isKnown = source is "keyring" or Secrets.SecretChain.Engine || (source.StartsWith("env:", StringComparison.Ordinal) && Names.IsVariable(source[4..])) || (source.StartsWith("file:", StringComparison.Ordinal) && source.Length > 5);
            if (name.Length == 0) secret.Report(Errors.PodSecret, "a secret has no name", "Add name:.", map.Position);
            if (!isKnown) secret.Report(Errors.PodSecret, $"the source of \"{name}\" is not known", "Use keyring, env:VARIABLE, file:/path or engine.", secret.At("source"));
            secret.RejectUnknown(Errors.CfgUnknownKey, isWarning: true);
            sources.Add(new SecretSource(name, source, secret.At("source")));
        }

        return sources;
    }

    private static string? Engine(YamlBinder entry)
    {
        var engine = entry.Text("engine");
        if (engine is not (null or "podman" or "docker")) entry.Report(Errors.PodEntry, $"the engine \"{engine}\" is not known", "Use podman or docker.", entry.At("engine"));
        return engine;
    }

    private static string? OneLineOrNull(YamlBinder entry, string key) => entry.Text(key) is { } text ? OneLine(entry, key, text) : null;

    private static string OneLine(YamlBinder entry, string key, string text)
    {
        if (text.Length > 0 && text[0] != '-' && !text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c))) return text;
        entry.Report(Errors.PodEntry, $"\"{key}\" is \"{text.ReplaceLineEndings("⏎")}\"", "Write one word without blanks.", entry.At(key));
        return text;
    }
}
