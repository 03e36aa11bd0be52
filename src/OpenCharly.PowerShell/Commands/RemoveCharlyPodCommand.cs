using System.Management.Automation;
using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Removes pods: container, units and entry; the engine's volumes only if asked.</summary>
[Cmdlet(VerbsCommon.Remove, "CharlyPod", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class RemoveCharlyPodCommand : CharlyPodCmdlet
{
    [Parameter(HelpMessage = "Deletes the engine's volumes of the pod as well; what is in them is lost.")]
    public SwitchParameter Purge { get; set; }

    [Parameter(HelpMessage = "Keeps the entry of the pod in the per-host file.")]
    public SwitchParameter KeepDeploy { get; set; }

    private protected override bool Approve(string name) => ShouldProcess($"pod {name}", Purge ? "Remove, with its volumes" : "Remove, keeping its volumes");

    private protected override Task WorkOnAsync(Work work, string name) =>
        new RemovePod(work.Context).RunAsync(new RemovePodRequest { Name = name, Purge = Purge, KeepDeploy = KeepDeploy }, work.Cancel);
}
