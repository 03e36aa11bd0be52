using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.Plans;
using OpenCharly.PowerShell.Binding;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Reads plans that Export-CharlyPlan wrote.</summary>
[Cmdlet(VerbsData.Import, "CharlyPlan", DefaultParameterSetName = "Path")]
[OutputType(typeof(InstallPlan))]
public sealed class ImportCharlyPlanCommand : CharlyCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Path",
        HelpMessage = "Files to read; wildcards are allowed.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "LiteralPath",
        HelpMessage = "Files to read, taken as they are written.")]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var files = ParameterSetName == "Path" ? this.FilesMatching(Path) : this.FilesAt(LiteralPath);
        RunEach(files, 1, async (work, file) =>
        {
            foreach (var plan in await new ImportPlan(work.Context).RunAsync(file, work.Cancel).ConfigureAwait(false)) work.Write(plan);
        });
    }
}
