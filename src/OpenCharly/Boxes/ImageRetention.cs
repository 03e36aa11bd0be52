namespace OpenCharly.Boxes;

/// <summary>Which images of boxes may go (deploy.md §14): all but the newest few of each box, and none that is in use.</summary>
/// <param name="images">Images in storage.</param>
/// <param name="engine">Their engine.</param>
internal sealed class ImageRetention(LocalImages images, ContainerEngine engine)
{
    /// <summary>The references of images that may go, the oldest first.</summary>
    /// <param name="boxes">Names of boxes; all boxes of which there are images if empty.</param>
    /// <param name="keep">How many of each box stay.</param>
    /// <param name="used">References that deployments and ledgers name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<string>> SurplusAsync(IReadOnlyList<string> boxes, int keep, IReadOnlySet<string> used, CancellationToken cancellationToken)
    {
        var all = await images.ListAsync(cancellationToken).ConfigureAwait(false);
        var containers = await UsedByContainersAsync(cancellationToken).ConfigureAwait(false);
        var names = boxes.Count > 0 ? boxes : [.. all.Where(i => i.IsBox).Select(ImageRanking.BoxOf).Where(b => b.Length > 0).Distinct().Order(StringComparer.Ordinal)];
        var surplus = new List<string>();
        foreach (var name in names)
        {
            // Several names of one image are one image; overlays say the box of their base, and are kept by what deploys them.
            var ranked = ImageRanking.Of(all, name).Where(n => !n.Name.LastSegment.EndsWith("-overlay", StringComparison.Ordinal)).ToList();
            var kept = ranked.Select(n => n.Image.Id).Distinct().Take(keep).ToHashSet();
            surplus.AddRange(ranked.Where(n => !kept.Contains(n.Image.Id) && !used.Contains(n.Reference) && !containers.Contains(n.Image.Id)).Select(n => n.Reference).Reverse());
        }

        return surplus;
    }

    private async Task<HashSet<string>> UsedByContainersAsync(CancellationToken cancellationToken)
    {
        var listed = await engine.RunAsync(["ps", "--all", "--no-trunc", "--format", engine.IsPodman ? "{{.ImageID}}" : "{{.Image}}"], cancellationToken).ConfigureAwait(false);
        if (!listed.Succeeded) throw engine.Refused("list its containers", listed);
        return [.. listed.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(l => l.StartsWith("sha256:", StringComparison.Ordinal) ? l[7..] : l)];
    }
}
