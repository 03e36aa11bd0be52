namespace OpenCharly.Operations;

/// <summary>Describes the interactive ssh session into a virtual machine.</summary>
/// <param name="context">What it works with.</param>
public sealed class EnterVm(CharlyContext context)
{
    /// <summary>The program and arguments that a face runs on its terminal.</summary>
    public Task<InteractiveCommand> RunAsync(EnterVmRequest request, CancellationToken cancellationToken = default)
    {
        _ = context;
        throw new NotImplementedException();
    }
}
