using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.Pods.Volumes;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Mounts the encrypted volumes of pods.</summary>
[Cmdlet(VerbsData.Mount, "CharlyVolume", SupportsShouldProcess = true)]
[OutputType(typeof(EncryptedVolumeStatus))]
public sealed class MountCharlyVolumeCommand : CharlyPodCmdlet
{
    [Parameter(HelpMessage = "Only this volume; all if left out.")]
    [ValidateNotNullOrEmpty]
    public string? Volume { get; set; }

    private protected override bool Approve(string name) => ShouldProcess($"volumes of pod {name}", "Mount");

    private protected override async Task WorkOnAsync(Work work, string name)
    {
        foreach (var volume in await new PodVolumes(work.Context).MountAsync(new PodRequest { Name = name }, Volume, work.Cancel).ConfigureAwait(false)) work.Write(volume);
    }
}
