namespace OpenCharly.Boxes;

/// <summary>Which layers of an image become one (candy-and-plan.md §4.1, <c>merge</c>).</summary>
/// <param name="MaxBytes">Layers above this size stay as they are.</param>
/// <param name="MaxTotalBytes">Most bytes that a merged layer may hold; no limit if null.</param>
public sealed record MergeLimits(long MaxBytes, long? MaxTotalBytes)
{
    private const long Mega = 1024 * 1024;

    /// <summary>Layers of up to 128 MB.</summary>
    public static MergeLimits Usual { get; } = OfMegabytes(128, null);

    /// <summary>Limits in units of 1024 × 1024 bytes.</summary>
    public static MergeLimits OfMegabytes(int most, int? total) => new(most * Mega, total * Mega);

    /// <summary>The groups of layers, as long as they can be; a layer that stays alone is in none.</summary>
    /// <param name="sizes">Sizes of the layers, the lowest first.</param>
    /// <param name="first">The lowest layer that may change: those below are shared with other images.</param>
    internal IReadOnlyList<Range> Groups(IReadOnlyList<long> sizes, int first)
    {
        var groups = new List<Range>();
        var (begin, total) = (first, 0L);
        for (var at = first; at < sizes.Count; at++)
        {
            if (sizes[at] <= MaxBytes && total + sizes[at] <= (MaxTotalBytes ?? long.MaxValue))
            {
                total += sizes[at];
                continue;
            }

            Close(at);
            (begin, total) = sizes[at] <= MaxBytes && sizes[at] <= (MaxTotalBytes ?? long.MaxValue) ? (at, sizes[at]) : (at + 1, 0);
        }

        Close(sizes.Count);
        return groups;

        void Close(int end)
        {
            if (end - begin > 1) groups.Add(begin..end);
        }
    }
}
