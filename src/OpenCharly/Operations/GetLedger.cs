using OpenCharly.Ledger;

namespace OpenCharly.Operations;

/// <summary>Reads the ledger of a target.</summary>
/// <param name="context">What it works with.</param>
public sealed class GetLedger(CharlyContext context)
{
    /// <summary>
    /// The ledger where the deployment of that name lives; <c>host</c> is this machine. A machine that is off stays off. Of a pod it is what
    /// this machine has on record of its overlay image.
    /// </summary>
    public async Task<LedgerRecord> RunAsync(string name, CancellationToken cancellationToken = default)
    {
        var work = context.For(name);
        var resolver = new BundleResolver(work);
        if ((await resolver.LoadAsync(cancellationToken).ConfigureAwait(false)).FindDeployment(name) is { Target: "pod" } pod)
        {
            var key = DeployVenue.PodKeyOf(pod);
            return new LedgerRecord(OverlayRecords.TargetOf(key), [.. new[] { new OverlayRecords(context.Environment.Home).Find(key) }.OfType<DeployRecord>()], [], null);
        }

        var (project, entry) = await resolver.FindAsync(name, null, needsEntry: false, cancellationToken).ConfigureAwait(false);
        var target = await new TargetOpener(work).OpenAsync(project, entry, noStart: true, null, cancellationToken).ConfigureAwait(false);
        await using (target.ConfigureAwait(false))
        {
            return await target.ReadLedgerAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
