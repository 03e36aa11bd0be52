using System.IO.Enumeration;
using OpenCharly.Foundation;
using OpenCharly.Ledger;
using OpenCharly.Model;
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
        foreach (var entry in Find(project, query.Names))
        {
            result.Add(await StatusOfAsync(project, entry, query.Probe, cancellationToken).ConfigureAwait(false));
        }

        return result;
    }

    /// <summary>The entries of these names, sorted; as <see cref="RunAsync"/>, of a project that is loaded.</summary>
    internal static IReadOnlyCollection<Deployment> Find(Project project, IReadOnlyList<string> names)
    {
        var found = new SortedDictionary<string, Deployment>(StringComparer.Ordinal);
        foreach (var name in names.Count == 0 ? ["*"] : names)
        {
            var isPattern = name.Contains('*') || name.Contains('?');
            foreach (var (key, entry) in project.Deployments.Where(d => d.Value.Target is "local" or "vm"))
            {
                if (isPattern ? FileSystemName.MatchesSimpleExpression(name, key, ignoreCase: false) : key == name) found[key] = entry;
            }

            if (!isPattern && !found.ContainsKey(name)) found[name] = BundleResolver.EntryFor(project, name, null, needsEntry: name is not ("host" or "local"));
        }

        return found.Values;
    }

    private async Task<BundleStatus> StatusOfAsync(Project project, Deployment entry, bool probe, CancellationToken cancellationToken)
    {
        var status = new BundleStatus { Name = entry.Key, Target = entry.Target, Host = TargetOpener.HostOf(entry), Status = "configured" };
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
