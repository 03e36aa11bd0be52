using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.Vms;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Lets suspended virtual machines go on.</summary>
[Cmdlet(VerbsLifecycle.Resume, "CharlyVm", SupportsShouldProcess = true)]
[OutputType(typeof(CharlyVm))]
public sealed class ResumeCharlyVmCommand : CharlyVmCmdlet
{
    [Parameter(HelpMessage = "Emits the machine.")]
    public SwitchParameter PassThru { get; set; }

    private protected override bool Approve(string name) => ShouldProcess($"virtual machine {name}", "Resume");

    private protected override async Task WorkOnAsync(Work work, string name)
    {
        var vm = await new ResumeVm(work.Context).RunAsync(name, work.Cancel).ConfigureAwait(false);
        if (PassThru) work.Write(vm);
    }
}
