using OpenCharly.Model;

namespace OpenCharly.Plans;

/// <summary>What a plan needs to know about its target; asked once, before compiling.</summary>
public sealed record TargetFacts
{
    /// <summary><c>ID</c> of os-release, such as <c>debian</c>; empty if unknown.</summary>
    public required string OsId { get; init; }

    /// <summary><c>VERSION_ID</c> of os-release; empty if it has none.</summary>
    public string OsVersion { get; init; } = "";

    /// <summary><c>ID_LIKE</c> words of os-release.</summary>
    public IReadOnlyList<string> OsLike { get; init; } = [];

    /// <summary>Tag chain, most specific first, ending with the package format (candy-and-plan.md §6.2).</summary>
    public required IReadOnlyList<string> Tags { get; init; }

    /// <summary>Package format <c>deb</c>, <c>rpm</c> or <c>pac</c>; null if none is known.</summary>
    public string? Format { get; init; }

    /// <summary>Name of the user that the deployment runs as.</summary>
    public required string User { get; init; }

    /// <summary>That user's numeric id.</summary>
    public int Uid { get; init; } = 1000;

    /// <summary>That user's numeric group id.</summary>
    public int Gid { get; init; } = 1000;

    /// <summary>That user's home folder on the target.</summary>
    public required string Home { get; init; }

    /// <summary>Base name of that user's login shell, such as <c>bash</c>.</summary>
    public string LoginShell { get; init; } = "bash";

    /// <summary>The known shells that are installed: of <c>bash</c>, <c>zsh</c>, <c>fish</c>, <c>sh</c>.</summary>
    public IReadOnlyList<string> Shells { get; init; } = ["bash", "sh"];

    /// <summary>Whether systemd runs the target.</summary>
    public bool HasSystemd { get; init; } = true;

    /// <summary><c>uname -m</c>.</summary>
    public string Machine { get; init; } = "x86_64";

    /// <summary>The same with the tags that a project knows the system by: a target tells what it is, and what that means may be in its <c>distro:</c> map.</summary>
    /// <param name="vocabulary">Distributions of the project.</param>
    public TargetFacts In(DistroVocabulary vocabulary)
    {
        if (vocabulary.IsEmpty || OsId.Length == 0) return this;
        var chain = TagChain.For(new OsRelease(OsId, OsVersion, OsLike), vocabulary);
        return this with { Tags = chain.Tags, Format = chain.Format };
    }
}
