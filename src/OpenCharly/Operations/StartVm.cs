using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>Boots a virtual machine.</summary>
/// <param name="context">What it works with.</param>
public sealed class StartVm(CharlyContext context)
{
    /// <summary>Boots; <c>vm.already_running</c> if it runs.</summary>
    public Task<CharlyVm> RunAsync(string name, CancellationToken cancellationToken = default)
    {
        _ = context;
        throw new NotImplementedException();
    }
}
