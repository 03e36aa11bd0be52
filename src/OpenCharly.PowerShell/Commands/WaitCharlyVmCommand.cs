using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.Vms;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Waits until ssh answers, cloud-init has ended, or machines are off.</summary>
[Cmdlet(VerbsLifecycle.Wait, "CharlyVm")]
[OutputType(typeof(CharlyVm))]
public sealed class WaitCharlyVmCommand : CharlyVmCmdlet
{
    [Parameter(HelpMessage = "What to wait for: Ssh, CloudInit or Stopped.")]
    public VmWaitCondition For { get; set; } = VmWaitCondition.Ssh;

    [Parameter(HelpMessage = "How many seconds to wait.")]
    [ValidateRange(1, 86400)]
    public int TimeoutSec { get; set; } = 120;

    private protected override async Task WorkOnAsync(Work work, string name)
    {
        var request = new WaitVmRequest { Name = name, For = For, Timeout = TimeSpan.FromSeconds(TimeoutSec) };
        work.Write(await new WaitVm(work.Context).RunAsync(request, work.Cancel).ConfigureAwait(false));
    }
}
