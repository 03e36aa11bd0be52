using System.Collections.Concurrent;
using System.Diagnostics;
using OpenCharly.Boxes;
using OpenCharly.Foundation;

namespace OpenCharly.Operations;

/// <summary>What <c>BuildBoxes</c> works from; unset fields leave what <c>defaults:</c> says.</summary>
public sealed record BuildBoxesRequest
{
    /// <summary>Names of boxes; all that are enabled if empty. What they stand on and what builds for them comes along.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Tag of their images; what the boxes say, else one by the clock, if null.</summary>
    public string? Tag { get; init; }

    /// <summary>Whether disabled boxes count if no name is given.</summary>
    public bool IncludeDisabled { get; init; }

    /// <summary>Push each image to its registry once it is built.</summary>
    public bool Push { get; init; }

    /// <summary>Platforms such as <c>linux/arm64</c>; this machine's if empty.</summary>
    public IReadOnlyList<string> Platforms { get; init; } = [];

    /// <summary>Where layers of earlier builds come from: <c>image registry gha none</c>.</summary>
    public string? Cache { get; init; }

    /// <summary>How many boxes are built at once.</summary>
    public int? Jobs { get; init; }

    /// <summary>How many stages of one box are built at once; 0 for all.</summary>
    public int? StageJobs { get; init; }
}

/// <summary>An image that was built.</summary>
/// <param name="Name">The box.</param>
/// <param name="Reference">Full reference.</param>
/// <param name="Id">Id of the image; empty for a list of platforms.</param>
/// <param name="Size">Size in bytes.</param>
/// <param name="Labels">What it says of itself, read back from storage.</param>
/// <param name="Duration">How long building it took.</param>
/// <param name="IsPushed">Whether it was pushed.</param>
public sealed record BuiltBox(string Name, string Reference, string Id, long Size, BoxLabels Labels, TimeSpan Duration, bool IsPushed);

/// <summary>Builds the images of boxes (candy-and-plan.md §8.4): bases first, several at once where they don't need each other.</summary>
/// <param name="context">What it works with.</param>
public sealed class BuildBoxes(CharlyContext context)
{
    private static readonly string[] Caches = ["image", "registry", "gha", "none"];

    /// <summary>Builds them.</summary>
    /// <returns>The images in the order in which they were built.</returns>
    /// <exception cref="CharlyException">All that <see cref="GenerateBoxes"/> throws; <see cref="Errors.ToolMissing"/>,
    /// <see cref="Errors.ImageBuild"/>, <see cref="Errors.ImagePush"/>, <see cref="Errors.BootstrapFailed"/>;
    /// <see cref="Errors.Usage"/>. Images that were built before the failure stay.</exception>
    public async Task<IReadOnlyList<BuiltBox>> RunAsync(BuildBoxesRequest request, CancellationToken cancellationToken = default)
    {
        var engine = new EngineChoice(context.Environment, context.Paths, context.Processes).Build();
        var project = await BoxProject.LoadAsync(context, cancellationToken).ConfigureAwait(false);
        var (boxes, options) = await PrepareAsync(engine, project, request, cancellationToken).ConfigureAwait(false);
        foreach (var box in boxes) box.Write(project.Ignore);
        var builder = new BoxBuilder(engine, context.Paths.BuildLocks, context.Environment.Clock);
        var built = new ConcurrentDictionary<string, BuiltBox>(StringComparer.Ordinal);
        foreach (var level in Levels(boxes))
        {
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = request.Jobs ?? project.Number("jobs") ?? 2, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(level, parallel, async (box, stop) =>
                built[box.Name] = await BuildAsync(box, project, engine, builder, options, request.Push, built.Count, boxes.Count, stop).ConfigureAwait(false)).ConfigureAwait(false);
        }

        if (await Clean.KeepAsync(context, "keep_images", cancellationToken).ConfigureAwait(false) is { } keep) await CleanImages.RunAsync(context, engine, [.. boxes.Select(b => b.Name)], keep, dryRun: false, cancellationToken).ConfigureAwait(false);
        return [.. boxes.Select(b => built[b.Name])];
    }

    /// <summary>What would be built, in order; nothing is.</summary>
    /// <exception cref="CharlyException">What <see cref="RunAsync"/> throws before it builds.</exception>
    public async Task<IReadOnlyList<GeneratedBox>> PreviewAsync(BuildBoxesRequest request, CancellationToken cancellationToken = default)
    {
        var engine = new EngineChoice(context.Environment, context.Paths, context.Processes).Build();
        var project = await BoxProject.LoadAsync(context, cancellationToken).ConfigureAwait(false);
        var (boxes, _) = await PrepareAsync(engine, project, request, cancellationToken).ConfigureAwait(false);
        return [.. Levels(boxes).SelectMany(l => l)];
    }

