using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.Vms;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Puts a virtual machine back to a snapshot; what its disk holds now is lost.</summary>
[Cmdlet(VerbsData.Restore, "CharlyVmCheckpoint", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(CharlyVm))]
public sealed class RestoreCharlyVmCheckpointCommand : CharlyVmSnapshotCmdlet
{
    [Parameter(HelpMessage = "Emits the machine.")]
    public SwitchParameter PassThru { get; set; }

    private protected override bool Approve() => ShouldProcess($"virtual machine {Vm}", $"Throw away what it holds since the snapshot {Snapshot}");

    private protected override async Task WorkAsync(Work work)
    {
        var vm = await new RestoreVmSnapshot(work.Context).RunAsync(Request, work.Cancel).ConfigureAwait(false);
        if (PassThru) work.Write(vm);
    }
}
