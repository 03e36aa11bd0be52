using OpenCharly.Boxes;
using OpenCharly.Foundation;

namespace OpenCharly.Operations;

/// <summary>Removes images of boxes that are older than the newest few (deploy.md §14).</summary>
/// <param name="context">What it works with.</param>
public sealed class CleanImages(CharlyContext context)
{
    /// <summary>Removes them. An image stays that a container, an entry of the per-host file or an overlay's base needs.</summary>
    /// <param name="keep">How many of each box stay; what the setting <c>keep_images</c> says, else <c>defaults.keep_images</c>, else all, if null.</param>
    /// <param name="dryRun">Only say which would go.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>References of the images that went, or would go.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.ToolMissing"/>, <see cref="Errors.ImageEngine"/>; <see cref="Errors.Usage"/> for a number below 0.</exception>
    public async Task<IReadOnlyList<string>> RunAsync(int? keep = null, bool dryRun = false, CancellationToken cancellationToken = default)
    {
        if (keep is < 0) throw new CharlyException(Errors.Usage, $"{keep} images can't be kept", "Use --keep 0 or more.");
        var engine = new EngineChoice(context.Environment, context.Paths, context.Processes).Run();
        keep ??= await Clean.KeepAsync(context, "keep_images", cancellationToken).ConfigureAwait(false);
        return keep is { } number ? await RunAsync(context, engine, [], number, dryRun, cancellationToken).ConfigureAwait(false) : [];
    }

    internal static async Task<IReadOnlyList<string>> RunAsync(CharlyContext context, ContainerEngine engine, IReadOnlyList<string> boxes, int keep, bool dryRun, CancellationToken cancellationToken)
    {
        var images = new LocalImages(engine);
        var used = await UsedAsync(context, cancellationToken).ConfigureAwait(false);
        var surplus = await new ImageRetention(images, engine).SurplusAsync(boxes, keep, used, cancellationToken).ConfigureAwait(false);
        if (dryRun) return surplus;
        var builder = new ImageBuilder(engine);
        foreach (var reference in surplus) await builder.RemoveAsync(reference, cancellationToken).ConfigureAwait(false);
        return surplus;
    }

    // What entries pin: a full reference as it is, a short name with the tag that they want.
    private static async Task<HashSet<string>> UsedAsync(CharlyContext context, CancellationToken cancellationToken)
    {
        var project = await new BundleResolver(context).LoadAsync(cancellationToken).ConfigureAwait(false);
        var used = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in project.Deployments.Values)
        {
            if (entry.Box is not { } box) continue;
            used.Add(box);
            if (entry.Tag is { } tag) used.Add($"localhost/{box}:{tag}");
            else if (box.Contains(':') && !box.Contains('/')) used.Add("localhost/" + box);
        }

        return used;
    }
}
