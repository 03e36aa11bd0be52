using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>Waits for a condition of a virtual machine.</summary>
/// <param name="context">What it works with.</param>
public sealed class WaitVm(CharlyContext context)
{
    /// <summary>Polls; on expiry <c>vm.wait_timeout</c> says what was missing.</summary>
    public Task<CharlyVm> RunAsync(WaitVmRequest request, CancellationToken cancellationToken = default)
    {
        _ = context;
        throw new NotImplementedException();
    }
}
