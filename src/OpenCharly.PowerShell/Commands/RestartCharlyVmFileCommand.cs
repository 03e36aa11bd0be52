using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.Vms;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Destroys the machines of a VMFile and makes them anew, as the file says by now.</summary>
[Cmdlet(VerbsLifecycle.Restart, "CharlyVmFile", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(CharlyVm))]
public sealed class RestartCharlyVmFileCommand : CharlyVmFileCmdlet
{
    [Parameter(HelpMessage = "Leaves out the provisioners.")]
    public SwitchParameter NoProvision { get; set; }

    private protected override bool Approve(string name) => ShouldProcess($"virtual machine {name}", "Destroy and make anew");

    private protected override async Task WorkOnAsync(Work work, VmFileRequest request)
    {
        foreach (var vm in await new RestartVmFile(work.Context).RunAsync(request with { NoProvision = NoProvision }, work.Cancel).ConfigureAwait(false)) work.Write(vm);
    }
}
