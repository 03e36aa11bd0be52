using OpenCharly.Model;

namespace OpenCharly.Operations;

/// <summary>Lists the virtual machines that the project describes, whether or not they were made yet.</summary>
/// <param name="context">What it works with.</param>
public sealed class GetVmSpecs(CharlyContext context)
{
    /// <summary>The descriptions, by name.</summary>
    public async Task<IReadOnlyList<VmSpec>> RunAsync(CancellationToken cancellationToken = default) =>
        [.. (await new BundleResolver(context).LoadAsync(cancellationToken).ConfigureAwait(false)).Vms.All()];
}
