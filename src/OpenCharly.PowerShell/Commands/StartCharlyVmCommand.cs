using System.Management.Automation;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Vms;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Starts virtual machines.</summary>
[Cmdlet(VerbsLifecycle.Start, "CharlyVm", SupportsShouldProcess = true)]
[OutputType(typeof(CharlyVm))]
public sealed class StartCharlyVmCommand : CharlyVmCmdlet
{
    [Parameter(HelpMessage = "Emits the machine.")]
    public SwitchParameter PassThru { get; set; }

    [Parameter(HelpMessage = "Keeps the hypervisor in the foreground, its monitor on this terminal, until the machine is off.")]
    public SwitchParameter Monitor { get; set; }

    private protected override bool Approve(string name) => ShouldProcess($"virtual machine {name}", "Start");

    private protected override async Task WorkOnAsync(Work work, string name)
    {
        if (Monitor)
        {
            var program = await new MonitorVm(work.Context).RunAsync(name, work.Cancel).ConfigureAwait(false);
            await Terminal.RunAsync(program, work.Context.Environment.WorkingDirectory, work.Cancel).ConfigureAwait(false);
            return;
        }

        try
        {
            var vm = await new StartVm(work.Context).RunAsync(name, work.Cancel).ConfigureAwait(false);
            if (PassThru) work.Write(vm);
        }
        catch (CharlyException error) when (error.Code == Errors.VmAlreadyRunning)
        {
            work.WriteVerbose(error.Message);
            if (PassThru) await work.WriteVmAsync().ConfigureAwait(false);
        }
    }
}
