using System.Management.Automation;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Plans;
using OpenCharly.Targets;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Applies plans: as compiled, imported, or reduced to some of their steps.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "CharlyPlan", SupportsShouldProcess = true, DefaultParameterSetName = PlanSet)]
[OutputType(typeof(DeployResult))]
public sealed class InvokeCharlyPlanCommand : CharlyCmdlet
{
    private const string PlanSet = "Plan";
    private const string StepSet = "Step";

    private readonly List<InstallPlan> _plans = [];
    private readonly List<InstallStep> _steps = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = PlanSet, HelpMessage = "Plans to apply.")]
    [Parameter(Position = 0, ParameterSetName = StepSet, HelpMessage = "The plan that the steps belong to; each step's own if left out.")]
    [ValidateNotNullOrEmpty]
    public InstallPlan[] Plan { get; set; } = [];

    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = StepSet,
        HelpMessage = "Steps of the plan that are applied; the others are left out. They run in the order of the plan.")]
    [AllowNull]
    [AllowEmptyCollection]
    public InstallStep[]? Step { get; set; }

    [Parameter(HelpMessage = "Applies steps again that are on record, and a plan whose target changed since it was made.")]
    public SwitchParameter Force { get; set; }

    [Parameter(HelpMessage = "Opens the gate for services, if the plan left it closed.")]
    public SwitchParameter WithServices { get; set; }

    [Parameter(HelpMessage = "Opens the gate for package repositories, if the plan left it closed.")]
    public SwitchParameter AllowRepoChanges { get; set; }

    [Parameter(HelpMessage = "Opens the gate for root tasks, if the plan left it closed.")]
    public SwitchParameter AllowRootTasks { get; set; }

    [Parameter(HelpMessage = "Opens all three gates and skips the check for root rights.")]
    public SwitchParameter Yes { get; set; }

    [Parameter(HelpMessage = "Ends in an error instead of starting a machine that is off.")]
    public SwitchParameter NoStart { get; set; }

    [Parameter(HelpMessage = "How many seconds to wait for ssh; 120 if left out.")]
    [ValidateRange(1, 86400)]
    public int? SshTimeoutSec { get; set; }

    [Parameter(HelpMessage = "How many targets are worked on at the same time.")]
    [ValidateRange(1, 128)]
    public int ThrottleLimit { get; set; } = 4;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == PlanSet) _plans.AddRange(Plan);
        else _steps.AddRange(Step ?? []);
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var plans = Chosen().Where(IsWanted).ToList();
        if (plans.Count > 0) RunAll(work => new ApplyPlans(work.Context).RunAsync([.. plans.Select(RequestFor)], ThrottleLimit, work.WriteResult, work.Cancel));
    }

    private IReadOnlyList<InstallPlan> Chosen()
    {
        if (ParameterSetName == PlanSet) return _plans;
        try
        {
            return Plan.Length == 0 ? PlanFilter.Regroup(_steps) : [.. Plan.Select(plan => PlanFilter.Keep(plan, _steps))];
        }
        catch (CharlyException error)
        {
            ThrowTerminatingError(ErrorRecords.From(error, Plan.FirstOrDefault()?.Name));
            throw;
        }
    }

    // An empty choice is a filter that found nothing: it must not read as "apply nothing, and undo the rest".
    private bool IsWanted(InstallPlan plan)
    {
        var left = plan.Trimmed.Count > 0 ? $" of {plan.Steps.Count + plan.Trimmed.Count}" : "";
        if (plan.Steps.Count > 0) return ShouldProcess(plan.Name, $"Apply {plan.Steps.Count(step => step.Enabled)}{left} steps");
        WriteWarning($"{plan.Name}: no step was chosen, so nothing is applied");
        return false;
    }

    private ApplyPlanRequest RequestFor(InstallPlan plan) => new()
    {
        Plan = plan,
        Force = Force,
        Options = new InstallOptions
        {
            WithServices = WithServices,
            AllowRepoChanges = AllowRepoChanges,
            AllowRootTasks = AllowRootTasks,
            Yes = Yes,
        },
        NoStart = NoStart,
        SshTimeout = SshTimeoutSec is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
    };
}
