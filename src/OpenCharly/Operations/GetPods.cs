using System.Text.Json;
using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Pods;
using OpenCharly.Pods.Volumes;
using OpenCharly.Yaml;

namespace OpenCharly.Operations;

/// <summary>Which pods <c>GetPods</c> lists.</summary>
public sealed record PodQuery
{
    /// <summary>Names, with the wildcards <c>*</c>, <c>?</c> and <c>[]</c>; all if empty.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Only pods that run.</summary>
    public bool RunningOnly { get; init; }

    /// <summary>Ask each running container for what it has mounted and which tools in it answer: two more questions to the engine for each.</summary>
    public bool Details { get; init; }

    /// <summary>Look also at deployments inside of pods.</summary>
    public bool Nested { get; init; }

    /// <summary>Ask the engine; false lists only what files know.</summary>
    public bool Probe { get; init; } = true;
}

/// <summary>Lists pods with their live state: one question to the engine and one to the service manager, however many there are.</summary>
/// <param name="context">What it works with.</param>
public sealed class GetPods(CharlyContext context)
{
    private readonly PodLookup _lookup = new(context);

    /// <summary>Lists, sorted by name. Files that can't be read become one warning.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PodNotFound"/> for a plain name that is not there.</exception>
    public async Task<IReadOnlyList<CharlyPod>> RunAsync(PodQuery query, CancellationToken cancellationToken = default)
    {
        var project = await LoadAsync(cancellationToken).ConfigureAwait(false);
        var entries = project is null ? [] : FoundPod.Pods(project).GroupBy(d => PodKey.Parse(d.Key).Container, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
        var containers = query.Probe ? await ContainersAsync(entries, cancellationToken).ConfigureAwait(false) : new Dictionary<string, LiveContainer>();
        string[] quadlets = Directory.Exists(_lookup.Paths.Quadlets)
            ? [.. Directory.EnumerateFiles(_lookup.Paths.Quadlets, "charly-*.container").Where(f => !PodPaths.IsSidecar(f)).Select(f => Path.GetFileNameWithoutExtension(f)!)]
            : [];
        string[] names = [.. entries.Keys.Concat(quadlets).Concat(containers.Values.Where(c => c.IsOwn).Select(c => c.Name)).Distinct(StringComparer.Ordinal)];
        var sidecars = Sidecars();
        var states = query.Probe ? await _lookup.Services.StatesAsync([.. quadlets.SelectMany(UnitsOf)], cancellationToken).ConfigureAwait(false) : new Dictionary<string, string>();
        var pods = new List<CharlyPod>();
        foreach (var name in names.Where(n => !sidecars.Contains(n))) pods.Add(Describe(name, entries.GetValueOrDefault(name), containers.GetValueOrDefault(name), quadlets.Contains(name), states));
        foreach (var wanted in query.Names.Where(n => !NamePattern.IsPattern(n) && pods.All(p => p.Name != n)))
        {
            throw new CharlyException(Errors.PodNotFound, $"there is no pod \"{wanted}\"", Nearest.Suggest(wanted, pods.Select(p => p.Name), "Look at: charly status --all"), target: wanted);
        }

        pods = [.. pods.Where(p => query.Names.Count == 0 || query.Names.Any(n => NamePattern.Matches(n, p.Name)))
            .Where(p => !query.RunningOnly || p.Status == PodStatus.Running).OrderBy(p => p.Name, StringComparer.Ordinal)];
        if (!query.Probe) return pods;
        var complete = await Task.WhenAll(pods.Select(p => CompleteAsync(p, entries.GetValueOrDefault(p.Container), query.Details, cancellationToken))).ConfigureAwait(false);
        if (!query.Nested || project is null) return complete;
        var children = new PodChildren(context, _lookup);
        return await Task.WhenAll(complete.Select(async p =>
            entries.GetValueOrDefault(p.Container) is { Nested.Count: > 0 } entry ? p with { Nested = await children.OfAsync(project, entry, cancellationToken).ConfigureAwait(false) } : p)).ConfigureAwait(false);
    }

    // What a container really has beats what was planned for it.
    private async Task<CharlyPod> CompleteAsync(CharlyPod pod, Deployment? deployment, bool details, CancellationToken cancellationToken)
    {
        if (pod.Status != PodStatus.Running) return pod;
        pod = pod with { Tools = await PodTools.OnPortsAsync(pod.Ports, cancellationToken).ConfigureAwait(false) };
        if (!details) return pod;
        var engine = _lookup.Engine(deployment?.Engine);
        var mounts = await engine.RunAsync(["container", "inspect", "--format", "{{json .Mounts}}", pod.Container], cancellationToken).ConfigureAwait(false);
        return pod with
        {
            Tools = [.. await PodTools.InsideAsync(engine, pod.Container, cancellationToken).ConfigureAwait(false), .. pod.Tools],
            Volumes = mounts.Succeeded ? LiveContainer.Mounts(mounts.StandardOutput, m => Volume(PodKey.Parse(pod.Name), m, Folders(deployment?.Body))) : pod.Volumes,
        };
    }

    internal async Task<CharlyPod> OneAsync(PodKey key, CancellationToken cancellationToken) =>
        (await RunAsync(new PodQuery { Names = [key.Text] }, cancellationToken).ConfigureAwait(false))[0];

    private CharlyPod Describe(string name, Deployment? deployment, LiveContainer? live, bool hasQuadlet, IReadOnlyDictionary<string, string> states)
    {
        var key = PodKey.Parse(deployment?.Key ?? name["charly-".Length..]);
        var isDirect = _lookup.IsDirect(key);
        var quadlet = hasQuadlet ? File.ReadAllLines(_lookup.Paths.Quadlet(key)) : [];
        var pod = Path.Combine(_lookup.Paths.Quadlets, key.PodFile) is var podFile && File.Exists(podFile) ? File.ReadAllLines(podFile) : [];
        var hasFailed = states.GetValueOrDefault(key.Service) == "failed" || states.GetValueOrDefault(key.PodService) == "failed";
        var status = live?.Status ?? (hasQuadlet ? PodStatus.Enabled : isDirect ? PodStatus.Stopped : PodStatus.NotConfigured);
        if (hasFailed && status != PodStatus.Running) status = PodStatus.Failed;
        var body = deployment?.Body;
        return new CharlyPod
        {
            Name = key.Text,
            Status = status,
            Container = key.Container,
            Instance = key.Instance ?? "",
            ImageReference = live?.Image ?? Value(quadlet, "Image=").FirstOrDefault() ?? deployment?.Box ?? "",
            Uptime = live is { Status: PodStatus.Running } ? live.Uptime : "",
            Ports = live is { Ports.Count: > 0 } ? live.Ports : [.. Texts(body, "resolved_port").Select(Published).OfType<PodPublishedPort>()],
            Devices = [.. Value(quadlet, "PodmanArgs=--device=").Select(Token).Concat(Value(quadlet, "AddDevice=").Select(_ => "gpu")).Distinct(StringComparer.Ordinal)],
            Volumes = [.. Value(quadlet, "Volume=").Select(v => Volume(key, v, Folders(body)))],
            Network = Value(quadlet.Concat(pod), "Network=").FirstOrDefault() ?? (body?["network"] as YamlScalar)?.Text ?? "",
            Tunnel = body?["tunnel"] switch { YamlScalar { IsNull: false } word => word.Text, YamlMapping map => (map["provider"] as YamlScalar)?.Text ?? "", _ => "" },
            Secrets = [.. Value(quadlet, "Secret=").Select(s => s.Split(',')[0])],
            RunMode = isDirect ? "direct" : "quadlet",
            Deadline = deployment?.Life?.Deadline,
            Source = live is not null ? "container" : hasQuadlet ? "quadlet" : "entry",
        };
    }

    // Status is asked when something is wrong, so what can't be read must not keep it from answering.
    private async Task<Project?> LoadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _lookup.LoadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (CharlyException e)
        {
            _lookup.Tell([$"entries are not shown: {e.Position?.ToString() ?? ""} {e.Message}. {e.Help}".Trim()]);
            return null;
        }
    }

