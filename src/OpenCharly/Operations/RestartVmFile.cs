using OpenCharly.Foundation;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>Makes the machines of a VMFile anew: <c>charly reload</c>.</summary>
/// <param name="context">What it works with.</param>
public sealed class RestartVmFile(CharlyContext context)
{
    /// <summary>In the order of the file: removes each machine with its disk, makes it as the file says by now, boots and provisions it.</summary>
    /// <exception cref="CharlyException">As for <see cref="StartVmFile"/>.</exception>
    public async Task<IReadOnlyList<CharlyVm>> RunAsync(VmFileRequest request, CancellationToken cancellationToken = default)
    {
        var result = new List<CharlyVm>();
        foreach (var definition in new ReadVmFile(context).Run(request.File).Select(request.Names))
        {
            result.Add(await new VmFileMachine(new VmServices(context), definition).ReloadAsync(request, cancellationToken).ConfigureAwait(false));
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
            previews.Add(await new VmFileMachine(new VmServices(context), definition).PreviewUpAsync(request, anew: true, cancellationToken).ConfigureAwait(false));
        }

        return previews;
    }
}
