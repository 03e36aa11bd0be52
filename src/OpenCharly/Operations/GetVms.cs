using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>Lists virtual machines with their live state.</summary>
/// <param name="context">What it works with.</param>
public sealed class GetVms(CharlyContext context)
{
    /// <summary>Machines by name; no match for a plain name is <c>vm.not_found</c>, for a wildcard it is an empty list.</summary>
    public Task<IReadOnlyList<CharlyVm>> RunAsync(VmQuery query, CancellationToken cancellationToken = default)
    {
        _ = context;
        throw new NotImplementedException();
    }
}
