using System.Management.Automation;
using OpenCharly.Boxes;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Writes the Containerfiles of boxes below .build of the project.</summary>
[Cmdlet(VerbsData.Export, "CharlyBox", SupportsShouldProcess = true)]
[OutputType(typeof(GeneratedBox))]
public sealed class ExportCharlyBoxCommand : CharlyCmdlet
{
    private readonly List<string> _names = [];

    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Names of boxes; all that are enabled if left out.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(BoxCompleter))]
    public string[] Name { get; set; } = [];

    [Parameter(HelpMessage = "Tag of the images; what the boxes say, else the time as YYYY.DDD.HHMM, if left out.")]
    [ValidateNotNullOrEmpty]
    public string? Tag { get; set; }

    [Parameter(HelpMessage = "Writes nothing, and emits what would be written.")]
    public SwitchParameter DryRun { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => _names.AddRange(Name);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (!DryRun && !ShouldProcess(_names.Count == 0 ? "all boxes" : string.Join(", ", _names), "Write Containerfile")) return;
        RunAll(async work =>
        {
            var request = new GenerateBoxesRequest { Names = _names, Tag = Tag, DryRun = DryRun };
            foreach (var box in await new GenerateBoxes(work.Context).RunAsync(request, work.Cancel).ConfigureAwait(false)) work.Write(box);
        });
    }
}
