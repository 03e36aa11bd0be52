using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Copies an image of this machine's podman into virtual machines, sending only the layers that they lack.</summary>
[Cmdlet(VerbsCommon.Copy, "CharlyBoxToVm", SupportsShouldProcess = true)]
[OutputType(typeof(BoxTransfer))]
public sealed class CopyCharlyBoxToVmCommand : CharlyCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, HelpMessage = "Names of virtual machines. Takes machines from the pipeline.")]
    [ValidateNotNullOrEmpty]
    [VmName]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public string[] Name { get; set; } = [];

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

    [Parameter(HelpMessage = "How many machines are worked on at the same time.")]
    [ValidateRange(1, 128)]
    public int ThrottleLimit { get; set; } = 4;

    /// <inheritdoc/>
    protected override void ProcessRecord() =>
        RunEach([.. Name.Where(n => DryRun || ShouldProcess($"virtual machine {n}", $"Copy the image {Image}"))], ThrottleLimit, async (work, name) =>
        {
            var request = new CopyBoxToVmRequest { Name = name, Image = Image, As = As, Rootless = Rootless, DryRun = DryRun };
            work.Write(await new CopyBoxToVm(work.Context).RunAsync(request, work.Cancel).ConfigureAwait(false));
        });
}
