using System.Management.Automation;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Vms;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Stops virtual machines: the guest first gets time to shut down.</summary>
[Cmdlet(VerbsLifecycle.Stop, "CharlyVm", SupportsShouldProcess = true)]
[OutputType(typeof(CharlyVm))]
public sealed class StopCharlyVmCommand : CharlyVmCmdlet
{
    [Parameter(HelpMessage = "How many seconds the guest may take before it is turned off.")]
    [ValidateRange(0, 86400)]
    public int TimeoutSec { get; set; } = 30;

    [Parameter(HelpMessage = "Turns the machine off at once, without asking the guest.")]
    public SwitchParameter Force { get; set; }

    [Parameter(HelpMessage = "Emits the machine.")]
    public SwitchParameter PassThru { get; set; }

    private protected override bool Approve(string name) =>
        ShouldProcess($"virtual machine {name}", Force ? "Turn off" : "Stop");

    private protected override async Task WorkOnAsync(Work work, string name)
    {
        try
        {
            var request = new StopVmRequest { Name = name, Timeout = TimeSpan.FromSeconds(TimeoutSec), Force = Force };
            var vm = await new StopVm(work.Context).RunAsync(request, work.Cancel).ConfigureAwait(false);
            if (PassThru) work.Write(vm);
        }
        catch (CharlyException error) when (error.Code == Errors.VmNotRunning)
        {
            work.WriteVerbose(error.Message);
            if (PassThru) await work.WriteVmAsync().ConfigureAwait(false);
        }
    }
}
