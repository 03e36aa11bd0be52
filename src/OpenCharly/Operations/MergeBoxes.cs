using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Yaml;

namespace OpenCharly.Operations;

/// <summary>What <c>MergeBoxes</c> works from.</summary>
public sealed record MergeBoxesRequest
{
    /// <summary>Names of boxes of the project.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>Tag of their images; the newest of each if null.</summary>
    public string? Tag { get; init; }

    /// <summary>Layers above this many MB stay as they are; what the box says, else 128, if null.</summary>
    public int? MaxMegabytes { get; init; }

    /// <summary>Most MB that a merged layer may hold; what the box says, else no limit, if null.</summary>
    public int? MaxTotalMegabytes { get; init; }

    /// <summary>Only say what would be merged.</summary>
    public bool DryRun { get; init; }
}

/// <summary>An image whose layers were merged.</summary>
/// <param name="Name">The box.</param>
/// <param name="Reference">Full reference of its image.</param>
/// <param name="LayersBefore">Number of its layers before.</param>
/// <param name="Layers">Number of its layers now.</param>
/// <param name="SizeBefore">Bytes of its layers before.</param>
/// <param name="Size">Bytes of its layers now.</param>
/// <param name="IsDryRun">Whether nothing was changed; the size is then what it was.</param>
public sealed record MergedBox(string Name, string Reference, int LayersBefore, int Layers, long SizeBefore, long Size, bool IsDryRun);

/// <summary>Merges the small layers of images of boxes (candy-and-plan.md §8.4). Layers of the image below stay, for others share them.</summary>
/// <param name="context">What it works with.</param>
public sealed class MergeBoxes(CharlyContext context)
{
    /// <summary>Merges them.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.RefNotFound"/>, <see cref="Errors.ImageNotLocal"/>, <see cref="Errors.ImageEngine"/>,
    /// <see cref="Errors.Usage"/>. An image is then as it was.</exception>
    public async Task<IReadOnlyList<MergedBox>> RunAsync(MergeBoxesRequest request, CancellationToken cancellationToken = default)
    {
        if (request.MaxMegabytes is < 1 || request.MaxTotalMegabytes is < 1) throw new CharlyException(Errors.Usage, "a layer can't have less than 1 MB", "Use --max-mb and --max-total-mb with 1 or more.");
        var engine = new EngineChoice(context.Environment, context.Paths, context.Processes).Build();
        if (!engine.IsPodman) throw new CharlyException(Errors.Usage, $"{engine.Name} can't write out an image in layers that are not compressed", "Use podman: charly settings set engine.build podman");
        var project = await BoxProject.LoadAsync(context, cancellationToken).ConfigureAwait(false);
        var images = new LocalImages(engine);
        var done = new List<MergedBox>();
        foreach (var name in request.Names.Distinct(StringComparer.Ordinal))
        {
            var plan = (await project.Planner(null).PlanAsync([name], includeDisabled: true, cancellationToken).ConfigureAwait(false))[^1];
            var image = await images.ResolveAsync(name, request.Tag, cancellationToken).ConfigureAwait(false);
            var below = plan.BaseReference.Length == 0 ? null : plan.Bases.Count > 0
                ? (await images.ListAsync(cancellationToken).ConfigureAwait(false)).Where(i => i.IsBox && ImageRanking.BoxOf(i) == plan.Bases[0].Name).SelectMany(i => i.References).ToList()
                : [plan.BaseReference];
            done.Add(await MergeAsync(engine, name, image.Reference, below ?? [], LimitsOf(request, plan.Box), request.DryRun, cancellationToken).ConfigureAwait(false));
        }

        return done;
    }

    /// <summary>Merges the layers of an image that was just built, if its box asks for that.</summary>
    internal static bool IsAutomatic(Box box) => Fields(box) is { } fields && (fields.Boolean("auto") ?? false);

    /// <summary>The limits of a box.</summary>
    internal static MergeLimits LimitsOf(MergeBoxesRequest request, Box box)
    {
        var fields = Fields(box);
        return MergeLimits.OfMegabytes(request.MaxMegabytes ?? Positive("max_mb") ?? 128, request.MaxTotalMegabytes ?? Positive("max_total_mb"));

        int? Positive(string key) => fields?.Integer(key) is not { } number ? null : number > 0 ? number : throw new CharlyException(
            Errors.BoxDefaults, $"box \"{box.Name}\": merge.{key} is {number}", "Use 1 or more MB.", fields.At(key), box.Name);
    }

