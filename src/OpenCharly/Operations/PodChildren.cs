using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Targets;

namespace OpenCharly.Operations;

/// <summary>A deployment that stands inside of another one.</summary>
/// <param name="Name">Its path.</param>
/// <param name="Kind">Its target.</param>
/// <param name="Status">The word for what it is doing; <c>unreachable</c> if the machine that it is in does not run or can't be reached, <c>unknown</c> if nobody answered in time.</param>
/// <param name="Note">Why its state is not known; null if it is.</param>
public sealed record PodChild(string Name, string Kind, string Status, string? Note = null)
{
    /// <inheritdoc/>
    public override string ToString() => Note is null ? $"{Name} ({Status})" : $"{Name} ({Status}: {Note})";
}

/// <summary>
/// Asks what is inside of others for its state (pod.md §15.4). Whoever does not answer in time keeps nobody else waiting; the pods of one
/// machine are asked for together, in one round trip.
/// </summary>
internal sealed class PodChildren(CharlyContext context, PodLookup lookup)
{
    private const string Unknown = "unknown";
    private const string Podman = "podman";

    // For each child; those of one machine have it together.
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(4);

    /// <summary>All of them, each before what is inside of it.</summary>
    public async Task<IReadOnlyList<PodChild>> OfAsync(Project project, Deployment outer, CancellationToken cancellationToken)
    {
        Deployment[] all = [.. Below(outer)];
        var away = all.Select(c => AwayOf(project, c)).OfType<Away>().GroupBy(a => a.Owner.Key, StringComparer.Ordinal);
        var asked = await Task.WhenAll(away.Select(g => AwayAsync(project, g.First().Owner, [.. g], cancellationToken))).ConfigureAwait(false);
        var known = asked.SelectMany(a => a).ToDictionary(c => c.Name, StringComparer.Ordinal);
        var found = new List<PodChild>();
        foreach (var child in all) found.Add(known.GetValueOrDefault(child.Key) ?? await InTimeAsync(project, child, cancellationToken).ConfigureAwait(false));
        return found;
    }

    private static IEnumerable<Deployment> Below(Deployment outer) => outer.Nested.SelectMany(c => Below(c).Prepend(c));

    // Where a container runs, if that is not this machine; null for all else.
    private static Away? AwayOf(Project project, Deployment child)
    {
        if (child.Target is not ("pod" or "android")) return null;
        try
        {
            var own = "charly-" + DeployVenue.Leaf(child.Key);
            return (DeployVenue.Of(project, child), child.Target) switch
            {
                (DeployVenue.Machine { Owner: var machine }, "pod") => new Away(child, machine, new AwayPod(own, child.Engine ?? Podman)),
                (DeployVenue.Remote { Owner: var host }, "pod") => new Away(child, host, new AwayPod(own, child.Engine ?? Podman)),
                (DeployVenue.Container { Guest: { } guest } around, "pod") => new Away(child, guest, new AwayPod(own, child.Engine ?? Podman, around.Name)),

                // What has no container of its own does what the one around it does.
                (DeployVenue.Container { Guest: { } guest } around, _) => new Away(child, guest, new AwayPod(around.Name, Podman)),
                _ => null,
            };
        }
        catch (CharlyException e) when (e.Code == Errors.DeployPath)
        {
            // Where no way leads is told with the child, among those of this machine.
            return null;
        }
    }

    private async Task<IReadOnlyList<PodChild>> AwayAsync(Project project, Deployment owner, IReadOnlyList<Away> pods, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Budget * pods.Count);
        try
        {
            var opener = new TargetOpener(context);
            if (owner.Target == "vm" && await opener.WhyNotRunningAsync(owner, limit.Token).ConfigureAwait(false) is { } reason) return All("unreachable", reason);
            var executor = opener.ExecutorOf(project, owner);
            await using var _ = executor.ConfigureAwait(false);
            var states = await new GuestPodStates(executor).ReadAsync([.. pods.Select(p => p.Pod)], limit.Token).ConfigureAwait(false);
            return [.. pods.Zip(states, (p, s) => new PodChild(p.Child.Key, p.Child.Target, WordOf(s)))];
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            var note = $"{owner.Key} did not answer within {(Budget * pods.Count).TotalSeconds:0} s";
            lookup.Tell([note]);
            return All(Unknown, note);
        }
        catch (CharlyException e)
        {
            lookup.Tell([$"the pods in {owner.Key} are not known: {e.Message}"]);
            return All(e.Code.Kind == ErrorKind.Unreachable ? "unreachable" : Unknown, e.Message);
        }

