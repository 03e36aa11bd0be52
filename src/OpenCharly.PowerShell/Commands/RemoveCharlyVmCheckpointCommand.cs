using System.Management.Automation;
using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Removes a snapshot of a virtual machine; the machine keeps all that it has.</summary>
[Cmdlet(VerbsCommon.Remove, "CharlyVmCheckpoint", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class RemoveCharlyVmCheckpointCommand : CharlyVmSnapshotCmdlet
{
    [Parameter(HelpMessage = "Removes it also if clones stand on it, which then have lost the base of their disks.")]
    public SwitchParameter Force { get; set; }

    private protected override bool Approve() => ShouldProcess($"virtual machine {Vm}", $"Remove the snapshot {Snapshot}");

    private protected override Task WorkAsync(Work work) => new RemoveVmSnapshot(work.Context).RunAsync(Request with { Force = Force }, work.Cancel);
}
