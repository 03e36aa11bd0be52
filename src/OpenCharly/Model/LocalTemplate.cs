using OpenCharly.Foundation;

namespace OpenCharly.Model;

/// <summary>A reusable list of candies for local deployments (deploy.md §7.3).</summary>
public sealed record LocalTemplate
{
    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Where it stands.</summary>
    public required SourcePosition Position { get; init; }

    /// <summary>Candies, in order.</summary>
    public IReadOnlyList<string> Candies { get; init; } = [];

    /// <summary>The same with their places.</summary>
    internal IReadOnlyList<SourcedText> References { get; init; } = [];

    /// <summary>Install options.</summary>
    public InstallOptions Options { get; init; } = new();

    /// <summary>Environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Description.</summary>
    public string? Description { get; init; }

    /// <summary>Checks.</summary>
    public IReadOnlyList<Check> Checks { get; init; } = [];
}
