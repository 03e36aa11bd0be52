using OpenCharly.Foundation;
using OpenCharly.Ledger;
using OpenCharly.Model;
using OpenCharly.Targets;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>Finishes a run that was cut, or takes it back. It needs no project: what is to be done is on the target.</summary>
/// <param name="context">What it works with.</param>
public sealed class RepairBundle(CharlyContext context)
{
    /// <summary>
    /// Finishes or takes back. Where no run of that name was cut, the result has changed nothing; a step or an operation
    /// that fails is a result with a <see cref="DeployResult.Failure"/>.
    /// </summary>
    /// <exception cref="CharlyException"><see cref="Errors.PlanStale"/> if the run can be finished only from its project,
    /// <see cref="Errors.LedgerLater"/> if other runs came after it, so that it can't be taken back.</exception>
    public async Task<DeployResult> RunAsync(RepairBundleRequest request, CancellationToken cancellationToken = default)
    {
        var work = context.For(request.Name);
        var (project, entry) = await new BundleResolver(work).FindAsync(request.Name, request.Host, needsEntry: false, cancellationToken).ConfigureAwait(false);
        var target = await new TargetOpener(work).OpenAsync(project, entry, request.NoStart || request.DryRun, request.SshTimeout, cancellationToken).ConfigureAwait(false);
        await using (target.ConfigureAwait(false))
        {
            await target.GetFactsAsync(cancellationToken).ConfigureAwait(false);
            var options = new RepairOptions
            {
                Rollback = request.Rollback,
                DryRun = request.DryRun,
                OptionsFor = async (plan, token) => new ApplyOptions
                {
                    Secrets = await new SecretValues(work).ForAsync(plan, token).ConfigureAwait(false),
                    FetchTo = context.Environment,
                },
            };
            var result = await target.RepairAsync(request.Name, options, cancellationToken).ConfigureAwait(false);
            if (result is null)
            {
                work.Progress.Report(new NoticeEvent(NoticeLevel.Info, $"No run of {request.Name} was cut: there is nothing to repair"));
                result = new DeployResult { Name = request.Name, Verb = request.Rollback ? "rollback" : "add", DryRun = request.DryRun };
            }

            if (request.DryRun) return result;
            if (result is { Verb: "add", Plan: { } plan }) return await new DeploymentRecorder(work).RecordAsync(entry, entry.Box is null ? plan.Ref : null, result, cancellationToken).ConfigureAwait(false);
            return result.Failure is not null || entry.Target != "vm" ? result : await TellAsync(target, entry, result, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Has the per-host file say of the machine what its ledger says now.</summary>
    private async Task<DeployResult> TellAsync(IDeployTarget target, Deployment entry, DeployResult result, CancellationToken cancellationToken)
    {
        var store = new VmStateStore(context.Paths);
        var key = DeploymentRecorder.VmKey(entry);
        if (store.Read(key) is not { } state) return result;
        var ledger = await target.ReadLedgerAsync(cancellationToken).ConfigureAwait(false);
        var deploy = ledger.Deploys.Where(d => d.Name == entry.Key).MaxBy(d => d.DeployedAt);
        IReadOnlyList<string> applied = deploy?.Candy ?? [];
        if (!applied.SequenceEqual(state.AppliedLayers, StringComparer.Ordinal))
        {
            state = await store.UpdateAsync(key, s => s with { AppliedLayers = applied, LastDeploy = deploy?.DeployedAt ?? s.LastDeploy }, cancellationToken: cancellationToken).ConfigureAwait(false);
        }

        return result with { State = state };
    }
}

/// <summary>What <see cref="RepairBundle"/> works from.</summary>
public sealed record RepairBundleRequest
{
    /// <summary>Deploy key.</summary>
    public required string Name { get; init; }

    /// <summary>Take the cut run back, to the state before it, instead of finishing it.</summary>
    public bool Rollback { get; init; }

    /// <summary>Only say what would be done.</summary>
    public bool DryRun { get; init; }

    /// <summary>An error instead of starting a machine that is off.</summary>
    public bool NoStart { get; init; }

    /// <summary>How long to wait for ssh; 120 s if null.</summary>
    public TimeSpan? SshTimeout { get; init; }

    /// <summary>Overrides the entry's host, for a run that was cut before anything was written on this machine.</summary>
    public string? Host { get; init; }
}
