using System.Management.Automation;
using OpenCharly.Boxes;
using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Writes the Containerfiles of boxes below .build of the project.</summary>
[Cmdlet(VerbsData.Export, "CharlyBox", SupportsShouldProcess = true)]
[OutputType(typeof(GeneratedBox))]
public sealed class ExportCharlyBoxCommand : CharlyBoxCmdlet
{
    [Parameter(HelpMessage = "Writes nothing, and emits what would be written.")]
    public SwitchParameter DryRun { get; set; }

    private protected override string? Action => DryRun ? null : "Write Containerfile";

    private protected override async Task RunAsync(Work work, IReadOnlyList<string> names)
    {
        var request = new GenerateBoxesRequest { Names = names, Tag = Tag, DryRun = DryRun, IncludeDisabled = IncludeDisabled };
        foreach (var box in await new GenerateBoxes(work.Context).RunAsync(request, work.Cancel).ConfigureAwait(false)) work.Write(box);
    }
}
