using OpenCharly.Foundation;
using OpenCharly.Pods;

namespace OpenCharly.Operations;

/// <summary>Stops pods, and starts them again; quadlet and entry stay (pod.md §15.2).</summary>
/// <param name="context">What it works with.</param>
public sealed class StopPod(CharlyContext context)
{
    private readonly PodLookup _lookup = new(context);

    /// <summary>Stops.</summary>
    /// <param name="request">The pod.</param>
    /// <param name="unmount">Whether encrypted volumes are unmounted, too.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Errors.PodNotConfigured"/>.</exception>
    public async Task<CharlyPod> RunAsync(PodRequest request, bool unmount = false, CancellationToken cancellationToken = default)
    {
        var pod = await _lookup.ExistingAsync(request, cancellationToken).ConfigureAwait(false);
        await StopAsync(pod, cancellationToken).ConfigureAwait(false);
        await new ExclusiveClaims(context).ReleaseAsync(pod.Key, cancellationToken).ConfigureAwait(false);
        if (unmount) await new PodVolumes(context).UnmountAsync(request, null, cancellationToken).ConfigureAwait(false);
        return await new GetPods(context).OneAsync(pod.Key, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Starts again.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PodNotConfigured"/>.</exception>
    public async Task<CharlyPod> RestartAsync(PodRequest request, CancellationToken cancellationToken = default)
    {
        var pod = await _lookup.ExistingAsync(request, cancellationToken).ConfigureAwait(false);
        if (!_lookup.IsDirect(pod.Key))
        {
            return await new ExclusiveClaims(context).HoldAsync(pod, () => RestartUnitAsync(pod.Key, cancellationToken), cancellationToken).ConfigureAwait(false);
        }

        await StopAsync(pod, cancellationToken).ConfigureAwait(false);
        return await new StartPod(context).RunAsync(new ConfigurePodRequest { Name = request.Name, Instance = request.Instance, Autodetect = false }, cancellationToken).ConfigureAwait(false);
    }

    private async Task<CharlyPod> RestartUnitAsync(PodKey key, CancellationToken cancellationToken)
    {
        await _lookup.Units.RestartAsync(key, cancellationToken).ConfigureAwait(false);
        return await new GetPods(context).OneAsync(key, cancellationToken).ConfigureAwait(false);
    }

    internal async Task StopAsync(FoundPod pod, CancellationToken cancellationToken)
    {
        if (_lookup.IsDirect(pod.Key))
        {
            await new DirectPod(context).StopAsync(pod.Key, pod.Deployment?.Engine, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (File.Exists(Path.Combine(_lookup.Paths.Units, pod.Key.TunnelUnit))) await _lookup.Services.StopAsync(pod.Key.TunnelUnit, cancellationToken).ConfigureAwait(false);
        await _lookup.Units.StopAsync(pod.Key, cancellationToken).ConfigureAwait(false);
    }
}
