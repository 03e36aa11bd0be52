using OpenCharly.Plans;

namespace OpenCharly.Operations;

/// <summary>Compiles the install plan of a bundle without changing anything.</summary>
/// <param name="context">What it works with.</param>
public sealed class CompilePlan(CharlyContext context)
{
    /// <summary>Reads the project, asks the target, compiles.</summary>
    public Task<InstallPlan> RunAsync(BundleRequest request, CancellationToken cancellationToken = default)
    {
        _ = context;
        throw new NotImplementedException();
    }
}
