namespace OpenCharly.Operations;

/// <summary>Removes a virtual machine.</summary>
/// <param name="context">What it works with.</param>
public sealed class DestroyVm(CharlyContext context)
{
    /// <summary>Stops it and removes what was made for it; the disk only if asked.</summary>
    public Task RunAsync(DestroyVmRequest request, CancellationToken cancellationToken = default)
    {
        _ = context;
        throw new NotImplementedException();
    }
}
