using System.Management.Automation;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Pods.Volumes;
using OpenCharly.Targets;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Brings deployments to the newest of what they are made of; a virtual machine is made anew for it.</summary>
[Cmdlet(VerbsData.Update, "CharlyBundle", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(DeployResult))]
public sealed class UpdateCharlyBundleCommand : CharlyDeploymentCmdlet
{
    [Parameter(HelpMessage = "Version of the box, for this run.")]
    [ValidateNotNullOrEmpty]
    public string? Tag { get; set; }

    [Parameter(HelpMessage = "Builds the box, or the disk of the machine, anew first.")]
    public SwitchParameter Build { get; set; }

    [Parameter(HelpMessage = "Uses the local image as it is, instead of pulling a full reference.")]
    public SwitchParameter NoPull { get; set; }

    [Parameter(HelpMessage = "Copies no files of the image into the volumes of a pod.")]
    public SwitchParameter NoSeed { get; set; }

    [Parameter(HelpMessage = "Copies files of the image over files that are there.")]
    public SwitchParameter ForceSeed { get; set; }

    [Parameter(HelpMessage = "Image whose files are copied into the volumes instead.")]
    [ValidateNotNullOrEmpty]
    public string? DataFrom { get; set; }

    [Parameter(HelpMessage = "Only this deployment: neither its nested children nor its peers.")]
    public SwitchParameter NodeOnly { get; set; }

    [Parameter(HelpMessage = "Opens all three gates and skips the check for root rights.")]
    public SwitchParameter Yes { get; set; }

    [Parameter(HelpMessage = "How many seconds to wait for ssh; 120 if left out.")]
    [ValidateRange(1, 86400)]
    public int? SshTimeoutSec { get; set; }

    private protected override bool Approve(string name) => ShouldProcess(name, "Update the deployment; a machine is made anew");

    private protected override async Task WorkOnAsync(Work work, string name)
    {
        var request = new UpdateBundleRequest
        {
            Name = name,
            Tag = Tag,
            Build = Build,
            Pull = !NoPull,
            Seed = NoSeed ? null : ForceSeed ? SeedMode.Force : SeedMode.Merge,
            DataFrom = DataFrom,
            NodeOnly = NodeOnly,
            Options = new InstallOptions { Yes = Yes },
            SshTimeout = SshTimeoutSec is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        };
        work.WriteResult(await new UpdateBundle(work.Context).RunAsync(request, work.Cancel).ConfigureAwait(false));
    }
}
