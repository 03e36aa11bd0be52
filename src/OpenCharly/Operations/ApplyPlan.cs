using OpenCharly.Targets;

namespace OpenCharly.Operations;

/// <summary>Applies a plan that was compiled before: also a filtered or imported one.</summary>
/// <param name="context">What it works with.</param>
public sealed class ApplyPlan(CharlyContext context)
{
    /// <summary>Applies the plan to the target that it names.</summary>
    public Task<DeployResult> RunAsync(ApplyPlanRequest request, CancellationToken cancellationToken = default)
    {
        _ = context;
        throw new NotImplementedException();
    }
}
