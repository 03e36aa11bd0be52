using OpenCharly.Model;
using OpenCharly.Targets;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>Writes into the per-host file what was deployed: after a failure as well, since something may stand.</summary>
internal sealed class DeploymentRecorder(CharlyContext context)
{
    public async Task<DeployResult> RecordAsync(Deployment entry, string? reference, DeployResult result, CancellationToken cancellationToken)
    {
        if (result is { Changed: false, Failure: null } && entry.Position is not null) return result with { State = State(entry) };

        // What is nested in an entry is found through it; an entry of its own would hide it.
        if (entry.Parent is null) await new HostFile(context.Paths).RecordAsync(entry, string.IsNullOrEmpty(reference) ? null : reference, cancellationToken).ConfigureAwait(false);
        if (entry.Target != "vm") return result;
        var applied = result.Plan?.Candies.Select(c => c.Name).ToArray() ?? [];
        var state = await new VmStateStore(context.Paths).UpdateAsync(
            VmKey(entry),
            s => s with { LastDeploy = context.Environment.Clock.GetUtcNow(), AppliedLayers = applied },
            cancellationToken: cancellationToken).ConfigureAwait(false);
        return result with { State = state };
    }

    /// <summary>The key under which a machine's state is recorded, whatever the entry that deploys to it is called.</summary>
    public static string VmKey(Deployment entry) => $"vm:{entry.Vm}" + (entry.VmInstance is null ? "" : "/" + entry.VmInstance);

    private VmDeployState? State(Deployment entry) => entry.Target == "vm" ? new VmStateStore(context.Paths).Read(VmKey(entry)) : null;
}
