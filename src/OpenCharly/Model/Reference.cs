using System.Text.RegularExpressions;
using OpenCharly.Foundation;

namespace OpenCharly.Model;

/// <summary>What a reference means by its form alone (candy-and-plan.md §2).</summary>
public abstract partial record Reference
{
    private static readonly string[] RemoteHosts = ["github.com/", "gitlab.com/", "codeberg.org/", "bitbucket.org/"];

    private protected Reference(string text) => Text = text;

    /// <summary>The reference as written.</summary>
    public string Text { get; }

    /// <summary>Tells the form of a reference.</summary>
    /// <param name="text">The reference.</param>
    /// <param name="position">Where it stands, for errors.</param>
    /// <exception cref="CharlyException"><see cref="Errors.RefEmpty"/>, <see cref="Errors.RefMalformed"/>.</exception>
    public static Reference Parse(string text, SourcePosition? position = null)
    {
        if (string.IsNullOrWhiteSpace(text)) throw new CharlyException(Errors.RefEmpty, "the reference is empty", "Name a candy, a box, a path or a repository.", position);
        if (text.StartsWith('@')) return Legacy(text, position);
        if (IsRemote(text)) return Remote(text, position);
        return IsPath(text) ? new PathReference(text) : new NameReference(text);
    }

    /// <summary>Whether a text has the form of a name: neither a path nor a repository.</summary>
    internal static bool IsName(string text) => text.Trim().Length > 0 && text[0] != '@' && !IsRemote(text) && !IsPath(text);

    private static bool IsRemote(string text) => RemoteHosts.Any(h => text.StartsWith(h, StringComparison.Ordinal));

    private static bool IsPath(string text) =>
        text.StartsWith("./", StringComparison.Ordinal) || text.StartsWith("../", StringComparison.Ordinal) || text.StartsWith('/')
        || text.StartsWith("~/", StringComparison.Ordinal) || text.EndsWith(".yml", StringComparison.Ordinal) || text.EndsWith(".yaml", StringComparison.Ordinal);

    private static RemoteReference Legacy(string text, SourcePosition? position)
    {
        var colon = text.LastIndexOf(':');
        if (colon < 0) throw Malformed(text, "an @ reference ends with :version, or just a colon for the default branch", position);
        return Split(text, text[1..colon], text[(colon + 1)..], position);
    }

    private static RemoteReference Remote(string text, SourcePosition? position)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        return at < 0 ? Split(text, text, "", position) : Split(text, text[..at], text[(at + 1)..], position);
    }

    private static RemoteReference Split(string text, string path, string version, SourcePosition? position)
    {
        var parts = path.Split('/');
        if (parts.Length < 3) throw Malformed(text, "a remote reference needs host/org/repo", position);
        if (parts.Any(p => !Part().IsMatch(p)) || !Host().IsMatch(parts[0])) throw Malformed(text, "host, organisation, repository and path are words of letters, digits, dots, dashes, underscores", position);
        if (version.Length > 0 && (!Version().IsMatch(version) || version.Contains("..", StringComparison.Ordinal))) throw Malformed(text, $"\"{version}\" can't name a version", position);
        return new RemoteReference(text, new RepositoryId(parts[0], parts[1], parts[2].EndsWith(".git", StringComparison.Ordinal) ? parts[2][..^4] : parts[2]), [.. parts.Skip(3)], version);
    }

    private static CharlyException Malformed(string text, string what, SourcePosition? position) => new(
        Errors.RefMalformed, $"the reference \"{text.ReplaceLineEndings("⏎")}\" is malformed: {what}",
        "Write host/org/repo[/candy/NAME][@VERSION].", position);

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9._-]*\z")]
    private static partial Regex Part();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9.-]*\z")]
    private static partial Regex Host();

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9._/+-]*\z")]
    private static partial Regex Version();
}

/// <summary>A remote repository.</summary>
/// <param name="Host">Host.</param>
/// <param name="Organisation">Organisation or user.</param>
/// <param name="Name">Repository.</param>
public sealed record RepositoryId(string Host, string Organisation, string Name)
{
    /// <summary>Any usual spelling of a repository as <c>host/org/repo</c>: an address, git's short form, a version behind it.</summary>
    internal static string Normalise(string spelling)
    {
        var text = spelling.Trim().TrimStart('@');
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        if (scheme >= 0) text = text[(scheme + 3)..];
        var account = text.IndexOf('@', StringComparison.Ordinal);
        if (account >= 0 && account < text.IndexOfAny([':', '/'])) text = text[(account + 1)..];
        text = text.Split('@')[0];
        if (scheme < 0 && text.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon) text = text[..colon] + "/" + text[(colon + 1)..].TrimStart('/');
        text = text.Trim('/');
        if (text.EndsWith(".git", StringComparison.Ordinal)) text = text[..^4];
        return text.Count(c => c == '/') == 1 ? "github.com/" + text : text;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Host}/{Organisation}/{Name}";
}

/// <summary>Something in a remote repository.</summary>
public sealed record RemoteReference : Reference
{
    internal RemoteReference(string text, RepositoryId repository, IReadOnlyList<string> subPath, string version)
        : base(text)
    {
        Repository = repository;
        SubPath = subPath;
        Version = version;
    }

    /// <summary>The repository.</summary>
    public RepositoryId Repository { get; }

    /// <summary>Path in it, part by part; empty for the repository itself.</summary>
    public IReadOnlyList<string> SubPath { get; }

    /// <summary>Branch, tag or commit; empty for the default branch.</summary>
    public string Version { get; }
}

/// <summary>A file or folder.</summary>
public sealed record PathReference : Reference
{
    internal PathReference(string text)
        : base(text)
    {
    }
}

/// <summary>An entity of the project, or of a namespace of it.</summary>
public sealed record NameReference : Reference
{
    internal NameReference(string text)
        : base(text)
    {
    }
}
