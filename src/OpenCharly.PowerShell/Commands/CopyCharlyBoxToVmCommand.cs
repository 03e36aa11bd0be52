using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Copies an image of this machine's podman into virtual machines, sending only the layers that they lack.</summary>
[Cmdlet(VerbsCommon.Copy, "CharlyBoxToVm", SupportsShouldProcess = true)]
[OutputType(typeof(BoxTransfer))]
public sealed class CopyCharlyBoxToVmCommand : CharlyVmCmdlet
{
    [Parameter(Mandatory = true, Position = 1, HelpMessage = "Image in this machine's podman; a name without tag means its newest version.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(LocalImageCompleter))]
    public string Image { get; set; } = "";

    [Parameter(HelpMessage = "Name of the image in the guest; its own if left out.")]
    [ValidateNotNullOrEmpty]
    public string? As { get; set; }

    [Parameter(HelpMessage = "Into the storage of the account that ssh logs in as, not into root's.")]
    public SwitchParameter Rootless { get; set; }

    [Parameter(HelpMessage = "Only says how many layers and bytes would be sent.")]
    public SwitchParameter DryRun { get; set; }

    private protected override bool Approve(string name) => DryRun || ShouldProcess($"virtual machine {name}", $"Copy the image {Image}");

    private protected override async Task WorkOnAsync(Work work, string name)
    {
        var request = new CopyBoxToVmRequest { Name = name, Image = Image, As = As, Rootless = Rootless, DryRun = DryRun };
        work.Write(await new CopyBoxToVm(work.Context).RunAsync(request, work.Cancel).ConfigureAwait(false));
    }
}
