using OpenCharly.Plans;

namespace OpenCharly.Operations;

/// <summary>Compiles the install plan of a bundle without changing anything.</summary>
/// <param name="context">What it works with.</param>
public sealed class CompilePlan(CharlyContext context)
{
    /// <summary>
    /// Reads the project, asks the target what it is, compiles. A machine that is off is not started for it: its
    /// entity's distribution and account stand in for the answers (candy-and-plan.md §6.2). A target that was asked is
    /// remembered in <see cref="InstallPlan.Basis"/>.
    /// </summary>
    public async Task<InstallPlan> RunAsync(BundleRequest request, CancellationToken cancellationToken = default)
    {
        var work = context.For(request.Name);
        var resolver = new BundleResolver(work);
        if (await PlanlessTarget.FindAsync(work, resolver, request, cancellationToken).ConfigureAwait(false) is { } planless) return await planless.PreviewAsync(request, cancellationToken).ConfigureAwait(false);
        var bundle = await resolver.ResolveAsync(request, cancellationToken).ConfigureAwait(false);
        return await new TargetOpener(work).PreviewAsync(
            bundle.Project, bundle.Entry, request.SshTimeout, facts => BundleCompiler.Compile(bundle, facts, context.Environment), cancellationToken).ConfigureAwait(false);
    }
}
