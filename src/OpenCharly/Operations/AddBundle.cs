using OpenCharly.Targets;

namespace OpenCharly.Operations;

/// <summary>Applies a bundle to its target.</summary>
/// <param name="context">What it works with.</param>
public sealed class AddBundle(CharlyContext context)
{
    /// <summary>Compiles, applies, records.</summary>
    public Task<DeployResult> RunAsync(BundleRequest request, CancellationToken cancellationToken = default)
    {
        _ = context;
        throw new NotImplementedException();
    }
}
