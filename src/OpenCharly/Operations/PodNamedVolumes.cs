using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Pods;
using OpenCharly.Pods.Volumes;

namespace OpenCharly.Operations;

/// <summary>Lists the volumes of a pod, and empties those that the engine keeps (pod.md §15.5).</summary>
/// <param name="context">What it works with.</param>
public sealed class PodNamedVolumes(CharlyContext context)
{
    private readonly PodLookup _lookup = new(context);

    /// <summary>All volumes of a pod.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PodNotFound"/>, and what reading entry and image can end in.</exception>
    public async Task<IReadOnlyList<MountedVolume>> ListAsync(PodRequest request, CancellationToken cancellationToken = default) => (await FindAsync(request, cancellationToken).ConfigureAwait(false)).Volumes;

    /// <summary>Removes a volume of the engine's; the next start makes it anew, and configuring fills it again.</summary>
    /// <param name="request">The pod, which must not run.</param>
    /// <param name="volume">Name of the volume.</param>
    /// <param name="dryRun">Only say what would be removed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Name of the engine's volume; null if it is not there.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.PodRunning"/>; <see cref="Errors.PodVolume"/> for one that the pod lacks or that is a folder of this machine.</exception>
    public async Task<string?> ResetAsync(PodRequest request, string volume, bool dryRun = false, CancellationToken cancellationToken = default)
    {
        var (pod, entry, engine, volumes) = await FindAsync(request, cancellationToken).ConfigureAwait(false);
        var found = volumes.FirstOrDefault(v => v.Name == volume) ?? throw new CharlyException(
            Errors.PodVolume, $"{pod.Key} has no volume \"{volume}\"", Nearest.Suggest(volume, volumes.Select(v => v.Name), $"Look at: charly volume list {pod.Key.Arguments}"), target: volume);
        if (found.IsBind) throw new CharlyException(Errors.PodVolume, $"the volume \"{volume}\" of {pod.Key} is the folder {found.Source} of this machine, which is left to you", "Only volumes that the engine keeps are reset.", target: volume);
        var status = (await new GetPods(context).OneAsync(pod.Key, cancellationToken).ConfigureAwait(false)).Status;
        if (status is PodStatus.Running or PodStatus.Paused) throw new CharlyException(Errors.PodRunning, $"{pod.Key} runs, and uses the volume \"{volume}\"", $"Stop it first: charly stop {pod.Key.Arguments}", target: pod.Key.Text);
        var there = (await engine.RunAsync(["volume", "inspect", found.Source], cancellationToken).ConfigureAwait(false)).Succeeded;
        if (dryRun) return there ? found.Source : null;
        if (there)
        {
            // A container that is stopped in direct mode still holds it.
            if (_lookup.IsDirect(pod.Key)) await new DirectPod(context).RemoveAsync(engine, pod.Key, cancellationToken).ConfigureAwait(false);
            var removed = await engine.RunAsync(["volume", "rm", found.Source], cancellationToken).ConfigureAwait(false);
            if (!removed.Succeeded) throw engine.Refused($"remove the volume {found.Source}", removed);
        }

        await new PodRecorder(context).EmptiedAsync(pod.Key, entry.Volumes, volume, cancellationToken).ConfigureAwait(false);
        return there ? found.Source : null;
    }

    private async Task<(FoundPod Pod, PodEntry Entry, ContainerEngine Engine, IReadOnlyList<MountedVolume> Volumes)> FindAsync(PodRequest request, CancellationToken cancellationToken)
    {
        var pod = await _lookup.FindAsync(request, cancellationToken).ConfigureAwait(false);
        if (pod.Deployment is not { } deployment) throw PodLookup.NotConfigured(pod);
        var entry = pod.Read(deployment);
        var engine = _lookup.Engine(entry.Engine);
        var image = await new LocalImages(engine).ResolveAsync(entry.Box, entry.Tag, cancellationToken).ConfigureAwait(false);
        return (pod, entry, engine, PodCompiler.Volumes(entry, image.Labels, _lookup.Settings, context.Environment).Mounts);
    }
}
