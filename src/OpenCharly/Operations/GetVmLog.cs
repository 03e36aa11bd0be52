namespace OpenCharly.Operations;

/// <summary>Reads the logs of a virtual machine.</summary>
/// <param name="context">What it works with.</param>
public sealed class GetVmLog(CharlyContext context)
{
    /// <summary>Lines in order; a missing log is a line that says so.</summary>
    public IAsyncEnumerable<VmLogLine> RunAsync(VmLogRequest request, CancellationToken cancellationToken = default)
    {
        _ = context;
        throw new NotImplementedException();
    }
}
