using System.Management.Automation;
using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Runs the provisioners of a VMFile again, in machines that run.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "CharlyVmFileProvision", SupportsShouldProcess = true)]
[OutputType(typeof(ProvisionResult))]
public sealed class InvokeCharlyVmFileProvisionCommand : CharlyVmFileCmdlet
{
    private protected override bool Approve(string name) => ShouldProcess($"virtual machine {name}", "Provision");

    private protected override Task WorkOnAsync(Work work, VmFileRequest request) =>
        new ProvisionVmFile(work.Context).RunAsync(request with { Provisioned = work.Write }, work.Cancel);
}
