using OpenCharly.Foundation;
using OpenCharly.Ledger;
using OpenCharly.Model;
using OpenCharly.Pods;
using OpenCharly.Targets;

namespace OpenCharly.Operations;

/// <summary>Lists deployments as the per-host file, the project and the ledgers know them.</summary>
/// <param name="context">What it works with.</param>
public sealed class GetBundles(CharlyContext context)
{
    /// <summary>
    /// Deployments by name, sorted; no match for a plain name is <see cref="Errors.CfgEntry"/>, for a wildcard it is an
    /// empty list. A target that does not answer is a status, not an error.
    /// </summary>
    public async Task<IReadOnlyList<BundleStatus>> RunAsync(BundleQuery query, CancellationToken cancellationToken = default)
    {
        var project = await new BundleResolver(context).LoadAsync(cancellationToken).ConfigureAwait(false);
        var result = new List<BundleStatus>();
        IReadOnlyList<BundleStatus> orphans = query.AllTargets ? [.. Orphans(project, query.Names)] : [];
        string[] names = [.. query.Names.Where(n => orphans.All(o => o.Name != n))];
        var entries = names.Length == 0 && query.Names.Count > 0 ? [] : Find(project, names, query.AllTargets);
        foreach (var entry in query.Nested ? entries.SelectMany(WithChildren) : entries)
        {
            result.Add(await StatusOfAsync(project, entry, query.Probe, cancellationToken).ConfigureAwait(false) with { Deadline = entry.Life?.Deadline });
        }

        if (orphans.Count == 0) return result;
        result.AddRange(orphans);
        return query.Nested ? result : [.. result.OrderBy(b => b.Name, StringComparer.Ordinal)];
    }

    private static IEnumerable<Deployment> WithChildren(Deployment entry) => entry.Nested.SelectMany(WithChildren).Prepend(entry);

    // Quadlets that no entry leads to; those of nested pods are called after the path, joined by underscores.
    private IEnumerable<BundleStatus> Orphans(Project project, IReadOnlyList<string> names)
    {
        var folder = new PodPaths(context.Environment, context.Paths).Quadlets;
        if (!Directory.Exists(folder)) return [];
        var known = project.Deployments.Values.SelectMany(WithChildren).Where(d => d.Target == "pod").Select(d => "charly-" + DeployVenue.PodKeyOf(d).Replace('/', '-')).ToHashSet(StringComparer.Ordinal);
        return Directory.EnumerateFiles(folder, "charly-*.container").Where(f => !PodPaths.IsSidecar(f)).Select(f => Path.GetFileNameWithoutExtension(f)).Where(stem => !known.Contains(stem))
            .Select(stem => new BundleStatus
            {
                Name = stem["charly-".Length..], Target = "pod", Host = stem, Status = "no overrides", HasEntry = false, HasQuadlet = true, Note = "its quadlet is all that there is of it",
            })
            .Where(b => names.Count == 0 || names.Any(n => n == b.Name || (NamePattern.IsPattern(n) && NamePattern.Matches(n, b.Name))))
            .OrderBy(b => b.Name, StringComparer.Ordinal);
    }

    /// <summary>The entries of these names, sorted; as <see cref="RunAsync"/>, of a project that is loaded. Clusters and devices only if asked for.</summary>
    internal static IReadOnlyCollection<Deployment> Find(Project project, IReadOnlyList<string> names, bool allTargets = false)
    {
        var found = new SortedDictionary<string, Deployment>(StringComparer.Ordinal);
        foreach (var name in names.Count == 0 ? ["*"] : names)
        {
            var isPattern = NamePattern.IsPattern(name);
            foreach (var (key, entry) in project.Deployments.Where(d => d.Value.Target is "local" or "vm" || (allTargets && PlanlessTarget.Is(d.Value))))
            {
                if (isPattern ? NamePattern.Matches(name, key) : key == name) found[key] = entry;
            }

            if (!isPattern && !found.ContainsKey(name) && project.FindDeployment(name) is { } other && (allTargets || !PlanlessTarget.Is(other))) found[name] = other;
            if (!isPattern && !found.ContainsKey(name)) found[name] = BundleResolver.EntryFor(project, name, null, needsEntry: name is not ("host" or "local"));
        }

        return found.Values;
    }

    private async Task<BundleStatus> StatusOfAsync(Project project, Deployment entry, bool probe, CancellationToken cancellationToken)
    {
        if (PlanlessTarget.Of(context, project, entry) is { } planless) return planless.Status();
        var status = new BundleStatus { Name = entry.Key, Target = entry.Target, Host = TargetOpener.HostOf(entry), Status = "configured", Owner = entry.Parent ?? entry.Owner };
        if (!probe) return status;
        try
        {
            var target = await new TargetOpener(context.For(entry.Key)).OpenAsync(project, entry, noStart: true, TimeSpan.FromSeconds(10), cancellationToken).ConfigureAwait(false);
            await using (target.ConfigureAwait(false))
            {
                return With(status, await target.ReadLedgerAsync(cancellationToken).ConfigureAwait(false));
            }
        }
        catch (CharlyException e) when (e.Code.Kind is ErrorKind.Unreachable or ErrorKind.WrongState or ErrorKind.NotFound or ErrorKind.Refused)
        {
            var known = e.Code == Errors.VmNotCreated || e.Code == Errors.VmNotFound ? "configured" : "unreachable";
            return status with { Status = known, Note = e.Message };
        }
    }

    private static BundleStatus With(BundleStatus status, LedgerRecord ledger)
    {
        var deploy = ledger.Deploys.Where(d => d.Name == status.Name).MaxBy(d => d.DeployedAt);
        var cut = ledger.UnfinishedRuns.FirstOrDefault(r => r.DeployName == status.Name);
        var candies = ledger.Candies.Where(c => deploy is not null && c.DeployedBy.Contains(deploy.DeployId)).ToArray();
        // The candies of an add that failed are held by an id that no deploy record has yet.
        var failed = cut is null && ledger.Candies.Any(c => c.DeployedBy.Any(id => ledger.Deploys.All(d => d.DeployId != id)));
        return status with
        {
            Status = cut is not null || failed ? "partial" : deploy is not null ? "applied" : "configured",
            DeployId = deploy?.DeployId,
            Candies = deploy?.Candy ?? [],
            Steps = candies.Sum(c => c.Steps.Count),
            DeployedAt = deploy?.DeployedAt,
            Note = failed ? "an add failed here; what it did is on record, and the next add goes on" : cut is null ? null : $"a {cut.Verb} from {cut.StartedAt:yyyy-MM-dd HH:mm} was cut after {cut.FinishedSteps} steps; the next add goes on, or: charly bundle repair {status.Name}",
            Ledger = ledger,
        };
    }
}
