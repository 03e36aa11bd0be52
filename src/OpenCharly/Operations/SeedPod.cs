using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Pods.Secrets;
using OpenCharly.Pods.Volumes;

namespace OpenCharly.Operations;

/// <summary>Copies the files that an image brings into the volumes of a configured pod (pod.md §5.4).</summary>
/// <param name="context">What it works with.</param>
public sealed class SeedPod(CharlyContext context)
{
    /// <summary>Copies.</summary>
    /// <param name="request">The pod.</param>
    /// <param name="mode">When.</param>
    /// <param name="volume">The one volume; all if null.</param>
    /// <param name="dataFrom">Image whose files are taken instead; the pod's own if null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Names of the volumes that got files.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.PodNotConfigured"/>; <see cref="Errors.PodVolume"/> for a volume that the pod lacks.</exception>
    public async Task<IReadOnlyList<string>> RunAsync(PodRequest request, SeedMode mode, string? volume, string? dataFrom, CancellationToken cancellationToken = default)
    {
        var pod = await PrepareAsync(request, volume, cancellationToken).ConfigureAwait(false);
        var store = context.Credentials;
        var encrypted = new EncryptedVolumes(context.Processes, store, context.Environment, new PasswordPrompt(context.Processes, null));
        MountedVolume[] locked = [.. pod.Plan.Volumes.Encrypted];
        var mounted = locked.Length == 0 ? [] : await encrypted.MountAsync(pod.Key, locked, cancellationToken).ConfigureAwait(false);
        try
        {
            return await SeedAsync(context, pod, mode, volume, dataFrom, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await encrypted.UnmountAsync(pod.Key, mounted, CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>Names of the volumes that would get files, as far as it can be told without looking into the engine's.</summary>
    internal async Task<IReadOnlyList<string>> PickAsync(PodRequest request, SeedMode mode, string? volume, string? dataFrom, CancellationToken cancellationToken)
    {
        var pod = await PrepareAsync(request, volume, cancellationToken).ConfigureAwait(false);
        var image = await ImageAsync(pod, dataFrom, cancellationToken).ConfigureAwait(false);
        var warnings = new List<string>();
        var picked = DataSeeding.Pick(image, pod.Plan.Volumes, SeededBefore(pod), mode, volume, warnings).Select(p => p.Volume.Name).Distinct(StringComparer.Ordinal).ToArray();
        new PodLookup(context).Tell(warnings);
        return picked;
    }

    private async Task<PreparedPod> PrepareAsync(PodRequest request, string? volume, CancellationToken cancellationToken)
    {
        await new PodLookup(context).ExistingAsync(request, cancellationToken).ConfigureAwait(false);
        var pod = await new PodPreparation(context).RunAsync(new ConfigurePodRequest { Name = request.Name, Instance = request.Instance, Autodetect = false }, keepImage: true, cancellationToken).ConfigureAwait(false);
        return volume is null || pod.Plan.Volumes.Mounts.Any(m => m.Name == volume) ? pod : throw new CharlyException(
            Errors.PodVolume, $"{pod.Key} has no volume \"{volume}\"", Nearest.Suggest(volume, pod.Plan.Volumes.Mounts.Select(m => m.Name), "Look at: charly status " + pod.Key), target: volume);
    }

    private static async Task<BoxImage> ImageAsync(PreparedPod pod, string? dataFrom, CancellationToken cancellationToken) =>
        dataFrom is null ? pod.Image : await new LocalImages(pod.Engine).ResolveAsync(dataFrom, null, cancellationToken).ConfigureAwait(false);

    private static HashSet<string> SeededBefore(PreparedPod pod) => pod.Entry.Volumes.Where(v => v.DataSeeded).Select(v => v.Name).ToHashSet(StringComparer.Ordinal);

    internal static async Task<IReadOnlyList<string>> SeedAsync(CharlyContext context, PreparedPod pod, SeedMode mode, string? only, string? dataFrom, CancellationToken cancellationToken)
    {
        var image = await ImageAsync(pod, dataFrom, cancellationToken).ConfigureAwait(false);
        if (image.Labels.Data.Count == 0) return [];
        var warnings = new List<string>();
        var seeded = await new DataSeeding(pod.Engine, context.Environment.IsRoot, context.Processes).RunAsync(image, pod.Plan.Volumes, SeededBefore(pod), mode, only, warnings, cancellationToken).ConfigureAwait(false);
        new PodLookup(context).Tell(warnings);
        await new PodRecorder(context).SeededAsync(pod.Key, pod.Entry.Volumes, seeded, image.Reference, cancellationToken).ConfigureAwait(false);
        return seeded;
    }
}
