using System.Management.Automation;
using OpenCharly.Boxes;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Fetches the images of boxes into local storage.</summary>
[Cmdlet(VerbsData.Save, "CharlyBox", SupportsShouldProcess = true)]
[OutputType(typeof(BoxImage))]
public sealed class SaveCharlyBoxCommand : CharlyCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Images as REGISTRY/NAME:TAG, boxes of the project, or boxes in repositories.")]
    [Alias("Reference")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(BoxCompleter))]
    public string[] Name { get; set; } = [];

    [Parameter(HelpMessage = "Tag of a box's image; what the box says if left out.")]
    [ValidateNotNullOrEmpty]
    public string? Tag { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => RunEach([.. Name.Where(n => ShouldProcess(n, "Pull"))], 1, async (work, name) =>
        work.Write(await new PullBox(work.Context).RunAsync(name, Tag, work.Cancel).ConfigureAwait(false)));
}
