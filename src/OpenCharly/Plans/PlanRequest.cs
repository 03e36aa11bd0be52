using OpenCharly.Model;

namespace OpenCharly.Plans;

/// <summary>Everything that a plan is compiled from. The compiler looks at nothing else but the files of the candies.</summary>
public sealed record PlanRequest
{
    /// <summary>Deploy key, such as <c>vm:web</c> or <c>laptop</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Ledger target: <c>host</c>, <c>vm:&lt;entity&gt;</c>.</summary>
    public required string Target { get; init; }

    /// <summary>Where it is applied: <c>local</c>, <c>[user@]host[:port]</c> or an ssh alias.</summary>
    public string Host { get; init; } = "local";

    /// <summary>The <see cref="TargetKind"/> of an image that is built.</summary>
    internal const string BoxKind = "box";

    /// <summary>Kind of the target: <c>local</c>, <c>vm</c>, or <c>box</c> for an image that is built.</summary>
    public string TargetKind { get; init; } = "local";

    /// <summary>The reference that names the primary candy or box; empty for a template alone.</summary>
    public string Ref { get; init; } = "";

    /// <summary>All candies, overlays included, each once, sorted so that what a candy needs stands before it.</summary>
    public required IReadOnlyList<Candy> Candies { get; init; }

    /// <summary>Overlay references as given.</summary>
    public IReadOnlyList<string> AddCandies { get; init; } = [];

    /// <summary>Primary box, or empty.</summary>
    public string Box { get; init; } = "";

    /// <summary>Version of the box; that of the candy named by <see cref="Ref"/>, else of the last one, if empty.</summary>
    public string Version { get; init; } = "";

    /// <summary>The gates.</summary>
    public PlanGates Gates { get; init; } = new();

    /// <summary>Leave out candies without a section for the target, instead of failing.</summary>
    public bool SkipIncompatible { get; init; }

    /// <summary>Builder image that overrides all others.</summary>
    public string? BuilderImage { get; init; }

    /// <summary>Images that language builders run in, by builder.</summary>
    public IReadOnlyDictionary<string, string> BuilderImages { get; init; } = new Dictionary<string, string>();

    /// <summary>Environment of the deploy entry and its template; it wins over the candies' own.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Environment of the process that compiles: only asked for variables that a candy requires or accepts.</summary>
    public IReadOnlyDictionary<string, string> ProcessEnvironment { get; init; } = new Dictionary<string, string>();

    /// <summary>What is known of the target.</summary>
    public required TargetFacts Facts { get; init; }
}
