using OpenCharly.Model;

namespace OpenCharly.Plans;

/// <summary>What a candy wants of the package manager of one system.</summary>
public sealed record ResolvedPackages
{
    /// <summary>Packages, in order, without doubles.</summary>
    public IReadOnlyList<string> Packages { get; init; } = [];

    /// <summary>Repositories.</summary>
    public IReadOnlyList<PackageRepository> Repositories { get; init; } = [];

    /// <summary>Options for the package manager.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>Packages that must not be installed (rpm).</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>Coprs (rpm).</summary>
    public IReadOnlyList<string> Coprs { get; init; } = [];

    /// <summary>Module streams (rpm).</summary>
    public IReadOnlyList<string> Modules { get; init; } = [];

    /// <summary>Key ids (pac).</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>Packages of the AUR; null if there are none.</summary>
    public AurSection? Aur { get; init; }

    /// <summary>Tags of the sections that took part, least specific first.</summary>
    public IReadOnlyList<string> MatchedTags { get; init; } = [];
}

/// <summary>
/// Resolves the packages of a candy for a chain of tags: packages are the union from the least to the most specific
/// section; of everything else the most specific section that says it wins as a whole (candy-and-plan.md §3.4).
/// </summary>
public static class PackageCascade
{
    /// <summary>Resolves.</summary>
    /// <param name="candy">The candy.</param>
    /// <param name="tags">Tags, most specific first.</param>
    public static ResolvedPackages Resolve(Candy candy, IReadOnlyList<string> tags)
    {
        var matched = tags.Reverse().SelectMany(tag => candy.Sections.Where(s => s.Tag == tag)).ToList();
        var aur = matched.Select(s => s.Aur).OfType<AurSection>().ToList();
        return new ResolvedPackages
        {
            Packages = [.. candy.Packages.Concat(matched.SelectMany(s => s.Packages)).Distinct()],
            Repositories = Winner(matched, s => s.Repositories),
            Options = Winner(matched, s => s.Options),
            Exclude = Winner(matched, s => s.Exclude),
            Coprs = Winner(matched, s => s.Coprs),
            Modules = Winner(matched, s => s.Modules),
            Keys = Winner(matched, s => s.Keys),
            Aur = aur.Count == 0 ? null : aur[^1] with { Packages = [.. aur.SelectMany(a => a.Packages).Distinct()] },
            MatchedTags = [.. matched.Select(s => s.Tag).Distinct()],
        };
    }

    private static IReadOnlyList<T> Winner<T>(List<PackageSection> matched, Func<PackageSection, IReadOnlyList<T>?> field) =>
        matched.Select(field).LastOrDefault(f => f is not null) ?? [];
}