    private HashSet<string> Sidecars() => !Directory.Exists(_lookup.Paths.Quadlets)
        ? []
        : [.. Directory.EnumerateFiles(_lookup.Paths.Quadlets, "charly-*.container").Where(PodPaths.IsSidecar).Select(f => Path.GetFileNameWithoutExtension(f)!)];

    // One question to each engine that a pod runs in; a container in another engine than its entry's counts only where that one has none.
    private async Task<IReadOnlyDictionary<string, LiveContainer>> ContainersAsync(IReadOnlyDictionary<string, Deployment> entries, CancellationToken cancellationToken)
    {
        var usual = _lookup.Engine();
        var found = new Dictionary<string, LiveContainer>(StringComparer.Ordinal);
        foreach (var engine in entries.Values.Select(e => e.Engine).Where(e => e is "podman" or "docker").Select(e => _lookup.Engine(e)).Prepend(usual).DistinctBy(e => e.Name).Where(e => e.IsInstalled))
        {
            foreach (var container in await ContainersAsync(engine, cancellationToken).ConfigureAwait(false))
            {
                if ((entries.GetValueOrDefault(container.Name)?.Engine ?? usual.Name) == engine.Name) found[container.Name] = container;
                else found.TryAdd(container.Name, container);
            }
        }

        return found;
    }

