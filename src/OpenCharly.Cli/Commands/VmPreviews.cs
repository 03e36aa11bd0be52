using OpenCharly.Cli.Output;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary>What <c>--dry-run</c> prints.</summary>
internal static class VmPreviews
{
    public static async Task<int> PrintAsync(Invocation run, PreviewVmRequest request, CancellationToken cancellationToken)
    {
        run.Print(await new PreviewVm(run.Context).RunAsync(request, cancellationToken).ConfigureAwait(false), VmSnapshotText.Preview, VmJson.Write);
        return 0;
    }
}
