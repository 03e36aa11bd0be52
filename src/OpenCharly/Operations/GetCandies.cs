using OpenCharly.Model;

namespace OpenCharly.Operations;

/// <summary>Lists the candies of the project.</summary>
/// <param name="context">What it works with.</param>
public sealed class GetCandies(CharlyContext context)
{
    /// <summary>The candies that the project defines, by name.</summary>
    public async Task<IReadOnlyList<Candy>> RunAsync(CancellationToken cancellationToken = default) =>
        [.. (await new BundleResolver(context).LoadAsync(cancellationToken).ConfigureAwait(false)).Candies.All()];
}
