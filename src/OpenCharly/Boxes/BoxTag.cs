using OpenCharly.Foundation;

namespace OpenCharly.Boxes;

/// <summary>Tags and references of the images that boxes are built as.</summary>
public static class BoxTag
{
    /// <summary>The tag that a moment gives: a calendar version in UTC.</summary>
    public static string Of(DateTimeOffset time) => new CalVer(time.UtcDateTime.Year, time.UtcDateTime.DayOfYear, (time.UtcDateTime.Hour * 100) + time.UtcDateTime.Minute).ToString();

    /// <summary>The full reference of a box's image.</summary>
    /// <param name="registry">Registry, or empty for an image that stays on this machine.</param>
    /// <param name="box">Name of the box.</param>
    /// <param name="tag">Tag.</param>
    public static string Reference(string registry, string box, string tag) => $"{(registry.Length > 0 ? registry.TrimEnd('/') : "localhost")}/{box}:{tag}";

    /// <summary>Refuses what the engines would not take as a tag.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.ImageReference"/>.</exception>
    public static string Check(string tag) =>
        tag.Length is > 0 and <= 128 && (char.IsAsciiLetterOrDigit(tag[0]) || tag[0] == '_') && tag.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-')
            ? tag
            : throw new CharlyException(Errors.ImageReference, $"\"{tag}\" can't be a tag", "Use letters, digits, dots, dashes and underscores, at most 128.", target: tag);
}
