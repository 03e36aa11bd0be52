using System.Management.Automation;
using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Starts pods; one that is not configured is configured first.</summary>
[Cmdlet(VerbsLifecycle.Start, "CharlyPod", SupportsShouldProcess = true)]
[OutputType(typeof(CharlyPod))]
public sealed class StartCharlyPodCommand : CharlyPodCmdlet
{
    [Parameter(HelpMessage = "Emits the pod.")]
    public SwitchParameter PassThru { get; set; }

    private protected override bool Approve(string name) => ShouldProcess($"pod {name}", "Start");

    private protected override async Task WorkOnAsync(Work work, string name)
    {
        var pod = await new StartPod(work.Context).RunAsync(new ConfigurePodRequest { Name = name }, work.Cancel).ConfigureAwait(false);
        if (PassThru) work.Write(pod);
    }
}
