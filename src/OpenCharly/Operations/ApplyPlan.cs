using OpenCharly.Model;
using OpenCharly.Plans;
using OpenCharly.Targets;

namespace OpenCharly.Operations;

/// <summary>Applies a plan that was compiled before: also a filtered or imported one.</summary>
/// <param name="context">What it works with.</param>
public sealed class ApplyPlan(CharlyContext context)
{
    /// <summary>Applies the plan to the target that it names. With <see cref="ApplyPlanRequest.DryRun"/> nothing is asked or changed.</summary>
    public async Task<DeployResult> RunAsync(ApplyPlanRequest request, CancellationToken cancellationToken = default)
    {
        var plan = Open(request.Plan, request.Options);
        if (request.DryRun) return new DeployResult { Name = plan.Name, Verb = "add", Plan = plan, DryRun = true };

        var work = context.For(plan.Name);
        var (project, entry) = await new BundleResolver(work).FindAsync(plan.Name, plan.Host, needsEntry: false, cancellationToken).ConfigureAwait(false);
        var target = await new TargetOpener(work).OpenAsync(project, entry, request.NoStart, request.SshTimeout, cancellationToken).ConfigureAwait(false);
        await using (target.ConfigureAwait(false))
        {
            await target.GetFactsAsync(cancellationToken).ConfigureAwait(false);
            var options = new ApplyOptions
            {
                Force = request.Force,
                SkipPreflight = request.Options.Yes,
                Secrets = await new SecretValues(work).ForAsync(plan, cancellationToken).ConfigureAwait(false),
                FetchTo = context.Environment,
            };
            var result = await target.ApplyAsync(plan, options, cancellationToken).ConfigureAwait(false);
            return await new DeploymentRecorder(work).RecordAsync(entry, entry.Box is null ? plan.Ref : null, result, cancellationToken).ConfigureAwait(false);
        }
    }

    // A gate that is opened now lets the steps through that it had kept out.
    private static InstallPlan Open(InstallPlan plan, InstallOptions options)
    {
        var gates = new PlanGates(
            plan.Gates.WithServices || options.WithServices || options.Yes,
            plan.Gates.AllowRepoChanges || options.AllowRepoChanges || options.Yes,
            plan.Gates.AllowRootTasks || options.AllowRootTasks || options.Yes);
        if (gates == plan.Gates) return plan;
        var steps = plan.Steps.Select(s => s.Skip == SkipReason.GateClosed && gates.Allows(s.Gate) ? s with { Skip = null } : s).ToArray();
        var open = steps.Where(s => s.Enabled).Select(s => s.Index).ToHashSet();
        return plan with
        {
            Gates = gates,
            Steps = steps,
            Skips = [.. plan.Skips.Where(s => s.Step is not { } index || !open.Contains(index))],
        };
    }
}
