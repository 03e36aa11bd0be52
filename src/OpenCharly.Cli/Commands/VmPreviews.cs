using OpenCharly.Cli.Output;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary>What <c>--dry-run</c> prints.</summary>
internal static class VmPreviews
{
    public static Task<int> PrintAsync(Invocation run, PreviewVmRequest request, CancellationToken cancellationToken) =>
        PrintAsync(run, new PreviewVm(run.Context).RunAsync(request, cancellationToken));

    public static async Task<int> PrintAsync(Invocation run, Task<VmPreview> preview)
    {
        run.Print(await preview.ConfigureAwait(false), VmSnapshotText.Preview, VmJson.Write);
        return 0;
    }
}