    /// <summary>Merges the layers of one image.</summary>
    /// <param name="engine">Its engine.</param>
    /// <param name="name">The box.</param>
    /// <param name="reference">Full reference of the image.</param>
    /// <param name="below">References that the image below may have.</param>
    /// <param name="limits">Which layers are small.</param>
    /// <param name="dryRun">Only say what would be merged.</param>
    /// <param name="cancellationToken">Gives up.</param>
    internal async Task<MergedBox> MergeAsync(ContainerEngine engine, string name, string reference, IReadOnlyList<string> below, MergeLimits limits, bool dryRun, CancellationToken cancellationToken)
    {
        var mine = await DiffIdsAsync(engine, reference, cancellationToken).ConfigureAwait(false) ?? throw LocalImages.NotLocal(reference);
        var shared = 0;
        foreach (var candidate in below)
        {
            if (await DiffIdsAsync(engine, candidate, cancellationToken).ConfigureAwait(false) is { } theirs && theirs.Count < mine.Count && theirs.SequenceEqual(mine.Take(theirs.Count))) shared = Math.Max(shared, theirs.Count);
        }

        var folder = Path.Combine(context.Paths.Cache, "box-merge", Guid.NewGuid().ToString("N"));
        AtomicFile.EnsureFolder(folder, isPrivate: true);
        try
        {
            await MustAsync(engine, $"write out {reference}", ["push", "--quiet", reference, "dir:" + folder], cancellationToken).ConfigureAwait(false);
            var image = ImageFolder.Read(folder);
            var (before, sizeBefore) = (image.Layers.Count, image.Layers.Sum(l => l.Size));
            var groups = limits.Groups([.. image.Layers.Select(l => l.Size)], shared);
            var after = before - groups.Sum(g => g.End.Value - g.Start.Value - 1);
            if (dryRun || groups.Count == 0) return new MergedBox(name, reference, before, after, sizeBefore, sizeBefore, dryRun);
            image.Merge(groups);
            await LoadAsync(engine, folder, reference, cancellationToken).ConfigureAwait(false);
            return new MergedBox(name, reference, before, image.Layers.Count, sizeBefore, image.Layers.Sum(l => l.Size), false);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // What comes from a folder is called by it; only the name that the image had is to stay.
    private static async Task LoadAsync(ContainerEngine engine, string folder, string reference, CancellationToken cancellationToken)
    {
        var pulled = await MustAsync(engine, $"take back {reference}", ["pull", "--quiet", "dir:" + folder], cancellationToken).ConfigureAwait(false);
        var id = pulled.StandardOutput.Trim().Split('\n')[^1].Trim();
        await MustAsync(engine, $"name {reference}", ["tag", id, reference], cancellationToken).ConfigureAwait(false);
        var found = EngineJson.Images((await MustAsync(engine, $"inspect {reference}", ["image", "inspect", id], cancellationToken).ConfigureAwait(false)).StandardOutput)[0];
        foreach (var other in found.References.Where(r => r.Contains(Path.GetFileName(folder), StringComparison.OrdinalIgnoreCase))) await MustAsync(engine, $"forget {other}", ["untag", id, other], cancellationToken).ConfigureAwait(false);
    }

    private static async Task<Execution.CommandResult> MustAsync(ContainerEngine engine, string what, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var result = await engine.RunAsync(arguments, cancellationToken).ConfigureAwait(false);
        return result.Succeeded ? result : throw engine.Refused(what, result);
    }

    private static async Task<IReadOnlyList<string>?> DiffIdsAsync(ContainerEngine engine, string reference, CancellationToken cancellationToken)
    {
        var told = await engine.RunAsync(["image", "inspect", "--format", "{{range .RootFS.Layers}}{{println .}}{{end}}", reference], cancellationToken).ConfigureAwait(false);
        return told.Succeeded ? told.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) : null;
    }

    private static YamlBinder? Fields(Box box) => box.Body["merge"] is YamlMapping map ? new YamlBinder(map, $"box \"{box.Name}\" merge", []) : null;
}
