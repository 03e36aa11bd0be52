using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Operations;

/// <summary>What <c>Clean</c> works from. Images and runs of checks if nothing is chosen.</summary>
public sealed record CleanRequest
{
    /// <summary>Older images of boxes.</summary>
    public bool Images { get; init; }

    /// <summary>Older results of runs of checks.</summary>
    public bool Runs { get; init; }

    /// <summary>What builds of the project's boxes left behind to be faster.</summary>
    public bool Caches { get; init; }

    /// <summary>How many images of each box, and how many runs, stay; what the settings say if null.</summary>
    public int? Keep { get; init; }

    /// <summary>Only say what would go.</summary>
    public bool DryRun { get; init; }
}

/// <summary>Something that went, or would go.</summary>
/// <param name="Kind"><c>image</c>, <c>run</c> or <c>cache</c>.</param>
/// <param name="Name">Reference of an image, else a path.</param>
public sealed record CleanedItem(string Kind, string Name);

/// <summary>Removes what piles up on this machine (deploy.md §14).</summary>
/// <param name="context">What it works with.</param>
public sealed class Clean(CharlyContext context)
{
    /// <summary>Removes it.</summary>
    /// <returns>What went, or would go.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.Usage"/>, <see cref="Errors.ToolMissing"/>, <see cref="Errors.ImageEngine"/>,
    /// <see cref="Errors.SettingInvalid"/>.</exception>
    public async Task<IReadOnlyList<CleanedItem>> RunAsync(CleanRequest request, CancellationToken cancellationToken = default)
    {
        if (request.Keep is < 0) throw new CharlyException(Errors.Usage, $"{request.Keep} can't be kept", "Use --keep 0 or more.");
        var isAll = request is { Images: false, Runs: false, Caches: false };
        var gone = new List<CleanedItem>();
        var engine = new EngineChoice(context.Environment, context.Paths, context.Processes).Run();
        if (request.Images || (isAll && engine.IsInstalled))
        {
            var images = await new CleanImages(context).RunAsync(request.Keep, request.DryRun, cancellationToken).ConfigureAwait(false);
            gone.AddRange(images.Select(i => new CleanedItem("image", i)));
        }

        if (request.Runs || isAll)
        {
            var keep = request.Keep ?? await KeepAsync(context, "keep_eval_runs", cancellationToken).ConfigureAwait(false);
            if (keep is { } number) gone.AddRange(new CheckRuns(context).Clean(number, request.DryRun).Select(r => new CleanedItem("run", r)));
        }

        if (request.Caches)
        {
            var builder = new EngineChoice(context.Environment, context.Paths, context.Processes).Build();
            var caches = new BuildCaches(builder, context.Environment, context.Paths.BuildLocks);
            var folder = (await new BundleResolver(context).LoadAsync(cancellationToken).ConfigureAwait(false)).Folder;
            gone.AddRange((request.DryRun ? caches.Find(folder) : await caches.RemoveAsync(folder, cancellationToken).ConfigureAwait(false)).Select(c => new CleanedItem("cache", c)));
        }

        return gone;
    }

    /// <summary>How many of something stay: the user's setting, else that of the project; null for all.</summary>
    internal static async Task<int?> KeepAsync(CharlyContext context, string key, CancellationToken cancellationToken)
    {
        var setting = new Settings(context.Environment, context.Paths).Get(key);
        if (setting.Source != SettingSource.Default) return Positive(int.Parse(setting.Value!, System.Globalization.CultureInfo.InvariantCulture));
        var project = await new BundleResolver(context).LoadAsync(cancellationToken).ConfigureAwait(false);
        return project.Exists ? Positive((await BoxProject.LoadAsync(context, cancellationToken).ConfigureAwait(false)).Number(key)) : null;
    }

    // 0 means that nothing ever goes (deploy.md §13.1).
    private static int? Positive(int? number) => number is > 0 ? number : null;
}
