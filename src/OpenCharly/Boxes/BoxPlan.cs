using OpenCharly.Model;

namespace OpenCharly.Boxes;

/// <summary>A box with all that its image is made of: everything that comes from bases, defaults and candies is settled.</summary>
internal sealed record BoxPlan
{
    /// <summary>The box.</summary>
    public required Box Box { get; init; }

    /// <summary>Its project.</summary>
    public required Project Project { get; init; }

    /// <summary>Its bases, the nearest first.</summary>
    public required IReadOnlyList<Box> Bases { get; init; }

    /// <summary>Full reference of its image.</summary>
    public required string Reference { get; init; }

    /// <summary>Reference of the image that it stands on; empty for a root file system of its own, or data only.</summary>
    public required string BaseReference { get; init; }

    /// <summary>Version that its labels say.</summary>
    public required string Version { get; init; }

    /// <summary>Registry; empty if it stays on this machine.</summary>
    public required string Registry { get; init; }

    /// <summary>Distribution tags, most specific first, ending with the package format.</summary>
    public required IReadOnlyList<string> Tags { get; init; }

    /// <summary>Distribution tags as the box has them.</summary>
    public required IReadOnlyList<string> Distros { get; init; }

    /// <summary>Package formats, the primary one first.</summary>
    public required IReadOnlyList<string> Formats { get; init; }

    /// <summary>Its user.</summary>
    public required BoxUser User { get; init; }

    /// <summary>Its init system; null if it needs none.</summary>
    public required string? Init { get; init; }

    /// <summary>References of the images that builders run in, by builder.</summary>
    public required IReadOnlyDictionary<string, string> Builders { get; init; }

    /// <summary>Candies that its bases bring, in order.</summary>
    public required IReadOnlyList<Candy> Inherited { get; init; }

    /// <summary>Candies that it adds, in order.</summary>
    public required IReadOnlyList<Candy> Candies { get; init; }

    /// <summary>All candies in its image, in order.</summary>
    public IEnumerable<Candy> AllCandies => Inherited.Concat(Candies);

    /// <summary>Whether systemd runs its services.</summary>
    public bool HasSystemd => Init == "systemd";

    /// <summary>Whether its image stands on one that no box of the project makes.</summary>
    public bool HasForeignBase => Bases.Count == 0;
}
