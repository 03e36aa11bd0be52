using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Copies an image into another format.</summary>
[Cmdlet(VerbsData.Convert, "CharlyImage", SupportsShouldProcess = true)]
[OutputType(typeof(VmImage))]
public sealed class ConvertCharlyImageCommand : CharlyCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Name of an image in the cache, or path of an image.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ImageCompleter))]
    public string Name { get; set; } = "";

    [Parameter(Mandatory = true, Position = 1, HelpMessage = "Path of the copy, which must not exist.")]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = "";

    [Parameter(HelpMessage = "Format of the copy.")]
    [ValidateSet("qcow2", "raw", "vmdk", "vdi", "vhdx")]
    public string Format { get; set; } = "qcow2";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var destination = this.FileAt(Destination);
        if (!ShouldProcess(Name, $"Convert to {Format} as {destination}")) return;
        Run(Name, async work => work.Write(await new ConvertImage(work.Context).RunAsync(Name, destination, Format, work.Cancel).ConfigureAwait(false)));
    }
}