        PodChild[] All(string status, string note) => [.. pods.Select(p => new PodChild(p.Child.Key, p.Child.Target, status, note))];
    }

    // As the charly there would say it.
    private static string WordOf(AwayPodState state)
    {
        if (state.State is { } live && (LiveContainer.Word(live) == "running" || !state.HasFailed)) return LiveContainer.Word(live);
        return CharlyPod.WordOf(state.HasFailed ? PodStatus.Failed : state.IsConfigured ? PodStatus.Enabled : state.IsDirect ? PodStatus.Stopped : PodStatus.NotConfigured);
    }

    private async Task<PodChild> InTimeAsync(Project project, Deployment child, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Budget);
        string note;
        try
        {
            var (status, reason) = await StatusAsync(project, child, limit.Token).ConfigureAwait(false);
            return new PodChild(child.Key, child.Target, status, reason);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            note = $"{child.Key} did not answer within {Budget.TotalSeconds:0} s";
            lookup.Tell([note]);
        }
        catch (CharlyException e)
        {
            note = e.Message;
            lookup.Tell([$"the state of {child.Key} is not known: {note}"]);
        }

        return new PodChild(child.Key, child.Target, Unknown, note);
    }

    // A pod has a container of its own; what has none does what the container around it does, and elsewhere what its ledger, cluster or device says.
    private async Task<(string Status, string? Note)> StatusAsync(Project project, Deployment child, CancellationToken cancellationToken)
    {
        switch (DeployVenue.Of(project, child), child.Target)
        {
            case (DeployVenue.Own, "pod"):
                return (await InspectAsync(child.Engine, [], "charly-" + DeployVenue.PodKeyOf(child).Replace('/', '-'), cancellationToken).ConfigureAwait(false), null);
            case (DeployVenue.Container { Guest: null } outer, "pod"):
                return (await InspectAsync(outer.Engine, ["exec", outer.Name, child.Engine ?? Podman], "charly-" + DeployVenue.Leaf(child.Key), cancellationToken).ConfigureAwait(false), null);
            case (DeployVenue.Container { Guest: null } outer, "local" or "android"):
                return (await InspectAsync(outer.Engine, [], outer.Name, cancellationToken).ConfigureAwait(false), null);
            case (_, "local"):
                var bundle = (await new GetBundles(context).RunAsync(new BundleQuery { Names = [child.Key] }, cancellationToken).ConfigureAwait(false))[0];
                return bundle.Status == "unreachable" ? (bundle.Status, bundle.Note) : (GetStatus.WordOf(bundle), null);
            case (_, "k8s"):
                return ((await new KubernetesDeployment(context, project, child).StateAsync(Budget, cancellationToken).ConfigureAwait(false)).Status, null);
            case (DeployVenue.Own, "android"):
                return ((await new AndroidDeployment(context, project, child).StateAsync(cancellationToken).ConfigureAwait(false)).Status, null);
            default:
                return (Unknown, $"{child.Target} deployments in there are not looked for");
        }
    }

    private async Task<string> InspectAsync(string? own, IReadOnlyList<string> through, string container, CancellationToken cancellationToken)
    {
        var state = await lookup.Engine(own).RunAsync([.. through, "container", "inspect", "--format", "{{.State.Status}}", container], cancellationToken).ConfigureAwait(false);
        return state.Succeeded ? LiveContainer.Word(state.StandardOutput.Trim()) : "not configured";
    }

    private sealed record Away(Deployment Child, Deployment Owner, AwayPod Pod);
}
