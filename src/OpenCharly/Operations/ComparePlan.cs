using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Plans;
using OpenCharly.Targets;

namespace OpenCharly.Operations;

/// <summary>Tells what applying a bundle or a plan would change, without changing anything: one round trip to the target.</summary>
/// <param name="context">What it works with.</param>
public sealed class ComparePlan(CharlyContext context)
{
    /// <summary>Compiles the plan of a bundle and compares it with its target. A machine that is off stays off.</summary>
    /// <exception cref="CharlyException">Those of <see cref="CompilePlan"/>, and <see cref="Errors.VmNotRunning"/>.</exception>
    public async Task<IReadOnlyList<PlanChange>> RunAsync(BundleRequest request, CancellationToken cancellationToken = default)
    {
        var work = context.For(request.Name);
        var bundle = await new BundleResolver(work).ResolveAsync(request, cancellationToken).ConfigureAwait(false);
        return await CompareAsync(work, bundle.Project, bundle.Entry, request.SshTimeout, facts => BundleCompiler.Compile(bundle, facts, context.Environment), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Compares a plan with the target that it names. A stale plan is compared all the same, with a warning.</summary>
    public async Task<IReadOnlyList<PlanChange>> RunAsync(InstallPlan plan, TimeSpan? sshTimeout = null, CancellationToken cancellationToken = default)
    {
        var work = context.For(plan.Name);
        var (project, entry) = await new BundleResolver(work).FindAsync(plan.Name, plan.Host, needsEntry: false, cancellationToken).ConfigureAwait(false);
        return await CompareAsync(work, project, entry, sshTimeout, _ => plan, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<IReadOnlyList<PlanChange>> CompareAsync(
        CharlyContext work, Project project, Deployment entry, TimeSpan? sshTimeout, Func<TargetFacts, InstallPlan> planFor, CancellationToken cancellationToken)
    {
        var target = await new TargetOpener(work).OpenAsync(project, entry, noStart: true, sshTimeout, cancellationToken).ConfigureAwait(false);
        await using (target.ConfigureAwait(false))
        {
            return await target.CompareAsync(planFor, cancellationToken).ConfigureAwait(false);
        }
    }
}
