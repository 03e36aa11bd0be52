using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Ledger;

namespace OpenCharly.Operations;

/// <summary>Removes images of boxes that are older than the newest few (deploy.md §14).</summary>
/// <param name="context">What it works with.</param>
public sealed class CleanImages(CharlyContext context)
{
    /// <summary>Removes them. An image stays that a container, an entry, an overlay on record or an overlay's base needs.</summary>
    /// <param name="keep">How many of each box stay; what the setting <c>keep_images</c> says, else <c>defaults.keep_images</c>, else all, if null.</param>
    /// <param name="dryRun">Only say which would go.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>References of the images that went, or would go.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.ToolMissing"/>, <see cref="Errors.ImageEngine"/>; <see cref="Errors.Usage"/> for a number below 0.</exception>
    public async Task<IReadOnlyList<string>> RunAsync(int? keep = null, bool dryRun = false, CancellationToken cancellationToken = default)
    {
        if (keep is < 0) throw new CharlyException(Errors.Usage, $"{keep} images can't be kept", "Use --keep 0 or more.");
        var usual = new EngineChoice(context.Environment, context.Paths, context.Processes).Run();
        keep ??= await Clean.KeepAsync(context, "keep_images", cancellationToken).ConfigureAwait(false);
        if (keep is not { } number) return [];
        var gone = (await RunAsync(context, usual, [], number, dryRun, cancellationToken).ConfigureAwait(false)).ToList();
        foreach (var engine in (await EnginesAsync(context, cancellationToken).ConfigureAwait(false)).Where(e => e.Name != usual.Name))
        {
            try
            {
                gone.AddRange(await RunAsync(context, engine, [], number, dryRun, cancellationToken).ConfigureAwait(false));
            }
            catch (CharlyException e) when (e.Code == Errors.ImageEngine)
            {
                // What one engine can't do keeps nothing of another's.
                context.Progress.Report(new NoticeEvent(NoticeLevel.Warning, $"images of {engine.Name} stay: {e.Message}"));
            }
        }

        return [.. gone.Distinct(StringComparer.Ordinal)];
    }

    // Those that entries of pods choose for themselves.
    private static async Task<IEnumerable<ContainerEngine>> EnginesAsync(CharlyContext context, CancellationToken cancellationToken)
    {
        var project = await new BundleResolver(context).LoadAsync(cancellationToken).ConfigureAwait(false);
        return project.Deployments.Values.Where(d => d.Target == "pod").Select(d => d.Engine).OfType<string>().Distinct(StringComparer.Ordinal)
            .Select(e => new EngineChoice(context.Environment, context.Paths, context.Processes).Run(e)).Where(e => e.IsInstalled);
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
        var used = new OverlayRecords(context.Environment.Home).Read().Select(r => r.Overlay).OfType<string>().ToHashSet(StringComparer.Ordinal);
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