    private async Task<IEnumerable<LiveContainer>> ContainersAsync(ContainerEngine engine, CancellationToken cancellationToken)
    {
        var format = engine.IsPodman ? "json" : "{{json .}}";
        var listed = await engine.RunAsync(["ps", "--all", "--filter", "name=^charly-", "--format", format], cancellationToken).ConfigureAwait(false);
        if (listed.Succeeded) return LiveContainer.Read(listed.StandardOutput, engine.IsPodman).DistinctBy(c => c.Name);
        _lookup.Tell([$"containers are not shown: {listed.Tail(1)}"]);
        return [];
    }

    private static IEnumerable<string> Value(IEnumerable<string> lines, string start) => lines.Where(l => l.StartsWith(start, StringComparison.Ordinal)).Select(l => l[start.Length..]);

    private static IEnumerable<string> Texts(YamlMapping? body, string key) => body?[key] is YamlSequence list ? list.Items.OfType<YamlScalar>().Select(s => s.Text) : [];

    private static PodPublishedPort? Published(string text) => PortMapping.TryParse(text, out var port) ? new PodPublishedPort(port.Address ?? "127.0.0.1", port.HostPort, port.ContainerPort, port.EffectiveProtocol) : null;

    private static string Token(string device) => Path.GetFileName(device.Split(':')[0]) switch
    {
        "kfd" => "kfd",
        "kvm" => "kvm",
        "fuse" => "fuse",
        "tun" => "tun",
        var node when node.StartsWith("renderD", StringComparison.Ordinal) => "dri",
        var other => other,
    };

    private IEnumerable<string> UnitsOf(string container)
    {
        yield return container + ".service";
        if (File.Exists(Path.Combine(_lookup.Paths.Quadlets, container + ".pod"))) yield return container + "-pod.service";
    }

    // Names of the volumes that the entry puts into folders of its own choice.
    private IReadOnlyDictionary<string, string> Folders(YamlMapping? body)
    {
        var folders = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var volume in ((body?["volume"] ?? body?["volumes"]) as YamlSequence)?.Items.OfType<YamlMapping>() ?? [])
        {
            if ((volume["host"] as YamlScalar)?.Text is { Length: > 0 } host && (volume["name"] as YamlScalar)?.Text is { } name) folders[VolumePlan.Expand(host, context.Environment)] = name;
        }

        return folders;
    }

    private static string Volume(PodKey key, string volume, IReadOnlyDictionary<string, string> folders)
    {
        var parts = volume.Split(':');
        var source = parts[0];
        var isEncrypted = source.EndsWith("/plain", StringComparison.Ordinal) && Directory.Exists(source[..^"plain".Length] + "cipher");
        var folder = isEncrypted ? source[..^"/plain".Length] : source;
        var name = folders.GetValueOrDefault(folder) ?? Path.GetFileName(folder);
        if (name.StartsWith(key.Container + "-", StringComparison.Ordinal)) name = name[(key.Container.Length + 1)..];
        return $"{name}: {source} -> {(parts.Length > 1 ? parts[1] : "")}{(isEncrypted ? " (enc)" : "")}";
    }
}
