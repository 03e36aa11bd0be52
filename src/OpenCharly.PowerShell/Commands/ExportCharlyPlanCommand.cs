using System.Management.Automation;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Plans;
using OpenCharly.PowerShell.Binding;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Writes a plan to a file that Import-CharlyPlan reads back, here or on another machine.</summary>
[Cmdlet(VerbsData.Export, "CharlyPlan", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
[OutputType(typeof(InstallPlan))]
public sealed class ExportCharlyPlanCommand : CharlyCmdlet
{
    private InstallPlan? _written;

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Path", HelpMessage = "The file to write.")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    [Parameter(Mandatory = true, ParameterSetName = "LiteralPath", HelpMessage = "The file to write, taken as it is written.")]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string LiteralPath { get; set; } = "";

    [Parameter(Mandatory = true, ValueFromPipeline = true, HelpMessage = "The plan to write.")]
    [Alias("Plan")]
    public InstallPlan InputObject { get; set; } = null!;

    [Parameter(HelpMessage = "Does not replace a file that exists.")]
    [Alias("NoOverwrite")]
    public SwitchParameter NoClobber { get; set; }

    [Parameter(HelpMessage = "Emits the plan.")]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var file = this.FileAt(ParameterSetName == "Path" ? Path : LiteralPath);
        if (!ShouldProcess(file, $"Export the plan of {InputObject.Name}")) return;
        Run(file, ExportAsync);
    }

    private async Task ExportAsync(Work work)
    {
        if (_written is not null)
        {
            throw new CharlyException(
                Errors.Usage,
                $"{work.Target} already holds the plan of {_written.Name}: one file holds one plan",
                "Export each to a file of its own: ... | ForEach-Object { $_ | Export-CharlyPlan \"$($_.DeployId).json\" }",
                target: InputObject.Name);
        }

        await new ExportPlan(work.Context).RunAsync(InputObject, work.Target, !NoClobber, work.Cancel).ConfigureAwait(false);
        _written = InputObject;
        if (PassThru) work.Write(InputObject);
    }
}
