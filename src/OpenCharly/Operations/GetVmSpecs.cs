using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Operations;

/// <summary>Lists the virtual machines that the project describes, whether or not they were made yet.</summary>
/// <param name="context">What it works with.</param>
public sealed class GetVmSpecs(CharlyContext context)
{
    /// <summary>The descriptions, by name.</summary>
    /// <exception cref="CharlyException">The project or an entity has errors.</exception>
    public Task<IReadOnlyList<VmSpec>> RunAsync(CancellationToken cancellationToken = default) => new ProjectVms(context).AllAsync(cancellationToken);
}
