using OpenCharly.Foundation;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>Brings up the machines of a VMFile: <c>charly up</c>.</summary>
/// <param name="context">What it works with.</param>
public sealed class StartVmFile(CharlyContext context)
{
    /// <summary>
    /// In the order of the file: what runs is left alone, what is suspended continues, what is off is started and provisioned, what
    /// is not there is made first. The first failure ends it; the machines before it stay up.
    /// </summary>
    /// <exception cref="CharlyException">What <see cref="ReadVmFile"/> throws; <see cref="Errors.VmNotFound"/> for a name that is not in the file;
    /// <see cref="Errors.ProvisionFailed"/>; what making, booting and waiting for a machine throw.</exception>
    public async Task<IReadOnlyList<CharlyVm>> RunAsync(VmFileRequest request, CancellationToken cancellationToken = default)
    {
        var result = new List<CharlyVm>();
        foreach (var definition in new ReadVmFile(context).Run(request.File).Select(request.Names))
        {
            result.Add(await new VmFileMachine(new VmServices(context), definition).UpAsync(request, cancellationToken).ConfigureAwait(false));
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
            previews.Add(await new VmFileMachine(new VmServices(context), definition).PreviewUpAsync(request, anew: false, cancellationToken).ConfigureAwait(false));
        }

        return previews;
    }
}
