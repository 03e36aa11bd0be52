using OpenCharly.Arbitration;
using OpenCharly.Checks;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>What <c>RunBed</c> works from.</summary>
public sealed record RunBedRequest
{
    /// <summary>Name of the bed: a key of <c>eval:</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Which checks run.</summary>
    public CheckSelection Selection { get; init; } = new();

    /// <summary>Gates of the add; <see cref="InstallOptions.Yes"/> opens them all.</summary>
    public InstallOptions Options { get; init; } = new() { Yes = true };

    /// <summary>How long to wait for ssh; 120 s if null.</summary>
    public TimeSpan? SshTimeout { get; init; }
}

/// <summary>What became of a bed.</summary>
/// <param name="Name">Name of the bed.</param>
/// <param name="Reports">What was checked: the bed itself and what is nested in it; its peers never are.</param>
/// <param name="Failure">Why it could not be brought up or checked, or that checks failed; null if all passed.</param>
/// <param name="Leftovers">What could not be taken down again.</param>
public sealed record BedRun(string Name, IReadOnlyList<CheckReport> Reports, CharlyException? Failure, IReadOnlyList<CharlyException> Leftovers)
{
    /// <summary>Whether it came up, passed, and left nothing behind.</summary>
    public bool Passed => Failure is null && Leftovers.Count == 0;
}

/// <summary>Runs a bed: brings it up with what goes with it, runs all its checks, and takes it down whatever came of them (deploy.md §12).</summary>
/// <param name="context">What it works with.</param>
public sealed class RunBed(CharlyContext context)
{
    /// <summary>
    /// Runs it. What it claims for itself alone is taken first, and given back at the end of the run. Checks that fail, a bed that does not
    /// come up, and what could not be taken down are in the result.
    /// </summary>
    /// <exception cref="CharlyException"><see cref="Errors.BedUnknown"/>; <see cref="Errors.NotDisposable"/> for a bed that may not be destroyed
    /// unattended; what taking exclusive resources can end in. Nothing was made then.</exception>
    public async Task<BedRun> RunAsync(RunBedRequest request, CancellationToken cancellationToken = default)
    {
        var project = await new BundleResolver(context).LoadAsync(cancellationToken).ConfigureAwait(false);
        var bed = Find(project, request.Name);
        var host = new HostFile(context.Paths);
        var before = KeysOf(host);
        var claims = new ExclusiveClaims(context);
        var grant = bed.RequiresExclusive.Count > 0 ? await claims.AcquireAsync(project, bed, transient: true, cancellationToken).ConfigureAwait(false) : null;
        var work = grant is null ? context : context.With(Arbiter.Variable, bed.Key);
        var reports = new List<CheckReport>();
        var leftovers = new List<CharlyException>();
        CharlyException? failure = null;
        try
        {
            await UpAsync(work, bed, request, cancellationToken).ConfigureAwait(false);
            foreach (var subject in Subjects(bed)) reports.Add(await new CheckBundle(work).RunAsync(new CheckRequest { Name = subject, Selection = request.Selection, SshTimeout = request.SshTimeout }, cancellationToken).ConfigureAwait(false));
            failure = reports.Select(r => r.Failure).FirstOrDefault(f => f is not null);
        }
        catch (CharlyException e)
        {
            failure = e;
        }
        finally
        {
            // Whoever loses patience still wants nothing left behind, and the resources back.
            await DownAsync(work, bed, request, leftovers).ConfigureAwait(false);
            if (leftovers.Count == 0) await host.ResetAsync([.. KeysOf(host).Except(before).Where(k => Members(bed).Contains(k))], new Dictionary<string, IReadOnlyCollection<string>>(), CancellationToken.None).ConfigureAwait(false);
            if (grant is not null) await claims.ReleaseAsync(bed, failure is null, CancellationToken.None).ConfigureAwait(false);
        }

        return new BedRun(bed.Key, reports, failure, leftovers);
    }

    /// <summary>Names of the beds of the project.</summary>
    public async Task<IReadOnlyList<string>> NamesAsync(CancellationToken cancellationToken = default) =>
        [.. Beds(await new BundleResolver(context).LoadAsync(cancellationToken).ConfigureAwait(false))];

    private static IEnumerable<string> Beds(Project project) => project.Deployments.Values.Where(d => d is { IsBed: true, Owner: null }).Select(d => d.Key);

