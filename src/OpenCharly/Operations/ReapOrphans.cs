using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>Something short-lived that was left over.</summary>
/// <param name="Name">Deploy key, or the machine.</param>
/// <param name="Instance">Name of the instance.</param>
/// <param name="Reason"><c>expired</c>, <c>unrecorded machine</c> or <c>unrecorded snapshot user</c>.</param>
/// <param name="Deadline">When it should have ended, UTC; null without a record.</param>
/// <param name="Failure">Why it is still there; null if it is gone, or would go.</param>
public sealed record ReapedOrphan(string Name, string Instance, string Reason, DateTimeOffset? Deadline, CharlyException? Failure = null);

/// <summary>
/// Removes short-lived deployments whose time is over, and machines of such that no record speaks of (deploy.md §9). It does by hand what timers
/// do where a service manager of the user runs.
/// </summary>
/// <param name="context">What it works with.</param>
public sealed class ReapOrphans(CharlyContext context)
{
    /// <summary>Removes them, each on its own: what fails of one does not keep the others.</summary>
    /// <param name="dryRun">Only say what would be removed.</param>
    /// <param name="cancellationToken">Stops between two of them.</param>
    /// <returns>What was left over, by name.</returns>
    /// <exception cref="CharlyException">The per-host file can't be read.</exception>
    public async Task<IReadOnlyList<ReapedOrphan>> RunAsync(bool dryRun = false, CancellationToken cancellationToken = default)
    {
        var records = new EphemeralRecords(context.Paths).ReadAll();
        var orphans = new List<ReapedOrphan>();
        foreach (var (key, record) in records.Where(r => r.Value.IsOver(context.Environment.Clock)).OrderBy(r => r.Key, StringComparer.Ordinal))
        {
            var orphan = new ReapedOrphan(key, record.InstanceName, "expired", record.Deadline);
            orphans.Add(dryRun ? orphan : await RemoveAsync(orphan, token => EndAsync(key, token), cancellationToken).ConfigureAwait(false));
        }

        var known = records.Values.Where(r => r.ParentVm is not null).Select(r => new VmName(r.ParentVm!, r.InstanceName).Id).ToHashSet(StringComparer.Ordinal);
        var machines = new VmRegistry(context.Paths).Read();
        foreach (var name in machines.Values.Select(VmName.Of).Where(n => n.IsEphemeral && !known.Contains(n.Id)).OrderBy(n => n.Key, StringComparer.Ordinal))
        {
            var orphan = new ReapedOrphan(name.Key, name.Instance!, "unrecorded machine", null);
            var destroy = new DestroyVmRequest { Name = name.Key, Disk = true };
            orphans.Add(dryRun ? orphan : await RemoveAsync(orphan, token => new DestroyVm(context).RunAsync(destroy, token), cancellationToken).ConfigureAwait(false));
        }

        foreach (var user in SnapshotRegistry.AllUsers(context.Paths).Where(u => u.Contains(EphemeralSettings.Infix, StringComparison.Ordinal) && !known.Contains(u) && !machines.ContainsKey(u)))
        {
            orphans.Add(new ReapedOrphan(user, user, "unrecorded snapshot user", null));
            if (!dryRun) SnapshotRegistry.Release(context.Paths, user);
        }

        return orphans;
    }

    private async Task EndAsync(string key, CancellationToken cancellationToken)
    {
        var result = await new RemoveBundle(context).RunAsync(new RemoveBundleRequest { Name = key }, cancellationToken).ConfigureAwait(false);
        if (result.Failure is not null) throw result.Failure;
    }

    private static async Task<ReapedOrphan> RemoveAsync(ReapedOrphan orphan, Func<CancellationToken, Task> remove, CancellationToken cancellationToken)
    {
        try
        {
            await remove(cancellationToken).ConfigureAwait(false);
            return orphan;
        }
        catch (CharlyException e)
        {
            return orphan with { Failure = e };
        }
    }
}
