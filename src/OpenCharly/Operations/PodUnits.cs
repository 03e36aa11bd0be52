using OpenCharly.Pods;
using OpenCharly.Pods.Engines;

namespace OpenCharly.Operations;

/// <summary>The units of a configured pod, started and stopped as one: that of its container, with sidecars those of the podman pod and of each sidecar.</summary>
/// <param name="paths">Where quadlets are.</param>
/// <param name="services">The service manager.</param>
internal sealed class PodUnits(PodPaths paths, UserServices services)
{
    /// <summary>Starts the pod and waits until all of its containers run. The unit of a podman pod runs before its containers do.</summary>
    public async Task StartAsync(PodKey key, CancellationToken cancellationToken)
    {
        await services.StartAsync([LeadOf(key)], cancellationToken).ConfigureAwait(false);
        if (IsPod(key)) await services.StartAsync(Containers(key), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Starts the pod again and waits as <see cref="StartAsync"/> does.</summary>
    public async Task RestartAsync(PodKey key, CancellationToken cancellationToken)
    {
        await services.RestartAsync(LeadOf(key), cancellationToken).ConfigureAwait(false);
        if (IsPod(key)) await services.StartAsync(Containers(key), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops the pod. That a container had to be killed for it is no failure, so none is left on record.</summary>
    public async Task StopAsync(PodKey key, CancellationToken cancellationToken)
    {
        string[] all = [.. Containers(key), .. IsPod(key) ? (string[])[key.PodService] : []];
        await services.StopAsync(LeadOf(key), cancellationToken).ConfigureAwait(false);
        await services.ResetFailedAsync(all, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether it has sidecars.</summary>
    public bool IsPod(PodKey key) => File.Exists(Path.Combine(paths.Quadlets, key.PodFile));

    // The unit that the others follow.
    private string LeadOf(PodKey key) => IsPod(key) ? key.PodService : key.Service;

    private IReadOnlyList<string> Containers(PodKey key) => [key.Service, .. paths.SidecarQuadlets(key).Select(f => Path.GetFileNameWithoutExtension(f) + ".service")];
}
