using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Pods;

namespace OpenCharly.Operations;

/// <summary>Finds the local image that a pod runs (pod.md §3).</summary>
internal sealed class PodImageChoice(CharlyContext context)
{
    private readonly PodLookup _lookup = new(context);

    /// <summary>The image of an entry, with its own candies if they were built into one; brought from the engine that builds if it is only there.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.ImageNotLocal"/>; <see cref="Errors.PodNotConfigured"/> without an entry.</exception>
    public async Task<BoxImage> FindAsync(FoundPod found, PodEntry entry, ContainerEngine engine, ConfigurePodRequest request, bool keepImage, CancellationToken cancellationToken)
    {
        if (request.Image is { } known) return known;
        var images = new LocalImages(engine);
        var quadlet = _lookup.Paths.Quadlet(entry.Key);
        if (keepImage && File.Exists(quadlet) && (await File.ReadAllLinesAsync(quadlet, cancellationToken).ConfigureAwait(false)).FirstOrDefault(l => l.StartsWith("Image=", StringComparison.Ordinal)) is { } line)
        {
            return await images.ResolveAsync(line["Image=".Length..], null, cancellationToken).ConfigureAwait(false);
        }

        try
        {
            var image = await images.ResolveAsync(entry.Box, request.Tag ?? entry.Tag, cancellationToken).ConfigureAwait(false);
            return await OverlayOfAsync(found, images, image, cancellationToken).ConfigureAwait(false);
        }
        catch (CharlyException e) when (e.Code == Errors.ImageNotLocal)
        {
            var handover = new ImageHandover(context, engine);
            var handed = request is { DryRun: true, IsRehearsal: false }
                ? handover.PreviewAsync(entry.Box, request.Tag ?? entry.Tag, cancellationToken)
                : handover.RunAsync(entry.Box, request.Tag ?? entry.Tag, cancellationToken);
            if (await handed.ConfigureAwait(false) is { } there) return there;
            throw found.Deployment is null
                ? new CharlyException(
                    Errors.PodNotConfigured, $"there is no deployment \"{entry.Key}\", and no local image of a box \"{entry.Box}\"",
                    Nearest.Suggest(entry.Key.Text, FoundPod.Pods(found.Project).Select(d => d.Key), $"Run: charly box build {entry.Box}, or charly box pull REF"), target: entry.Key.Text, inner: e)
                : e.At(found.Deployment.At("box"));
        }
    }

    // The image with the entry's own candies, if bundle add has built it for this base and these candies (pod.md §13).
    private async Task<BoxImage> OverlayOfAsync(FoundPod found, LocalImages images, BoxImage image, CancellationToken cancellationToken)
    {
        if (found.Deployment is not { AddCandies.Count: > 0 } deployment) return image;
        var reference = OverlayGenerator.ReferenceOf(found.Key.Text, image.Reference, deployment.AddCandies);
        if (await images.FindAsync(reference, cancellationToken).ConfigureAwait(false) is not null) return await images.ResolveAsync(reference, null, cancellationToken).ConfigureAwait(false);
        _lookup.Tell([$"the candies of {found.Key} are not in its image: build it with charly bundle add {found.Key}"]);
        return image;
    }
}
