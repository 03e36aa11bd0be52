namespace OpenCharly.Model;

/// <summary>A distribution or format section (§3.4).</summary>
public sealed record PackageSection
{
    /// <summary>Tag that it applies to: <c>debian</c>, <c>debian:13</c>, <c>deb</c>.</summary>
    public required string Tag { get; init; }

    /// <summary>Packages.</summary>
    public IReadOnlyList<string> Packages { get; init; } = [];

    /// <summary>Repositories; null if the section does not say.</summary>
    public IReadOnlyList<PackageRepository>? Repositories { get; init; }

    /// <summary>Package manager options; null if the section does not say.</summary>
    public IReadOnlyList<string>? Options { get; init; }

    /// <summary>Excluded packages; null if the section does not say.</summary>
    public IReadOnlyList<string>? Exclude { get; init; }

    /// <summary>Coprs; null if the section does not say.</summary>
    public IReadOnlyList<string>? Coprs { get; init; }

    /// <summary>Module streams; null if the section does not say.</summary>
    public IReadOnlyList<string>? Modules { get; init; }

    /// <summary>Key ids; null if the section does not say.</summary>
    public IReadOnlyList<string>? Keys { get; init; }

    /// <summary>AUR part; null if there is none.</summary>
    public AurSection? Aur { get; init; }
}

/// <summary>The AUR part of a section.</summary>
/// <param name="Packages">Packages.</param>
/// <param name="Options">Options.</param>
/// <param name="Replaces">Packages that give way.</param>
public sealed record AurSection(IReadOnlyList<string> Packages, IReadOnlyList<string> Options, IReadOnlyList<string> Replaces);
