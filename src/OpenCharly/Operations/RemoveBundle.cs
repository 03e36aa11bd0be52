using OpenCharly.Targets;

namespace OpenCharly.Operations;

/// <summary>Undoes what a bundle left on its target.</summary>
/// <param name="context">What it works with.</param>
public sealed class RemoveBundle(CharlyContext context)
{
    /// <summary>Undoes, or says what would be undone.</summary>
    public Task<DeployResult> RunAsync(RemoveBundleRequest request, CancellationToken cancellationToken = default)
    {
        _ = context;
        throw new NotImplementedException();
    }
}
