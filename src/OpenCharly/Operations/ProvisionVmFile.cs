using OpenCharly.Foundation;

namespace OpenCharly.Operations;

/// <summary>Runs the provisioners of a VMFile again: <c>charly provision</c>.</summary>
/// <param name="context">What it works with.</param>
public sealed class ProvisionVmFile(CharlyContext context)
{
    /// <summary>In the order of the file, each step of each machine; a machine without provisioners is passed over.</summary>
    /// <returns>The steps that were run; <see cref="VmFileRequest.Provisioned"/> gets each as it ends.</returns>
    /// <exception cref="CharlyException">What <see cref="ReadVmFile"/> throws; <see cref="Errors.VmNotFound"/>, <see cref="Errors.VmNotRunning"/>,
    /// <see cref="Errors.VmState"/> for a machine without a network, <see cref="Errors.ProvisionFailed"/>.</exception>
    public async Task<IReadOnlyList<ProvisionResult>> RunAsync(VmFileRequest request, CancellationToken cancellationToken = default)
    {
        var results = new List<ProvisionResult>();
        var own = request with
        {
            NoProvision = false,
            Provisioned = result =>
            {
                results.Add(result);
                request.Provisioned?.Invoke(result);
            },
        };
        foreach (var definition in new ReadVmFile(context).Run(request.File).Select(request.Names))
        {
            await new VmFileMachine(new VmServices(context), definition).ProvisionAsync(own, cancellationToken).ConfigureAwait(false);
        }

        return results;
    }

    /// <summary>Tells what <see cref="RunAsync"/> would do to each machine, and refuses what it would refuse before it begins; changes nothing.</summary>
    /// <exception cref="CharlyException">What <see cref="RunAsync"/> throws before it changes anything.</exception>
    public async Task<IReadOnlyList<VmPreview>> PreviewAsync(VmFileRequest request, CancellationToken cancellationToken = default)
    {
        var previews = new List<VmPreview>();
        foreach (var definition in new ReadVmFile(context).Run(request.File).Select(request.Names))
        {
            previews.Add(await new VmFileMachine(new VmServices(context), definition).PreviewProvisionAsync(request, cancellationToken).ConfigureAwait(false));
        }

        return previews;
    }
}
