using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>Builds the disk of a virtual machine.</summary>
/// <param name="context">What it works with.</param>
public sealed class BuildVm(CharlyContext context)
{
    /// <summary>Fetches or builds the base image and makes the overlay on it.</summary>
    public Task<VmDisk> RunAsync(BuildVmRequest request, CancellationToken cancellationToken = default)
    {
        _ = context;
        throw new NotImplementedException();
    }
}
