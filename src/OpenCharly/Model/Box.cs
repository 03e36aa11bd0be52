using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>A box: base and ordered candies (candy-and-plan.md §4.1).</summary>
public sealed record Box
{
    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Where it stands.</summary>
    public required SourcePosition Position { get; init; }

    /// <summary>Folder of its project.</summary>
    public required string ProjectFolder { get; init; }

    /// <summary>Version as written; empty if there is none.</summary>
    public string Version { get; init; } = "";

    /// <summary>Whether it takes part.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Base: another box, or an image.</summary>
    public string? Base { get; init; }

    /// <summary>Candies, in order.</summary>
    public IReadOnlyList<SourcedText> Candies { get; init; } = [];

    /// <summary>Checks: those of <c>eval</c>, then those of <c>deploy_eval</c>, which are of scope deploy unless they say otherwise.</summary>
    public IReadOnlyList<Check> Checks { get; init; } = [];

    /// <summary>The whole box as written.</summary>
    public required YamlMapping Body { get; init; }
}
