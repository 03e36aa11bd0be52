using OpenCharly.Foundation;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>Brings down the machines of a VMFile: <c>charly down</c>.</summary>
/// <param name="context">What it works with.</param>
public sealed class StopVmFile(CharlyContext context)
{
    /// <summary>In the order of the file: shuts down within 30 seconds, or removes with all files. What is not there is passed over.</summary>
    /// <returns>The machines that there still are.</returns>
    /// <exception cref="CharlyException">What <see cref="ReadVmFile"/> throws; <see cref="Errors.VmNotFound"/> for a name that is not in the file;
    /// <see cref="Errors.VmStop"/>.</exception>
    public async Task<IReadOnlyList<CharlyVm>> RunAsync(VmFileRequest request, CancellationToken cancellationToken = default)
    {
        var result = new List<CharlyVm>();
        foreach (var definition in new ReadVmFile(context).Run(request.File).Select(request.Names))
        {
            var vm = await new VmFileMachine(new VmServices(context), definition).DownAsync(request.Destroy, cancellationToken).ConfigureAwait(false);
            if (vm is not null) result.Add(vm);
        }

        return result;
    }

    /// <summary>Tells what <see cref="RunAsync"/> would do to each machine, and refuses what it would refuse before it begins; changes nothing.</summary>
    /// <exception cref="CharlyException">What <see cref="RunAsync"/> throws before it changes anything.</exception>
    public async Task<IReadOnlyList<VmPreview>> PreviewAsync(VmFileRequest request, CancellationToken cancellationToken = default)
    {
        var previews = new List<VmPreview>();
        foreach (var definition in new ReadVmFile(context).Run(request.File).Select(request.Names))
        {
            previews.Add(await new VmFileMachine(new VmServices(context), definition).PreviewDownAsync(request.Destroy, cancellationToken).ConfigureAwait(false));
        }

        return previews;
    }
}
