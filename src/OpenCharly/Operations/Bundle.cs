using OpenCharly.Model;

namespace OpenCharly.Operations;

/// <summary>A bundle request with every reference resolved: what is to be applied, and to which entry's target.</summary>
internal sealed record Bundle
{
    /// <summary>The project.</summary>
    public required Project Project { get; init; }

    /// <summary>The deploy entry; made up where no file has one.</summary>
    public required Deployment Entry { get; init; }

    /// <summary>Options of template, entry and request together.</summary>
    public required InstallOptions Options { get; init; }

    /// <summary>Primary reference; empty for a template alone.</summary>
    public required string Ref { get; init; }

    /// <summary>Overlay references of template, entry and request, in order, without doubles.</summary>
    public required IReadOnlyList<string> Overlays { get; init; }

    /// <summary>Primary box; null if the reference names a candy, or nothing.</summary>
    public Box? Box { get; init; }

    /// <summary>Every candy once, in the order in which they are applied.</summary>
    public required IReadOnlyList<Candy> Candies { get; init; }

    /// <summary>Local template of the entry; null if it has none.</summary>
    public LocalTemplate? Template { get; init; }

    /// <summary>Values of variables for checks, beyond those that follow from the rest.</summary>
    public IReadOnlyDictionary<string, string> Values { get; init; } = new Dictionary<string, string>();

    /// <summary>Environment of template and entry.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }
}
