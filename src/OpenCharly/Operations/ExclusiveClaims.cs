using OpenCharly.Arbitration;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Pods;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>
/// What a deployment needs for itself alone, taken when it is made or started and given back when it is stopped or removed
/// (deploy.md §10.3). Verbs of machines and of pods go through here.
/// </summary>
internal sealed class ExclusiveClaims(CharlyContext context)
{
    private readonly Arbiter _arbiter = RestoreLeases.ArbiterOf(context);

    /// <summary>Takes what the entries of a machine claim; null if they claim nothing, or an outer process has it.</summary>
    /// <exception cref="CharlyException">What <see cref="Arbiter.AcquireAsync"/> throws.</exception>
    public async Task<LeaseGrant?> AcquireAsync(VmName name, CancellationToken cancellationToken)
    {
        if (name.IsVmFile || IsNested) return null;
        if (await LoadAsync(name, cancellationToken).ConfigureAwait(false) is not { } project) return null;
        var claims = Claims(project, name);
        if (claims.Count == 0) return null;
        var address = AddressOf(claims[0]);
        return await _arbiter.AcquireAsync(new LeaseRequest(address, [.. claims.SelectMany(c => c.RequiresExclusive)]), Holders(project), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes what an entry claims.</summary>
    /// <param name="project">The project.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="transient">Whether it is given back at the end of the run.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<LeaseGrant?> AcquireAsync(Project project, Deployment entry, bool transient, CancellationToken cancellationToken) =>
        _arbiter.AcquireAsync(new LeaseRequest(AddressOf(entry), entry.RequiresExclusive, transient), Holders(project), cancellationToken);

    /// <summary>Gives back what a machine has.</summary>
    public async Task ReleaseAsync(VmName name, CancellationToken cancellationToken)
    {
        if (name.IsVmFile) return;
        await _arbiter.ReleaseAsync(AddressOf(name), succeeded: true, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gives back what a machine has that could not be made or started, so that whoever was stopped for it goes on.</summary>
    public async Task ReleaseUnlessRunningAsync(VmName name)
    {
        if (!await new HolderControl(context).IsRunningAsync(AddressOf(name), CancellationToken.None).ConfigureAwait(false)) await ReleaseAsync(name, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Gives back what an entry has.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="succeeded">Whether it did what it was for.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<LeaseRestore?> ReleaseAsync(Deployment entry, bool succeeded, CancellationToken cancellationToken) => _arbiter.ReleaseAsync(AddressOf(entry), succeeded, cancellationToken);

    /// <summary>Starts a pod with what its entry claims; if it could not be started, that is given back, and whoever was stopped for it goes on.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="start">Starts it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException">What <see cref="Arbiter.AcquireAsync"/> and <paramref name="start"/> throw.</exception>
    public async Task<T> HoldAsync<T>(FoundPod pod, Func<Task<T>> start, CancellationToken cancellationToken)
    {
        var grant = pod.Deployment is { RequiresExclusive.Count: > 0 } entry ? await AcquireAsync(pod.Project, entry, transient: false, cancellationToken).ConfigureAwait(false) : null;
        try
        {
            return await start().ConfigureAwait(false);
        }
        catch when (grant is not null)
        {
            if (!await new HolderControl(context).IsRunningAsync(AddressOf(pod.Key), CancellationToken.None).ConfigureAwait(false)) await ReleaseAsync(pod.Key, CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Gives back what a pod has, also one that is in no file any more.</summary>
    /// <param name="key">The pod.</param>
    /// <param name="cancellationToken">Gives up; who was not started yet stays on the ledger.</param>
    public Task<LeaseRestore?> ReleaseAsync(PodKey key, CancellationToken cancellationToken) => _arbiter.ReleaseAsync(AddressOf(key), succeeded: true, cancellationToken);

    /// <summary>Entries of a machine that claim something.</summary>
    public static IReadOnlyList<Deployment> Claims(Project project, VmName name) =>
        [.. project.Deployments.Values.Where(d => d.Target == "vm" && d.RequiresExclusive.Count > 0 && d.Vm == name.Entity && d.VmInstance == name.Instance)];

    private bool IsNested => context.Environment.Variable(Arbiter.Variable) is not null;

    private static List<Holder> Holders(Project project) =>
        [.. project.Deployments.Values.Where(d => d.Preemptible is not null && d.Target is "vm" or "pod").Select(d => new Holder(AddressOf(d), d.Preemptible!.Holds, d.Preemptible.RestoreAlways))];

    // A machine may be started from any folder; its project need not be one that can be read.
    private async Task<Project?> LoadAsync(VmName name, CancellationToken cancellationToken)
    {
        try
        {
            return await new BundleResolver(context).LoadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (CharlyException e)
        {
            context.Progress.Report(new NoticeEvent(NoticeLevel.Warning, $"what {name} claims for itself is not known, because the project can't be read: {e.Message}"));
            return null;
        }
    }

    private static DeployAddress AddressOf(VmName name) => new() { Name = name.Key, Target = "vm", Vm = name.Entity, Instance = name.Instance ?? "" };

    private static DeployAddress AddressOf(PodKey key) => new() { Name = key.Text, Target = "pod", Base = key.Base, Instance = key.Instance ?? "" };

    private static DeployAddress AddressOf(Deployment entry)
    {
        var slash = entry.Key.IndexOf('/', StringComparison.Ordinal);
        return entry.Target == "vm"
            ? new DeployAddress { Name = entry.Key, Target = "vm", Vm = entry.Vm!, Instance = entry.VmInstance ?? "" }
            : new DeployAddress { Name = entry.Key, Target = entry.Target, Base = slash < 0 ? entry.Key : entry.Key[..slash], Instance = slash < 0 ? "" : entry.Key[(slash + 1)..] };
    }
}