    private static Deployment Find(Project project, string name)
    {
        var bed = project.Deployments.GetValueOrDefault(name);
        if (bed is not { IsBed: true, Owner: null })
        {
            string[] beds = [.. Beds(project)];
            throw new CharlyException(
                Errors.BedUnknown, bed is null ? $"there is no bed \"{name}\"" : $"\"{name}\" is a deployment, not a bed: running it would destroy it",
                Nearest.Suggest(name, beds, beds.Length == 0 ? "Declare it below eval:." : $"Beds are: {string.Join(", ", beds)}. A deployment is checked with: charly eval live"), bed?.Position, name);
        }

        return bed.Disposable ? bed : throw new CharlyException(
            Errors.NotDisposable, $"the bed \"{name}\" is not marked disposable, and a run destroys what it makes", "Write disposable: true into it if that is what you want.", bed.Position, name);
    }

    private static HashSet<string> KeysOf(HostFile host) => [.. (host.ReadDeployments()?.Entries ?? []).Select(e => e.Key.Text)];

    // Keys under which the per-host file keeps what was made for the bed.
    private static IEnumerable<string> Members(Deployment bed) =>
        [bed.Key, DeployVenue.PodKeyOf(bed), .. bed.Target == "vm" ? (string[])[DeploymentRecorder.VmKey(bed)] : [], .. bed.Nested.Concat(bed.Peers).SelectMany(Members)];

    private static IEnumerable<string> Subjects(Deployment bed)
    {
        if (bed.Target is "local" or "vm" or "pod" && HasContent(bed)) yield return bed.Key;
        foreach (var child in bed.Nested.SelectMany(Subjects)) yield return child;
    }

    private static bool HasContent(Deployment entry) => entry.Target == "pod" || entry.Box is not null || entry.Local is not null || entry.AddCandies.Count > 0;

    private static async Task UpAsync(CharlyContext work, Deployment bed, RunBedRequest request, CancellationToken cancellationToken)
    {
        if (bed.Target == "vm")
        {
            await new BuildVm(work).RunAsync(new BuildVmRequest { Name = bed.Vm! }, cancellationToken).ConfigureAwait(false);
            await new CreateVm(work).RunAsync(new CreateVmRequest { Name = bed.Vm!, Instance = bed.VmInstance, Start = true }, cancellationToken).ConfigureAwait(false);
        }

        var add = new BundleRequest { Name = bed.Key, Options = request.Options with { Verify = false }, SshTimeout = request.SshTimeout };
        var result = HasContent(bed) || bed.Target is not ("vm" or "local")
            ? await new AddBundle(work).RunAsync(add, cancellationToken).ConfigureAwait(false)
            : await new BundleFamily(work, await new BundleResolver(work).LoadAsync(cancellationToken).ConfigureAwait(false))
                .BringUpAsync(add, new Targets.DeployResult { Name = bed.Key, Verb = "add" }, cancellationToken).ConfigureAwait(false);
        if (result.Failure is { } failure) throw failure;
    }

    private static async Task DownAsync(CharlyContext work, Deployment bed, RunBedRequest request, List<CharlyException> leftovers)
    {
        await TryAsync(() => new RemoveBundle(work).RunAsync(new RemoveBundleRequest { Name = bed.Key, Purge = true, ForceLocal = bed.Target == "vm", SshTimeout = request.SshTimeout }, CancellationToken.None)).ConfigureAwait(false);
        if (bed.Target == "vm") await TryAsync(async () => await DestroyAsync(work, bed).ConfigureAwait(false)).ConfigureAwait(false);

        async Task TryAsync(Func<Task<Targets.DeployResult>> undo)
        {
            try
            {
                if ((await undo().ConfigureAwait(false)).Failure is { } failure) leftovers.Add(failure);
            }
            catch (CharlyException e) when (e.Code == Errors.LedgerUnknown || e.Code == Errors.VmNotFound)
            {
                // It never came so far.
            }
            catch (CharlyException e)
            {
                leftovers.Add(e);
            }
        }
    }

    private static async Task<Targets.DeployResult> DestroyAsync(CharlyContext work, Deployment bed)
    {
        await new DestroyVm(work).RunAsync(new DestroyVmRequest { Name = VmName.Create(bed.Vm!, bed.VmInstance).ToString(), Disk = true }, CancellationToken.None).ConfigureAwait(false);
        return new Targets.DeployResult { Name = bed.Key, Verb = "del", Changed = true };
    }
}
