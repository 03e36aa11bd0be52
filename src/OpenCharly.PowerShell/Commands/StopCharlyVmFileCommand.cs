using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.Vms;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Stops the machines of a VMFile, or removes them with all their files.</summary>
[Cmdlet(VerbsLifecycle.Stop, "CharlyVmFile", SupportsShouldProcess = true)]
[OutputType(typeof(CharlyVm))]
public sealed class StopCharlyVmFileCommand : CharlyVmFileCmdlet
{
    private bool _yesToAll;
    private bool _noToAll;

    [Parameter(HelpMessage = "Removes the machines with all their files instead of only stopping them.")]
    public SwitchParameter Destroy { get; set; }

    private protected override bool Approve(string name) =>
        ShouldProcess($"virtual machine {name}", Destroy ? "Destroy" : "Stop") && (!Destroy || !MustAsk || ShouldContinue(
            $"Destroy virtual machine {name} with its disk?", "Data goes for good", ref _yesToAll, ref _noToAll));

    // A cmdlet has one impact, and here it hangs on a switch: destroying asks as a cmdlet of high impact would.
    private bool MustAsk =>
        !MyInvocation.BoundParameters.ContainsKey("Confirm")
        && SessionState.PSVariable.GetValue("ConfirmPreference")?.ToString() != nameof(ConfirmImpact.None);

    private protected override async Task WorkOnAsync(Work work, VmFileRequest request)
    {
        foreach (var vm in await new StopVmFile(work.Context).RunAsync(request with { Destroy = Destroy }, work.Cancel).ConfigureAwait(false)) work.Write(vm);
    }
}
