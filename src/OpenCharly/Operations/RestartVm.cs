using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>Shuts a virtual machine down, if it runs, and boots it.</summary>
/// <param name="context">What it works with.</param>
public sealed class RestartVm(CharlyContext context)
{
    /// <summary>Stops and starts.</summary>
    public Task<CharlyVm> RunAsync(StopVmRequest request, CancellationToken cancellationToken = default)
    {
        _ = context;
        throw new NotImplementedException();
    }
}
