using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.Plans;
using OpenCharly.PowerShell.Binding;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Writes plans to a file that Import-CharlyPlan reads back, here or on another machine.</summary>
[Cmdlet(VerbsData.Export, "CharlyPlan", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
[OutputType(typeof(InstallPlan))]
public sealed class ExportCharlyPlanCommand : CharlyCmdlet
{
    private readonly List<InstallPlan> _plans = [];

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Path", HelpMessage = "The file to write.")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    [Parameter(Mandatory = true, ParameterSetName = "LiteralPath", HelpMessage = "The file to write, taken as it is written.")]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string LiteralPath { get; set; } = "";

    [Parameter(Mandatory = true, ValueFromPipeline = true, HelpMessage = "The plans to write.")]
    [Alias("Plan")]
    [ValidateNotNullOrEmpty]
    public InstallPlan[] InputObject { get; set; } = [];

    [Parameter(HelpMessage = "Does not replace a file that exists.")]
    [Alias("NoOverwrite")]
    public SwitchParameter NoClobber { get; set; }

    [Parameter(HelpMessage = "Emits the plans.")]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => _plans.AddRange(InputObject);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_plans.Count == 0) return;
        var file = this.FileAt(ParameterSetName == "Path" ? Path : LiteralPath);
        if (!ShouldProcess(file, $"Export the plan of {string.Join(", ", _plans.Select(plan => plan.Name))}")) return;
        Run(file, async work =>
        {
            await new ExportPlan(work.Context).RunAsync(_plans, file, !NoClobber, work.Cancel).ConfigureAwait(false);
            if (PassThru) _plans.ForEach(work.Write);
        });
    }
}
