using OpenCharly.Foundation;
using OpenCharly.Pods;
using OpenCharly.Pods.Engines;
using OpenCharly.Pods.Tunnels;

namespace OpenCharly.Operations;

/// <summary>The units of a configured pod, started and stopped as one: that of its container, with sidecars those of the podman pod and of each sidecar.</summary>
/// <param name="paths">Where quadlets are.</param>
/// <param name="services">The service manager.</param>
internal sealed class PodUnits(PodPaths paths, UserServices services)
{
    /// <summary>Starts the pod and waits until all of its containers run. The unit of a podman pod runs before its containers do.</summary>
    public Task StartAsync(PodKey key, CancellationToken cancellationToken) => ExplainedAsync(key, () => services.StartAsync([LeadOf(key)], cancellationToken), cancellationToken);

    /// <summary>Starts the pod again and waits as <see cref="StartAsync"/> does.</summary>
    public Task RestartAsync(PodKey key, CancellationToken cancellationToken) => ExplainedAsync(key, () => services.RestartAsync(LeadOf(key), cancellationToken), cancellationToken);

    /// <summary>Stops the pod. That a container had to be killed for it is no failure, so none is left on record.</summary>
    public async Task StopAsync(PodKey key, CancellationToken cancellationToken)
    {
        string[] all = [.. Containers(key), .. IsPod(key) ? (string[])[key.PodService] : []];
        await services.StopAsync(LeadOf(key), cancellationToken).ConfigureAwait(false);
        await services.ResetFailedAsync(all, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether it has sidecars.</summary>
    public bool IsPod(PodKey key) => File.Exists(Path.Combine(paths.Quadlets, key.PodFile));

    // A pod whose tunnel can't be opened does not start, and its container has nothing to say about that.
    private async Task ExplainedAsync(PodKey key, Func<Task> lead, CancellationToken cancellationToken)
    {
        try
        {
            await lead().ConfigureAwait(false);
            if (IsPod(key)) await services.StartAsync(Containers(key), cancellationToken).ConfigureAwait(false);
        }
        catch (CharlyException e) when (e.Code == Errors.PodService)
        {
            if (await services.FailedAfterStartAsync(key.Service, cancellationToken).ConfigureAwait(false) is not { } command || !command.StartsWith("tailscale ", StringComparison.Ordinal)) throw;
            throw new CharlyException(
                Errors.PodService, $"{key} does not start, because its tunnel can't be opened: {command} failed", $"{Tailscale.Help}. What tailscale said: journalctl --user -u {key.Service}", target: key.Text, inner: e);
        }
    }

    // The unit that the others follow.
    private string LeadOf(PodKey key) => IsPod(key) ? key.PodService : key.Service;

    private IReadOnlyList<string> Containers(PodKey key) => [key.Service, .. paths.SidecarQuadlets(key).Select(f => Path.GetFileNameWithoutExtension(f) + ".service")];
}
