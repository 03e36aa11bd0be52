using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>Defines a virtual machine, and boots it if asked.</summary>
/// <param name="context">What it works with.</param>
public sealed class CreateVm(CharlyContext context)
{
    /// <summary>Makes seed, keys, port, stanza and handle; removes them again if it fails.</summary>
    public Task<VmDeployState> RunAsync(CreateVmRequest request, CancellationToken cancellationToken = default)
    {
        _ = context;
        throw new NotImplementedException();
    }
}
