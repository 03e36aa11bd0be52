using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Pods;
using OpenCharly.Pods.Secrets;
using OpenCharly.Pods.Volumes;

namespace OpenCharly.Operations;

/// <summary>Starts a pod; one that is not configured is configured first, if there is an entry or an image for it (pod.md §15.2).</summary>
/// <param name="context">What it works with.</param>
public sealed class StartPod(CharlyContext context)
{
    private readonly PodLookup _lookup = new(context);

    /// <summary>Starts.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PodNotConfigured"/> and what configuring it can end in;
    /// <see cref="Errors.LeaseHeld"/>, <see cref="Errors.LeaseHolder"/> if it can't have what its entry claims.</exception>
    public async Task<CharlyPod> RunAsync(ConfigurePodRequest request, CancellationToken cancellationToken = default)
    {
        var pod = await _lookup.FindAsync(request, cancellationToken).ConfigureAwait(false);
        await new PodBuild(context).RunAsync(pod, request, cancellationToken).ConfigureAwait(false);
        request = request with { Build = false };
        return await new ExclusiveClaims(context).HoldAsync(pod, () => StartAsync(pod, request, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private async Task<CharlyPod> StartAsync(FoundPod pod, ConfigurePodRequest request, CancellationToken cancellationToken)
    {
        if (!_lookup.IsConfigured(pod.Key))
        {
            var made = await new ConfigurePod(context).RunAsync(request, cancellationToken).ConfigureAwait(false);
            if (made.Mode == "direct") return await new GetPods(context).OneAsync(pod.Key, cancellationToken).ConfigureAwait(false);
        }

        if (_lookup.IsDirect(pod.Key))
        {
            var prepared = await new PodPreparation(context).RunAsync(request, keepImage: false, cancellationToken).ConfigureAwait(false);
            _lookup.Tell(prepared.Warnings);
            await new DirectPod(context).StartAsync(prepared, cancellationToken).ConfigureAwait(false);
            return await new GetPods(context).OneAsync(pod.Key, cancellationToken).ConfigureAwait(false);
        }

        if (request.Environment.Count > 0 || request.Ports.Count > 0) _lookup.Tell(["-e and -p count in direct mode only; use charly config to keep them"]);
        if (pod.Deployment is { Box: not null })
        {
            var volumes = new PodVolumes(context);
            var (key, locked) = await volumes.FindAsync(pod, cancellationToken).ConfigureAwait(false);
            if (locked.Count > 0) await volumes.Encryption(null).MountAsync(key, locked, cancellationToken).ConfigureAwait(false);
        }

        await _lookup.Units.StartAsync(pod.Key, cancellationToken).ConfigureAwait(false);
        return await new GetPods(context).OneAsync(pod.Key, cancellationToken).ConfigureAwait(false);
    }
}
