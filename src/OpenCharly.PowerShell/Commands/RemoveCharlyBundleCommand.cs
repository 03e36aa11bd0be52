using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.Targets;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Undoes what bundles left on their targets, exactly.</summary>
[Cmdlet(VerbsCommon.Remove, "CharlyBundle", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(DeployResult))]
public sealed class RemoveCharlyBundleCommand : CharlyDeploymentCmdlet
{
    [Parameter(HelpMessage = "Only says what would be undone.")]
    public SwitchParameter DryRun { get; set; }

    [Parameter(HelpMessage = "Leaves package repositories in place.")]
    public SwitchParameter KeepRepoChanges { get; set; }

    [Parameter(HelpMessage = "Leaves units in place.")]
    public SwitchParameter KeepServices { get; set; }

    [Parameter(HelpMessage = "Also forgets the state of the machine in the per-host file; of a pod its entry and its named volumes.")]
    public SwitchParameter Purge { get; set; }

    [Parameter(HelpMessage = "Leaves the overlay image of a pod.")]
    public SwitchParameter KeepImage { get; set; }

    [Parameter(HelpMessage = "Forgets the deployment even though its machine does not answer.")]
    public SwitchParameter ForceLocal { get; set; }

    [Parameter(HelpMessage = "How many seconds to wait for ssh; 120 if left out.")]
    [ValidateRange(1, 86400)]
    public int? SshTimeoutSec { get; set; }

    private protected override bool Approve(string name) => DryRun || ShouldProcess(name, "Undo the bundle");

    private protected override async Task WorkOnAsync(Work work, string name)
    {
        var request = new RemoveBundleRequest
        {
            Name = name,
            DryRun = DryRun,
            KeepRepoChanges = KeepRepoChanges,
            KeepServices = KeepServices,
            Purge = Purge,
            KeepImage = KeepImage,
            ForceLocal = ForceLocal,
            SshTimeout = SshTimeoutSec is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        };
        work.WriteResult(await new RemoveBundle(work.Context).RunAsync(request, work.Cancel).ConfigureAwait(false));
    }
}
