using System.Globalization;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Pods;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>What <c>GetStatus</c> lists.</summary>
public sealed record StatusQuery
{
    /// <summary>Deploy keys, with the wildcards <c>*</c>, <c>?</c> and <c>[]</c>; all if empty.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Only what runs.</summary>
    public bool RunningOnly { get; init; }

    /// <summary>Ask each running container for what it has mounted and which tools in it answer.</summary>
    public bool Details { get; init; }

    /// <summary>Look also at deployments inside of others.</summary>
    public bool Nested { get; init; }
}

/// <summary>
/// Lists deployments of every target with their live state (pod.md §15.4). Each substrate is asked by itself, at the same time as the others;
/// one that can't be asked is a warning and hides nobody else's rows.
/// </summary>
/// <param name="context">What it works with.</param>
public sealed class GetStatus(CharlyContext context)
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(4);

    /// <summary>Lists, sorted by kind, then name.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PodNotFound"/> for a plain name that is nowhere.</exception>
    public async Task<IReadOnlyList<DeploymentState>> RunAsync(StatusQuery query, CancellationToken cancellationToken = default)
    {
        var project = await LoadAsync(cancellationToken).ConfigureAwait(false);
        string[] plain = [.. query.Names.Where(n => !NamePattern.IsPattern(n))];

        // Whatever is no pod of its own is another's; a name that nobody knows is for the pods to refuse.
        string[] others = [.. plain.Where(n => n.StartsWith("vm:", StringComparison.Ordinal) || (project?.FindDeployment(n) is { } entry ? entry.Target != "pod" : IsMachine(n)))];
        var wantsPods = query.Names.Count == 0 || others.Length < query.Names.Count;
        Task<IReadOnlyList<DeploymentState>>[] asked =
        [
            wantsPods ? PodsAsync(query with { Names = [.. query.Names.Except(others)] }, cancellationToken) : None(),
            GuardedAsync("machines", () => MachinesAsync(project, query, cancellationToken)),
            .. (project?.Deployments.Values ?? []).Concat(others.Select(n => project?.FindDeployment(n)).OfType<Deployment>().Where(d => d.Parent is not null))
                .Where(d => d.Target is "k8s" or "local" or "android" && IsWanted(query, d.Key)).DistinctBy(d => d.Key)
                .Select(d => InTimeAsync(d, token => OneAsync(project!, d, query.Nested, token), cancellationToken)),
        ];
        var rows = (await Task.WhenAll(asked).ConfigureAwait(false)).SelectMany(r => r)
            .Where(r => !query.RunningOnly || r.IsRunning).OrderBy(r => r.Kind, StringComparer.Ordinal).ThenBy(r => r.Name, StringComparer.Ordinal).ToArray();
        foreach (var missing in others.Where(n => !query.RunningOnly && !rows.Any(r => Names(project, r, n))))
        {
            throw new CharlyException(Errors.PodNotFound, $"there is no deployment \"{missing}\"", Nearest.Suggest(missing, project?.Deployments.Keys ?? [], "Look at: charly status --all"), target: missing);
        }

        return rows;
    }

    private bool IsMachine(string name) => VmName.ParseOrNull(name) is { } vm && new VmRegistry(context.Paths).Find(vm.Id) is not null;

    private static Task<IReadOnlyList<DeploymentState>> None() => Task.FromResult<IReadOnlyList<DeploymentState>>([]);

    private static bool IsWanted(StatusQuery query, string name) => query.Names.Count == 0 || query.Names.Any(n => n == name || NamePattern.Matches(n, name));

    private async Task<IReadOnlyList<DeploymentState>> PodsAsync(StatusQuery query, CancellationToken cancellationToken)
    {
        var pods = await new GetPods(context).RunAsync(new PodQuery { Names = query.Names, RunningOnly = query.RunningOnly, Details = query.Details, Nested = query.Nested }, cancellationToken).ConfigureAwait(false);
        return [.. pods.Select(DeploymentState.Of)];
    }

    private async Task<IReadOnlyList<DeploymentState>> MachinesAsync(Project? project, StatusQuery query, CancellationToken cancellationToken)
    {
        var registry = new VmRegistry(context.Paths).Read();
        var all = registry.Count == 0 ? [] : await new GetVms(context).RunAsync(new VmQuery(), cancellationToken).ConfigureAwait(false);
        var entries = (project?.Deployments.Values ?? []).Where(d => d.Target == "vm").ToArray();
        var rows = all.Where(v => !v.IsVmFile).Select(v => Row(v, registry.GetValueOrDefault(v.Id))).ToList();
        foreach (var entry in entries.Where(e => rows.TrueForAll(r => !Means(e, r)))) rows.Add(new DeploymentState { Kind = "vm", Name = Plain(entry), Status = "not configured", Container = HostOf(entry), RunMode = "-" });
        if (query.Nested && project is not null) rows = [.. await Task.WhenAll(rows.Select(r => WithChildrenAsync(project, r, [.. entries.Where(e => Means(e, r))], cancellationToken))).ConfigureAwait(false)];
        return [.. rows.Where(r => query.Names.Count == 0 || query.Names.Any(n => IsWanted(query, r.Name) || IsWanted(query, "vm:" + r.Name) || Names(project, r, n)))];
    }

    // An entry may be called anything; the machine that it deploys to is what has a state.
    private static bool Means(Deployment entry, DeploymentState row) => !TargetOpener.HasNoMachine(entry) && row.Name == (entry.VmInstance is null ? entry.Vm : $"{entry.Vm}/{entry.VmInstance}");

    private static bool Names(Project? project, DeploymentState row, string name) =>
        row.Name == name || (row.Kind == "vm" && (name == "vm:" + row.Name || (project?.FindDeployment(name) is { Target: "vm" } entry && (Means(entry, row) || Plain(entry) == row.Name))));

    private static string Plain(Deployment entry) => TargetOpener.HasNoMachine(entry) || !entry.Key.StartsWith("vm:", StringComparison.Ordinal) ? entry.Key : entry.Key[3..];

    private static string HostOf(Deployment entry) => TargetOpener.HasNoMachine(entry) ? "-" : TargetOpener.HostOf(entry);

    internal static DeploymentState Row(CharlyVm vm, VmHandle? handle) => new()
    {
        Kind = "vm",
        Name = vm.Name,
        Status = vm.Status switch
        {
            VmStatus.Running => "running", VmStatus.Suspended => "paused", VmStatus.Failed => "failed", VmStatus.Prepared => "enabled", VmStatus.Destroyed => "not configured", _ => "stopped",
        },
        Container = vm.Id,
        Instance = vm.Name.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash ? vm.Name[(slash + 1)..] : "",
        Ports = [.. vm.Ssh is { Host: PortAllocator.Loopback } ssh ? [new PodPublishedPort(ssh.Host, ssh.Port, 22, "tcp")] : Array.Empty<PodPublishedPort>(), .. (handle?.PortForwards ?? []).Select(Forward).OfType<PodPublishedPort>()],
        Volumes = vm.Disk is { Length: > 0 } disk ? [$"disk: {disk}"] : [],
        Network = vm.Network,
        RunMode = vm.Backend,
        Deadline = vm.Deadline,
        Source = "machine",
        Machine = vm,
    };

    private static PodPublishedPort? Forward(string text) => PortMapping.TryParse(text, out var port) ? new PodPublishedPort(port.Address ?? PortAllocator.Loopback, port.HostPort, port.ContainerPort, port.EffectiveProtocol) : null;

    private async Task<IReadOnlyList<DeploymentState>> OneAsync(Project project, Deployment entry, bool nested, CancellationToken cancellationToken)
    {
        var row = entry.Target switch
        {
            "k8s" => await new KubernetesDeployment(context, project, entry).StateAsync(Budget, cancellationToken).ConfigureAwait(false),
            "android" => await new AndroidDeployment(context, project, entry).StateAsync(cancellationToken).ConfigureAwait(false),
            _ => await HostAsync(entry, cancellationToken).ConfigureAwait(false),
        };
        row = row with { Deadline = entry.Life?.Deadline };
        return [nested && entry.Nested.Count > 0 ? await WithChildrenAsync(project, row, [entry], cancellationToken).ConfigureAwait(false) : row];
    }

    /// <summary>What has no process of its own runs when it is applied.</summary>
    internal static string WordOf(Targets.BundleStatus status) => status.Status switch { "applied" => "running", "partial" => "failed", "configured" => "not configured", _ => "unknown" };

    private async Task<DeploymentState> HostAsync(Deployment entry, CancellationToken cancellationToken)
    {
        var status = (await new GetBundles(context).RunAsync(new BundleQuery { Names = [entry.Key] }, cancellationToken).ConfigureAwait(false))[0];
        return new DeploymentState { Kind = "local", Name = entry.Key, Status = WordOf(status), Container = status.Host, RunMode = "host", Source = "ledger", ImageReference = string.Join(", ", status.Candies) };
    }

    private async Task<DeploymentState> WithChildrenAsync(Project project, DeploymentState row, IReadOnlyList<Deployment> entries, CancellationToken cancellationToken)
    {
        var children = new PodChildren(context, new PodLookup(context));
        var found = new List<PodChild>();
        foreach (var entry in entries) found.AddRange(await children.OfAsync(project, entry, cancellationToken).ConfigureAwait(false));
        return row with { Nested = found };
    }

    private async Task<IReadOnlyList<DeploymentState>> InTimeAsync(Deployment entry, Func<CancellationToken, Task<IReadOnlyList<DeploymentState>>> ask, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Budget);
        try
        {
            return await ask(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Warn($"{entry.Key} did not answer within {Budget.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)} s");
        }
        catch (CharlyException e)
        {
            Warn($"the state of {entry.Key} is not known: {e.Message}");
        }

        return [new DeploymentState { Kind = entry.Target, Name = entry.Key, Status = "unknown", Container = "-", RunMode = entry.Target switch { "k8s" => "cluster", "android" => "device", _ => "host" } }];
    }

    private async Task<IReadOnlyList<DeploymentState>> GuardedAsync(string what, Func<Task<IReadOnlyList<DeploymentState>>> ask)
    {
        try
        {
            return await ask().ConfigureAwait(false);
        }
        catch (CharlyException e)
        {
            Warn($"{what} are not shown: {e.Message}");
            return [];
        }
    }

    // Pods tell why a project can't be read; the rest is then what machines alone know.
    private async Task<Project?> LoadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await new BundleResolver(context).LoadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (CharlyException e)
        {
            context.Progress.Report(new NoticeEvent(NoticeLevel.Debug, e.Message));
            return null;
        }
    }

    private void Warn(string text) => context.Progress.Report(new NoticeEvent(NoticeLevel.Warning, text));
}
