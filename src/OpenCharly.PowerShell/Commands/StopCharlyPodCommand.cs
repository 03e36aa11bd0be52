using System.Management.Automation;
using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Stops pods; quadlets and entries stay.</summary>
[Cmdlet(VerbsLifecycle.Stop, "CharlyPod", SupportsShouldProcess = true)]
[OutputType(typeof(CharlyPod))]
public sealed class StopCharlyPodCommand : CharlyPodCmdlet
{
    [Parameter(HelpMessage = "Unmounts encrypted volumes, too.")]
    public SwitchParameter Unmount { get; set; }

    [Parameter(HelpMessage = "Emits the pod.")]
    public SwitchParameter PassThru { get; set; }

    private protected override bool Approve(string name) => ShouldProcess($"pod {name}", "Stop");

    private protected override async Task WorkOnAsync(Work work, string name)
    {
        var pod = await new StopPod(work.Context).RunAsync(new PodRequest { Name = name }, Unmount, work.Cancel).ConfigureAwait(false);
        if (PassThru) work.Write(pod);
    }
}