    private static async Task<(IReadOnlyList<GeneratedBox> Boxes, ImageBuildOptions Options)> PrepareAsync(ContainerEngine engine, BoxProject project, BuildBoxesRequest request, CancellationToken cancellationToken)
    {
        var options = OptionsOf(request, project);
        var wanted = new GenerateBoxesRequest { Names = request.Names, Tag = request.Tag, IncludeDisabled = request.IncludeDisabled, DryRun = true };
        var boxes = await GenerateBoxes.RunAsync(project, wanted, cancellationToken).ConfigureAwait(false);
        if (request.Push && boxes.FirstOrDefault(b => b.Labels.Registry.Length == 0) is { } local)
        {
            throw new CharlyException(Errors.Usage, $"box {local.Name} has no registry to be pushed to", "Add registry: to the box or to defaults:, or build without --push.", target: local.Name);
        }

        if (!engine.IsInstalled) throw new CharlyException(Errors.ToolMissing, $"the container engine {engine.Name} is not installed", $"Install {engine.Name}, or choose another with engine.build in the settings.", target: engine.Name);
        foreach (var box in boxes) new ImageBuilder(engine).Require(box, options);
        return (boxes, options);
    }

    private static ImageBuildOptions OptionsOf(BuildBoxesRequest request, BoxProject project)
    {
        var cache = request.Cache ?? project.Word("cache") ?? "image";
        if (!Caches.Contains(cache)) throw new CharlyException(Errors.Usage, $"\"{cache}\" is no cache", $"Use one of {string.Join(", ", Caches)}.", target: cache);
        if (request.Jobs is < 1) throw new CharlyException(Errors.Usage, "at least one box must be built at a time", "Use --jobs 1 or more.");
        if (request.Platforms.FirstOrDefault(p => p.Split('/') is not ([{ Length: > 0 }, { Length: > 0 }] or [{ Length: > 0 }, { Length: > 0 }, { Length: > 0 }]) || p.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not '/' and not '-')) is { } wrong)
        {
            throw new CharlyException(Errors.Usage, $"\"{wrong}\" is no platform", "Write OS/ARCHITECTURE, such as linux/arm64.", target: wrong);
        }

        var stageJobs = request.StageJobs ?? project.Number("podman_jobs");
        var most = project.Number("podman_jobs_cap");
        return new ImageBuildOptions { Platforms = request.Platforms, Cache = cache, StageJobs = stageJobs is { } jobs && most is { } cap ? Math.Min(jobs == 0 ? cap : jobs, cap) : stageJobs };
    }

    // A box is in the first level in which all that it needs is built.
    private static List<List<GeneratedBox>> Levels(IReadOnlyList<GeneratedBox> boxes)
    {
        var levels = new List<List<GeneratedBox>>();
        var done = new HashSet<string>(StringComparer.Ordinal);
        var names = boxes.Select(b => b.Name).ToHashSet(StringComparer.Ordinal);
        var left = boxes.ToList();
        while (left.Count > 0)
        {
            var level = left.Where(b => b.After.All(a => !names.Contains(a) || done.Contains(a))).ToList();
            if (level.Count == 0)
            {
                throw new CharlyException(
                    Errors.BoxBuilder, $"the boxes {string.Join(", ", left.Select(b => b.Name))} build for each other in a circle", "Give one of them another builder or base.", target: left[0].Name);
            }

            levels.Add(level);
            done.UnionWith(level.Select(b => b.Name));
            left.RemoveAll(level.Contains);
        }

        return levels;
    }

    private async Task<BuiltBox> BuildAsync(GeneratedBox box, BoxProject project, ContainerEngine engine, BoxBuilder builder, ImageBuildOptions options, bool push, int before, int total, CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        var told = context.For(box.Name).Progress;
        told.Report(new NoticeEvent(NoticeLevel.Info, $"building {box.Reference} ({before + 1} of {total})"));
        if (box.RootSuite is { } suite) await new RootFileSystem(context.Processes).MakeAsync(suite, box.RootPath, options.Cache == "none", cancellationToken).ConfigureAwait(false);
        await builder.BuildAsync(box, options, told, cancellationToken).ConfigureAwait(false);
        var isList = options.Platforms.Count > 1;
        if (!isList && project.Project.Boxes.Find(box.Name) is { } written && MergeBoxes.IsAutomatic(written))
        {
            var merged = await new MergeBoxes(context.For(box.Name)).MergeAsync(engine, box.Name, box.Reference, box.Needs, MergeBoxes.LimitsOf(new MergeBoxesRequest { Names = [] }, written), dryRun: false, cancellationToken).ConfigureAwait(false);
            if (merged.Layers < merged.LayersBefore) told.Report(new NoticeEvent(NoticeLevel.Info, $"{box.Reference}: {merged.LayersBefore} layers became {merged.Layers}"));
        }

        if (push) await new ImageBuilder(engine).PushAsync(box.Reference, isList, cancellationToken).ConfigureAwait(false);
        if (isList) return new BuiltBox(box.Name, box.Reference, "", 0, box.Labels, Stopwatch.GetElapsedTime(begin), push);
        var image = await new LocalImages(engine).ResolveAsync(box.Reference, cancellationToken: cancellationToken).ConfigureAwait(false);
        return new BuiltBox(box.Name, box.Reference, image.Id, image.Size, image.Labels, Stopwatch.GetElapsedTime(begin), push);
    }
}
