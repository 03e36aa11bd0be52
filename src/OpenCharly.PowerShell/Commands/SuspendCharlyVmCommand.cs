using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.Vms;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Stops the processors of virtual machines; their memory stays.</summary>
[Cmdlet(VerbsLifecycle.Suspend, "CharlyVm", SupportsShouldProcess = true)]
[OutputType(typeof(CharlyVm))]
public sealed class SuspendCharlyVmCommand : CharlyVmCmdlet
{
    [Parameter(HelpMessage = "Emits the machine.")]
    public SwitchParameter PassThru { get; set; }

    private protected override bool Approve(string name) => ShouldProcess($"virtual machine {name}", "Suspend");

    private protected override async Task WorkOnAsync(Work work, string name)
    {
        var vm = await new SuspendVm(work.Context).RunAsync(name, work.Cancel).ConfigureAwait(false);
        if (PassThru) work.Write(vm);
    }
}
