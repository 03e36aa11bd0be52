using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.Vms;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Restarts virtual machines; one that is off is started.</summary>
[Cmdlet(VerbsLifecycle.Restart, "CharlyVm", SupportsShouldProcess = true)]
[OutputType(typeof(CharlyVm))]
public sealed class RestartCharlyVmCommand : CharlyVmCmdlet
{
    [Parameter(HelpMessage = "How many seconds the guest may take to shut down before it is turned off.")]
    [ValidateRange(0, 86400)]
    public int TimeoutSec { get; set; } = 30;

    [Parameter(HelpMessage = "Turns the machine off at once, without asking the guest.")]
    public SwitchParameter Force { get; set; }

    [Parameter(HelpMessage = "Emits the machine.")]
    public SwitchParameter PassThru { get; set; }

    private protected override bool Approve(string name) => ShouldProcess($"virtual machine {name}", "Restart");

    private protected override async Task WorkOnAsync(Work work, string name)
    {
        var request = new StopVmRequest { Name = name, Timeout = TimeSpan.FromSeconds(TimeoutSec), Force = Force };
        var vm = await new RestartVm(work.Context).RunAsync(request, work.Cancel).ConfigureAwait(false);
        if (PassThru) work.Write(vm);
    }
}
