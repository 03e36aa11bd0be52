using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Operations;

/// <summary>What <c>BuildOverlay</c> works from.</summary>
public sealed record BuildOverlayRequest
{
    /// <summary>Deploy key, which names the image.</summary>
    public required string Key { get; init; }

    /// <summary>Base: full reference, or name of a box, of an image in local storage.</summary>
    public required string Box { get; init; }

    /// <summary>Tag of the base; the newest if null.</summary>
    public string? Tag { get; init; }

    /// <summary>References of candies: the entry's, then those of the command line.</summary>
    public IReadOnlyList<string> Candies { get; init; } = [];

    /// <summary>Fetch remote candies anew, and build even if the image is there.</summary>
    public bool Pull { get; init; }
}

/// <summary>An overlay image.</summary>
/// <param name="Image">The image with what it says of itself; the base itself if there is nothing to add.</param>
/// <param name="Base">Full reference of its base.</param>
/// <param name="Candies">Candies that it adds, in order.</param>
/// <param name="IsBuilt">Whether it was built now; false if it was there.</param>
public sealed record OverlayImage(BoxImage Image, string Base, IReadOnlyList<string> Candies, bool IsBuilt);

/// <summary>Makes the thin image that <c>add_candy</c> of a pod deploys (pod.md §13): same base and candies, same tag, no second build.</summary>
/// <param name="context">What it works with.</param>
public sealed class BuildOverlay(CharlyContext context)
{
    /// <summary>Finds or builds it.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.ImageNotLocal"/> for the base, one of the <c>REF…</c> and <c>CND…</c> codes for
    /// a candy, <see cref="Errors.ImageBuild"/>.</exception>
    public async Task<OverlayImage> RunAsync(BuildOverlayRequest request, CancellationToken cancellationToken = default)
    {
        var engine = new EngineChoice(context.Environment, context.Paths, context.Processes).Run();
        var images = new LocalImages(engine);
        var image = await images.ResolveAsync(request.Box, request.Tag, cancellationToken).ConfigureAwait(false);
        string[] references = [.. request.Candies.Distinct(StringComparer.Ordinal)];
        if (references.Length == 0) return new OverlayImage(image, image.Reference, [], IsBuilt: false);
        var reference = OverlayGenerator.ReferenceOf(request.Key, image.Reference, references);
        if (!request.Pull && await images.FindAsync(reference, cancellationToken).ConfigureAwait(false) is { } there)
        {
            var labels = BoxLabelReader.Read(reference, there.Labels);
            return new OverlayImage(new BoxImage(reference, there.Id, labels, there.Created, there.Size), image.Reference, [.. labels.CandyVersions.Keys.Except(image.Labels.CandyVersions.Keys)], IsBuilt: false);
        }

        var project = await new BundleResolver(context).LoadAsync(cancellationToken).ConfigureAwait(false);
        var candies = await CandiesAsync(project, references, image, request.Pull, cancellationToken).ConfigureAwait(false);
        var user = (await images.FindAsync(image.Reference, cancellationToken).ConfigureAwait(false))?.User ?? "";
        var box = new OverlayGenerator(project.Folder).Generate(request.Key, image, user, references, candies, image.Labels.BuildersUsed);
        foreach (var warning in box.Warnings) context.Progress.Report(new NoticeEvent(NoticeLevel.Info, warning));
        box.Write([]);
        var builder = new BoxBuilder(engine, context.Paths.BuildLocks, context.Environment.Clock);
        await builder.BuildAsync(box, new ImageBuildOptions(), context.For(request.Key).Progress, cancellationToken).ConfigureAwait(false);
        return new OverlayImage(
            await images.ResolveAsync(reference, cancellationToken: cancellationToken).ConfigureAwait(false), image.Reference,
            [.. candies.Select(c => c.Name).Where(n => !image.Labels.CandyVersions.ContainsKey(n))], IsBuilt: true);
    }

    /// <summary>Removes the overlay of a deployment; one that is not there is no error.</summary>
    /// <param name="reference">Its full reference.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.ImageEngine"/>; <see cref="Errors.ImageReference"/> for an image that is no overlay.</exception>
    public async Task<bool> RemoveAsync(string reference, CancellationToken cancellationToken = default)
    {
        if (!ImageName.Parse(reference).LastSegment.EndsWith("-overlay", StringComparison.Ordinal)) throw new CharlyException(Errors.ImageReference, $"\"{reference}\" is no overlay", "Name an image NAME-overlay:TAG.", target: reference);
        var engine = new EngineChoice(context.Environment, context.Paths, context.Processes).Run();
        if (await new LocalImages(engine).FindAsync(reference, cancellationToken).ConfigureAwait(false) is null) return false;
        await new ImageBuilder(engine).RemoveAsync(reference, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async Task<IReadOnlyList<Candy>> CandiesAsync(Project project, IReadOnlyList<string> references, BoxImage image, bool pull, CancellationToken cancellationToken)
    {
        var resolver = new ReferenceResolver(context.Environment, new ProjectLoader(context.Environment, context.Paths, context.Processes));
        var roots = new List<Candy>();
        foreach (var reference in references)
        {
            var found = await resolver.ResolveAsync(project, reference, RefPrefer.Candy, pull, baseFolder: project.Folder, cancellationToken: cancellationToken).ConfigureAwait(false);
            roots.Add(((ResolvedCandy)found).Candy);
        }

        return await CandyGraph.OrderAsync(
            roots, (member, from, token) => resolver.ResolveMemberAsync(project, from, member, pull, token),
            new CandyGraphOptions { IsSystemd = image.Labels.Init == "systemd" }, cancellationToken: cancellationToken).ConfigureAwait(false);
    }
}
