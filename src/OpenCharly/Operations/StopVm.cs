using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>Shuts a virtual machine down.</summary>
/// <param name="context">What it works with.</param>
public sealed class StopVm(CharlyContext context)
{
    /// <summary>ACPI, then TERM, then KILL; <c>vm.not_running</c> if it is off.</summary>
    public Task<CharlyVm> RunAsync(StopVmRequest request, CancellationToken cancellationToken = default)
    {
        _ = context;
        throw new NotImplementedException();
    }
}
