using OpenCharly.Boxes;
using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Operations;

/// <summary>Hands images from the engine that builds to the one that runs, where these are two (pod.md §3.3).</summary>
/// <param name="context">What it works with.</param>
/// <param name="to">The engine that runs.</param>
internal sealed class ImageHandover(CharlyContext context, ContainerEngine to)
{
    /// <summary>Hands an image over.</summary>
    /// <param name="box">Box or full reference.</param>
    /// <param name="tag">Tag that it must have; any if null.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The image in the engine that runs; null if that one builds, too.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.ImageNotLocal"/> if neither has it; <see cref="Errors.ImageEngine"/> with what both programs said.</exception>
    public async Task<BoxImage?> RunAsync(string box, string? tag, CancellationToken cancellationToken)
    {
        if (Builder() is not { } from) return null;
        var image = await new LocalImages(from).ResolveAsync(box, tag, cancellationToken).ConfigureAwait(false);
        await CopyAsync(from, image.Reference, cancellationToken).ConfigureAwait(false);
        return await new LocalImages(to).ResolveAsync(image.Reference, null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The image that <see cref="RunAsync"/> would hand over, as the engine that builds has it; nothing is handed over.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.ImageNotLocal"/> if neither has it.</exception>
    public async Task<BoxImage?> PreviewAsync(string box, string? tag, CancellationToken cancellationToken) =>
        Builder() is { } from ? await new LocalImages(from).ResolveAsync(box, tag, cancellationToken).ConfigureAwait(false) : null;

    /// <summary>Hands an image over once more if the engine that builds has another one by that name now.</summary>
    /// <param name="box">Box or full reference.</param>
    /// <param name="tag">Tag that it must have; any if null.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="CharlyException"><see cref="Errors.ImageEngine"/> with what both programs said.</exception>
    public async Task RepeatAsync(string box, string? tag, CancellationToken cancellationToken)
    {
        if (Builder() is not { } from) return;
        BoxImage image;
        try
        {
            image = await new LocalImages(from).ResolveAsync(box, tag, cancellationToken).ConfigureAwait(false);
        }
        catch (CharlyException e) when (e.Code == Errors.ImageNotLocal)
        {
            // It was pulled where it runs, or built there.
            return;
        }

        if ((await new LocalImages(to).FindAsync(image.Reference, cancellationToken).ConfigureAwait(false))?.Id != image.Id) await CopyAsync(from, image.Reference, cancellationToken).ConfigureAwait(false);
    }

    private ContainerEngine? Builder() => new EngineChoice(context.Environment, context.Paths, context.Processes).Build() is { IsInstalled: true } builder && builder.Name != to.Name ? builder : null;

    private async Task CopyAsync(ContainerEngine from, string reference, CancellationToken cancellationToken)
    {
        context.Progress.Report(new NoticeEvent(NoticeLevel.Info, $"handing {reference} from {from.Name} to {to.Name}"));
        var result = await context.Processes.RunAsync(
            new ProcessRequest("bash", "-o", "pipefail", "-c", $"{Shell.Join([from.Name, "save", reference])} | {Shell.Join([to.Name, "load"])}"), cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded) throw to.Refused($"take {reference} from {from.Name}", result);
    }
}
