using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;
using OpenCharly.PowerShell.Completion;
using OpenCharly.Vms;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Builds the disk of a machine: fetches or makes its base image, and the overlay on it.</summary>
[Cmdlet("Build", "CharlyVm", SupportsShouldProcess = true)]
[OutputType(typeof(VmDisk))]
public sealed class BuildCharlyVmCommand : CharlyCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Names of machines that the project describes.")]
    [ValidateNotNullOrEmpty]
    [VmName]
    [ArgumentCompleter(typeof(VmEntityCompleter))]
    public string[] Name { get; set; } = [];

    [Parameter(HelpMessage = "Size of the disk instead of the described one, such as 20G.")]
    [ValidateNotNullOrEmpty]
    public string? Size { get; set; }

    [Parameter(HelpMessage = "Format of the disk.")]
    [ValidateSet("qcow2", "raw")]
    public string Type { get; set; } = "qcow2";

    [Parameter(HelpMessage = "Fetches or builds the base image anew.")]
    public SwitchParameter Refresh { get; set; }

    [Parameter(HelpMessage = "Source bootc: size of the root file system instead of the described one.")]
    [ValidateNotNullOrEmpty]
    public string? RootSize { get; set; }

    [Parameter(HelpMessage = "Source bootc: how the machine fetches its next version.")]
    [ValidateSet("registry", "containers-storage", "oci", "oci-archive")]
    public string? Transport { get; set; }

    [Parameter(HelpMessage = "Source bootc: tag of the box; its newest if left out.")]
    [ValidateNotNullOrEmpty]
    public string? Tag { get; set; }

    [Parameter(HelpMessage = "Sources bootc and bootstrap: has the kernel speak on the serial port.")]
    public SwitchParameter Console { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var names = Name.Where(name => ShouldProcess($"disk of virtual machine {name}", "Build")).ToArray();
        RunEach(names, 1, async (work, name) =>
        {
            var request = new BuildVmRequest { Name = name, Size = Size, Type = Type, Refresh = Refresh, RootSize = RootSize, Transport = Transport, Tag = Tag, Console = Console };
            work.Write(await new BuildVm(work.Context).RunAsync(request, work.Cancel).ConfigureAwait(false));
        });
    }
}
