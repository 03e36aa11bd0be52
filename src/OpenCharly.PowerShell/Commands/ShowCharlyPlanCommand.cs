using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.Plans;
using OpenCharly.PowerShell.Binding;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Draws plans: as a tree, a Mermaid chart, or a page of HTML that needs no network.</summary>
[Cmdlet(VerbsCommon.Show, "CharlyPlan", SupportsShouldProcess = true)]
[OutputType("System.String", "System.IO.FileInfo")]
public sealed class ShowCharlyPlanCommand : CharlyCmdlet
{
    private readonly List<InstallPlan> _plans = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, HelpMessage = "The plans to draw.")]
    [Alias("Plan")]
    [ValidateNotNullOrEmpty]
    public InstallPlan[] InputObject { get; set; } = [];

    [Parameter(HelpMessage = "How they are drawn: as a tree of text, a Mermaid chart, or one page of HTML.")]
    public PlanPicture As { get; set; } = PlanPicture.Tree;

    [Parameter(HelpMessage = "A file to write, instead of emitting the text; the file is emitted.")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    [Parameter(HelpMessage = "Does not replace a file that exists.")]
    [Alias("NoOverwrite")]
    public SwitchParameter NoClobber { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => _plans.AddRange(InputObject);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_plans.Count == 0) return;
        if (Path is null)
        {
            WriteObject(DrawPlan.Run(_plans, As).TrimEnd('\n'));
            return;
        }

        var file = this.FileAt(Path);
        if (!ShouldProcess(file, $"Draw the plan of {string.Join(", ", _plans.Select(plan => plan.Name))}")) return;
        if (TryAsk(file, work => new DrawPlan(work.Context).WriteAsync(_plans, As, file, !NoClobber, work.Cancel), out var written))
        {
            WriteObject(InvokeProvider.Item.Get([written], force: true, literalPath: true), enumerateCollection: true);
        }
    }
}
