using OpenCharly.Foundation;

namespace OpenCharly.Boxes;

/// <summary>Which local image a box's name means (pod.md §3.1), and in which order images of one box are kept.</summary>
internal static class ImageRanking
{
    /// <summary>An image by one of its names.</summary>
    public sealed record Named(LocalImage Image, ImageName Name)
    {
        public string Reference => Name.Text;

        public CalVer? Version { get; } = Parse(Image.Labels.GetValueOrDefault(LabelNames.Prefix + LabelNames.Version));

        public CalVer? Tag { get; } = Parse(Name.Tag);

        private static CalVer? Parse(string? text) => CalVer.TryParse(text, out var version) ? version : null;
    }

    /// <summary>The newest image of a box; null if there is none.</summary>
    /// <param name="images">All images.</param>
    /// <param name="box">Name of the box.</param>
    /// <param name="tag">Tag that it must have; any if null.</param>
    /// <exception cref="CharlyException"><see cref="Errors.ImageAmbiguous"/> if several repositories fit and no version tells them apart.</exception>
    public static Named? Newest(IEnumerable<LocalImage> images, string box, string? tag)
    {
        var found = Of(images, box).Where(n => tag is null || n.Name.Tag == tag).ToList();
        if (found.Count > 1 && found.All(n => n.Version is null && n.Tag is null) && found.Select(n => n.Name.Name).Distinct().Count() > 1)
        {
            throw new CharlyException(
                Errors.ImageAmbiguous, $"\"{box}\" may be any of {string.Join(", ", found.Select(n => n.Reference).Order(StringComparer.Ordinal))}",
                "Write the full reference of the one that is meant.", target: box);
        }

        return found.FirstOrDefault();
    }

    /// <summary>The images of a box, by each of their names, the newest first.</summary>
    public static IEnumerable<Named> Of(IEnumerable<LocalImage> images, string box) => images
        .Where(i => i.IsBox)
        .SelectMany(i => i.References.Select(r => new Named(i, ImageName.Parse(r))))
        .Where(n => BoxOf(n.Image) is { Length: > 0 } own ? own == box : n.Name.LastSegment == box)
        .OrderByDescending(n => n.Version ?? default)
        .ThenByDescending(n => n.Tag ?? default)
        .ThenBy(n => n.Name.LastSegment == box ? 0 : 1)
        .ThenBy(n => n.Reference, StringComparer.Ordinal);

    /// <summary>The box that an image says it is; empty if it does not.</summary>
    public static string BoxOf(LocalImage image) =>
        image.Labels.GetValueOrDefault(LabelNames.Prefix + LabelNames.Box) ?? image.Labels.GetValueOrDefault(LabelNames.Prefix + "image") ?? "";
}
