using OpenCharly.Foundation;

namespace OpenCharly.Boxes;

/// <summary>What <c>box:</c> of a pod entry, or an argument that names an image, may be (pod.md §3.1).</summary>
public enum ImageForm
{
    /// <summary>A reference to a project in a repository, which is not an image yet.</summary>
    Repository,

    /// <summary>A reference with its repository or digest, which is taken as it is.</summary>
    Full,

    /// <summary>Name of a box, with or without tag: the newest local image that fits.</summary>
    Short,
}

/// <summary>The text that names an image.</summary>
public sealed record ImageName
{
    private static readonly string[] GitHosts = ["github.com/", "gitlab.com/", "codeberg.org/", "bitbucket.org/"];

    private ImageName(string text, ImageForm form, string name, string? tag)
    {
        Text = text;
        Form = form;
        Name = name;
        Tag = tag;
    }

    /// <summary>As written.</summary>
    public string Text { get; }

    /// <summary>Which form it has.</summary>
    public ImageForm Form { get; }

    /// <summary>Without tag and digest.</summary>
    public string Name { get; }

    /// <summary>Tag; null if it has none.</summary>
    public string? Tag { get; }

    /// <summary>The last segment of the repository: what a box is called if nothing else is said.</summary>
    public string LastSegment => Name[(Name.LastIndexOf('/') + 1)..];

    /// <summary>Reads a text.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.ImageReference"/> for text that names no image.</exception>
    public static ImageName Parse(string text)
    {
        if (text.Length == 0 || text[0] is '-' or ':' or '/' || text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c is '\'' or '"' or '\\' or '$' or '`') || text.Contains("..", StringComparison.Ordinal))
        {
            throw new CharlyException(Errors.ImageReference, $"\"{text}\" can't name an image", "Write the name of a box, or REGISTRY/NAME:TAG.", target: text);
        }

        var isRepository = text[0] == '@' || GitHosts.Any(h => text.StartsWith(h, StringComparison.Ordinal));
        if (isRepository) return new ImageName(text, ImageForm.Repository, text, null);
        var digest = text.IndexOf('@', StringComparison.Ordinal);
        var tagged = digest < 0 ? text : text[..digest];
        var colon = tagged.LastIndexOf(':');
        var hasTag = colon > tagged.LastIndexOf('/');
        return new ImageName(
            text,
            text.Contains('/') || digest >= 0 ? ImageForm.Full : ImageForm.Short,
            hasTag ? tagged[..colon] : tagged,
            hasTag ? tagged[(colon + 1)..] : null);
    }
}
