using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.Vms;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Brings up the machines of a VMFile: makes, starts and provisions what does not run.</summary>
[Cmdlet(VerbsLifecycle.Start, "CharlyVmFile", SupportsShouldProcess = true)]
[OutputType(typeof(CharlyVm))]
public sealed class StartCharlyVmFileCommand : CharlyVmFileCmdlet
{
    [Parameter(HelpMessage = "Leaves out the provisioners.")]
    public SwitchParameter NoProvision { get; set; }

    private protected override bool Approve(string name) => ShouldProcess($"virtual machine {name}", "Bring up");

    private protected override async Task WorkOnAsync(Work work, VmFileRequest request)
    {
        foreach (var vm in await new StartVmFile(work.Context).RunAsync(request with { NoProvision = NoProvision }, work.Cancel).ConfigureAwait(false)) work.Write(vm);
    }
}
