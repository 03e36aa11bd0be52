using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.Plans;
using OpenCharly.Targets;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Tells what applying plans would change on their targets, step by step, without changing anything.</summary>
[Cmdlet(VerbsData.Compare, "CharlyPlan")]
[OutputType(typeof(PlanChange))]
public sealed class CompareCharlyPlanCommand : CharlyCmdlet
{
    private readonly List<InstallPlan> _plans = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, HelpMessage = "The plans to compare with their targets.")]
    [Alias("Plan")]
    [ValidateNotNullOrEmpty]
    public InstallPlan[] InputObject { get; set; } = [];

    [Parameter(HelpMessage = "Emits only steps that would change something, or of which only running them will tell.")]
    public SwitchParameter Changed { get; set; }

    [Parameter(HelpMessage = "How many seconds to wait for ssh; 120 if left out.")]
    [ValidateRange(1, 86400)]
    public int? SshTimeoutSec { get; set; }

    [Parameter(HelpMessage = "How many targets are worked on at the same time.")]
    [ValidateRange(1, 128)]
    public int ThrottleLimit { get; set; } = 4;

    /// <inheritdoc/>
    protected override void ProcessRecord() => _plans.AddRange(InputObject);

    /// <inheritdoc/>
    protected override void EndProcessing() => RunEach(_plans, ThrottleLimit, plan => plan.Name, async (work, plan) =>
    {
        TimeSpan? timeout = SshTimeoutSec is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
        foreach (var change in await new ComparePlan(work.Context).RunAsync(plan, timeout, work.Cancel).ConfigureAwait(false))
        {
            if (!Changed || change.Verdict != PlanVerdict.NoChange) work.Write(change);
        }
    });
}
