using System.Management.Automation;
using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Stops pods and starts them again.</summary>
[Cmdlet(VerbsLifecycle.Restart, "CharlyPod", SupportsShouldProcess = true)]
[OutputType(typeof(CharlyPod))]
public sealed class RestartCharlyPodCommand : CharlyPodCmdlet
{
    [Parameter(HelpMessage = "Emits the pod.")]
    public SwitchParameter PassThru { get; set; }

    private protected override bool Approve(string name) => ShouldProcess($"pod {name}", "Restart");

    private protected override async Task WorkOnAsync(Work work, string name)
    {
        var pod = await new StopPod(work.Context).RestartAsync(new PodRequest { Name = name }, work.Cancel).ConfigureAwait(false);
        if (PassThru) work.Write(pod);
    }
}
