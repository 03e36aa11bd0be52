using OpenCharly.Execution;

namespace OpenCharly.Operations;

/// <summary>Runs a command in a virtual machine over ssh.</summary>
/// <param name="context">What it works with.</param>
public sealed class RunInVm(CharlyContext context)
{
    /// <summary>Runs it; its exit code is a result, not an error.</summary>
    public Task<CommandResult> RunAsync(RunInVmRequest request, CancellationToken cancellationToken = default)
    {
        _ = context;
        throw new NotImplementedException();
    }
}
