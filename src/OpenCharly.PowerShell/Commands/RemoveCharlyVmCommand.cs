using System.Management.Automation;
using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Removes virtual machines; their disks only if asked.</summary>
[Cmdlet(VerbsCommon.Remove, "CharlyVm", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class RemoveCharlyVmCommand : CharlyVmCmdlet
{
    [Parameter(HelpMessage = "Deletes the disk as well; what is on it is lost.")]
    public SwitchParameter Disk { get; set; }

    [Parameter(HelpMessage = "Keeps the state of the machine in the per-host file.")]
    public SwitchParameter KeepDeploy { get; set; }

    private protected override bool Approve(string name) =>
        ShouldProcess($"virtual machine {name}", Disk ? "Remove, with its disk" : "Remove, keeping its disk");

    private protected override Task WorkOnAsync(Work work, string name) =>
        new DestroyVm(work.Context).RunAsync(new DestroyVmRequest { Name = name, Disk = Disk, KeepDeploy = KeepDeploy }, work.Cancel);
}
