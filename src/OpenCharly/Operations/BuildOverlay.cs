using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Ledger;
using OpenCharly.Model;
using OpenCharly.Plans;

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

    /// <summary>The engine that the pod chooses for itself; null for the usual one.</summary>
    public string? Engine { get; init; }

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
        var found = await FindAsync(request, isPreview: false, cancellationToken).ConfigureAwait(false);
        if (found.Box is not { } box) return found.Overlay;
        foreach (var warning in box.Warnings) context.Progress.Report(new NoticeEvent(NoticeLevel.Info, warning));
        box.Write([]);
        var builder = new BoxBuilder(found.Engine, context.Paths.BuildLocks, context.Environment.Clock);
        await builder.BuildAsync(box, new ImageBuildOptions(), context.For(request.Key).Progress, cancellationToken).ConfigureAwait(false);
        return found.Overlay with { Image = await new LocalImages(found.Engine).ResolveAsync(box.Reference, cancellationToken: cancellationToken).ConfigureAwait(false), IsBuilt = true };
    }

    /// <summary>What <see cref="RunAsync"/> would find or build, with the labels that the image would have; nothing is built, and no id of an image is known then.</summary>
    /// <exception cref="CharlyException">As that, but for building.</exception>
    internal async Task<OverlayImage> PreviewAsync(BuildOverlayRequest request, CancellationToken cancellationToken) => (await FindAsync(request, isPreview: true, cancellationToken).ConfigureAwait(false)).Overlay;

    // With the image as it is, or as it is to be built.
    private async Task<(ContainerEngine Engine, OverlayImage Overlay, GeneratedBox? Box)> FindAsync(BuildOverlayRequest request, bool isPreview, CancellationToken cancellationToken)
    {
        var engine = new EngineChoice(context.Environment, context.Paths, context.Processes).Run(request.Engine);
        var images = new LocalImages(engine);
        var image = await BaseAsync(engine, request, isPreview, cancellationToken).ConfigureAwait(false);
        string[] references = [.. request.Candies.Distinct(StringComparer.Ordinal)];
        if (references.Length == 0) return (engine, new OverlayImage(image, image.Reference, [], IsBuilt: false), null);
        var project = await new BundleResolver(context).LoadAsync(cancellationToken).ConfigureAwait(false);
        var reference = OverlayGenerator.ReferenceOf(request.Key, image.Reference, references);
        if (!request.Pull && await images.FindAsync(reference, cancellationToken).ConfigureAwait(false) is { } there)
        {
            var labels = BoxLabelReader.Read(reference, there.Labels);
            string[] has = [.. labels.CandyVersions.Keys.Except(image.Labels.CandyVersions.Keys)];
            var order = has.Length < 2 ? has : await OrderAsync(project, references, image, cancellationToken).ConfigureAwait(false);
            return (engine, new OverlayImage(new BoxImage(reference, there.Id, labels, there.Created, there.Size), image.Reference, [.. order.Intersect(has), .. has.Except(order)], IsBuilt: false), null);
        }

        var candies = await CandiesAsync(project, references, image, request.Pull, cancellationToken).ConfigureAwait(false);
        var user = (await images.FindAsync(image.Reference, cancellationToken).ConfigureAwait(false))?.User ?? "";
        var box = new OverlayGenerator(project.Folder).Generate(request.Key, image, user, references, candies, image.Labels.BuildersUsed);
        string[] own = [.. candies.Select(c => c.Name).Where(n => !image.Labels.CandyVersions.ContainsKey(n))];
        return (engine, new OverlayImage(image with { Reference = reference, Id = "", Labels = box.Labels }, image.Reference, own, IsBuilt: false), box);
    }

    // What only the engine that builds has is handed to the one that runs.
    private async Task<BoxImage> BaseAsync(ContainerEngine engine, BuildOverlayRequest request, bool isPreview, CancellationToken cancellationToken)
    {
        try
        {
            return await new LocalImages(engine).ResolveAsync(request.Box, request.Tag, cancellationToken).ConfigureAwait(false);
        }
        catch (CharlyException e) when (e.Code == Errors.ImageNotLocal)
        {
            var handover = new ImageHandover(context, engine);
            var handed = isPreview ? handover.PreviewAsync(request.Box, request.Tag, cancellationToken) : handover.RunAsync(request.Box, request.Tag, cancellationToken);
            if (await handed.ConfigureAwait(false) is { } image) return image;
            throw;
        }
    }

    // An image tells its candies in no order. It can be run also where they are to be had no more.
    private async Task<IReadOnlyList<string>> OrderAsync(Project project, IReadOnlyList<string> references, BoxImage image, CancellationToken cancellationToken)
    {
        try
        {
            return [.. (await CandiesAsync(project, references, image, pull: false, cancellationToken).ConfigureAwait(false)).Select(c => c.Name)];
        }
        catch (CharlyException e)
        {
            context.Progress.Report(new NoticeEvent(NoticeLevel.Debug, $"the order of {string.Join(", ", references)} is not known: {e.Message}"));
            return [];
        }
    }

    /// <summary>Puts on record which overlay a pod runs (pod.md §13); a pod without one has no record.</summary>
    /// <param name="key">Deploy key.</param>
    /// <param name="box">Its box, as the entry names it.</param>
    /// <param name="tag">Its pinned tag.</param>
    /// <param name="candies">References of the candies as given.</param>
    /// <param name="overlay">The overlay; null for none.</param>
    /// <param name="cancellationToken">Ends the wait for the ledger.</param>
    internal async Task RecordAsync(string key, string box, string? tag, IReadOnlyList<string> candies, OverlayImage? overlay, CancellationToken cancellationToken)
    {
        var records = new OverlayRecords(context.Environment.Home);
        if (overlay is null || candies.Count == 0)
        {
            await records.RemoveAsync(key, Wait, cancellationToken).ConfigureAwait(false);
            return;
        }

        var record = new DeployRecord
        {
            SchemaVersion = LedgerJson.SchemaVersion, DeployId = IdOf(box, overlay.Candies, candies), Name = key, Image = box, Tag = tag, Target = OverlayRecords.TargetOf(key),
            Candy = overlay.Candies, AddCandy = candies, Overlay = overlay.Image.Reference, DeployedAt = context.Environment.Clock.GetUtcNow(),
        };

        // What is on record already is nothing new.
        if (records.Find(key) is { } known && IsSame(known, box, tag, candies, overlay)) return;
        await records.PutAsync(record, PlanCompiler.DeployId(key, overlay.Candies, candies), Wait, cancellationToken).ConfigureAwait(false);

        void Wait() => context.Progress.Report(new NoticeEvent(NoticeLevel.Info, "waiting for another run, which holds the ledger of this machine"));
    }

    /// <summary>The id that a pod has, or would get: that of its box and candies, and its own where another pod has it.</summary>
    internal string IdOf(string key, string box, string? tag, IReadOnlyList<string> candies, OverlayImage overlay)
    {
        var all = new OverlayRecords(context.Environment.Home).Read();
        var target = OverlayRecords.TargetOf(key);
        if (candies.Count > 0 && all.FirstOrDefault(r => r.Target == target) is { } known && IsSame(known, box, tag, candies, overlay)) return known.DeployId;
        var id = IdOf(box, overlay.Candies, candies);
        return candies.Count > 0 && all.Any(r => r.DeployId == id && r.Target != target) ? PlanCompiler.DeployId(key, overlay.Candies, candies) : id;
    }

    private static string IdOf(string box, IReadOnlyList<string> own, IReadOnlyList<string> candies) => PlanCompiler.DeployId(ImageName.Parse(box).Name, own, candies);

    private static bool IsSame(DeployRecord known, string box, string? tag, IReadOnlyList<string> candies, OverlayImage overlay) =>
        known.Overlay == overlay.Image.Reference && known.Image == box && known.Tag == tag && known.AddCandy.SequenceEqual(candies);

    /// <summary>Takes the record away.</summary>
    internal Task ForgetAsync(string key, CancellationToken cancellationToken) => RecordAsync(key, "", null, [], null, cancellationToken);

    /// <summary>Removes the overlay of a deployment; one that is not there is no error.</summary>
    /// <param name="reference">Its full reference.</param>
    /// <param name="own">The engine that the pod chooses for itself; null for the usual one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.ImageEngine"/>; <see cref="Errors.ImageReference"/> for an image that is no overlay.</exception>
    public async Task<bool> RemoveAsync(string reference, string? own = null, CancellationToken cancellationToken = default)
    {
        if (!ImageName.Parse(reference).LastSegment.EndsWith("-overlay", StringComparison.Ordinal)) throw new CharlyException(Errors.ImageReference, $"\"{reference}\" is no overlay", "Name an image NAME-overlay:TAG.", target: reference);
        var engine = new EngineChoice(context.Environment, context.Paths, context.Processes).Run(own);
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
