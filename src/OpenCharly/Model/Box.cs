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

    /// <summary>Builder that makes its root file system, <c>builder:NAME</c>; null if it has a base.</summary>
    public string? From { get; init; }

    /// <summary>Whether it boots as a machine of its own, with systemd.</summary>
    public bool IsBootc { get; init; }

    /// <summary>Whether it holds nothing but data.</summary>
    public bool IsDataImage { get; init; }

    /// <summary>Distribution tags, most specific first; empty to take those of the base or the defaults.</summary>
    public IReadOnlyList<SourcedText> Distros { get; init; } = [];

    /// <summary>Package formats, the primary one first; empty to take those of the base or the defaults.</summary>
    public IReadOnlyList<SourcedText> Build { get; init; } = [];

    /// <summary>Boxes that builders run in, by builder.</summary>
    public IReadOnlyDictionary<string, SourcedText> Builders { get; init; } = new Dictionary<string, SourcedText>();

    /// <summary>Builders that it can serve as.</summary>
    public IReadOnlyList<string> Produces { get; init; } = [];

    /// <summary>User; null to take that of the base.</summary>
    public string? User { get; init; }

    /// <summary>Where its user comes from: <c>auto adopt create</c>.</summary>
    public string UserPolicy { get; init; } = "auto";

    /// <summary>Init system; null to choose one by the candies.</summary>
    public string? Init { get; init; }

    /// <summary>Candies, in order.</summary>
    public IReadOnlyList<SourcedText> Candies { get; init; } = [];

    /// <summary>Checks: those of <c>eval</c>, then those of <c>deploy_eval</c>, which are of scope deploy unless they say otherwise.</summary>
    public IReadOnlyList<Check> Checks { get; init; } = [];

    /// <summary>The whole box as written.</summary>
    public required YamlMapping Body { get; init; }
}
