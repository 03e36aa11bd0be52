using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.Vms;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Gives a snapshot inside a disk a file of its own, on which clones can stand.</summary>
[Cmdlet(VerbsData.Convert, "CharlyVmCheckpoint", SupportsShouldProcess = true)]
[OutputType(typeof(VmSnapshot))]
public sealed class ConvertCharlyVmCheckpointCommand : CharlyVmSnapshotCmdlet
{
    private protected override bool Approve() => ShouldProcess($"virtual machine {Vm}", $"Copy the snapshot {Snapshot} into a file of its own");

    private protected override async Task WorkAsync(Work work) =>
        work.Write(await new PromoteVmSnapshot(work.Context).RunAsync(Request, work.Cancel).ConfigureAwait(false));
}
