using System.Collections.Frozen;
using OpenCharly.Model;

namespace OpenCharly.Plans;

/// <summary>
/// The tags by which candies name a system, most specific first, and its package format
/// (candy-and-plan.md §3.4 and §6.2).
/// </summary>
/// <param name="Tags">Tags such as <c>debian:13</c>, <c>debian</c>, <c>deb</c>; the format, if known, comes last.</param>
/// <param name="Format"><c>deb</c>, <c>rpm</c> or <c>pac</c>; null if the system has no known package manager.</param>
public sealed record TagChain(IReadOnlyList<string> Tags, string? Format)
{
    private static readonly FrozenDictionary<string, string> Formats = new Dictionary<string, string>
    {
        ["fedora"] = "rpm", ["rhel"] = "rpm", ["centos"] = "rpm", ["rocky"] = "rpm", ["almalinux"] = "rpm",
        ["debian"] = "deb", ["ubuntu"] = "deb",
        ["arch"] = "pac", ["archarm"] = "pac", ["manjaro"] = "pac", ["endeavouros"] = "pac", ["cachyos"] = "pac",
    }.ToFrozenDictionary();

    // Names that candies never use, and the one that they mean.
    private static readonly FrozenDictionary<string, string> Aliases = new Dictionary<string, string>
    {
        ["archarm"] = "arch", ["manjaro"] = "arch", ["endeavouros"] = "arch",
        ["almalinux"] = "fedora", ["rocky"] = "fedora", ["centos"] = "fedora", ["rhel"] = "fedora",
    }.ToFrozenDictionary();

    // Distributions whose entry in the vocabulary says inherit_packages. Ubuntu shares Debian's format, not its packages.
    private static readonly FrozenDictionary<string, string> Parents = new Dictionary<string, string>
    {
        ["cachyos"] = "arch",
    }.ToFrozenDictionary();

    /// <summary>The distributions that sections of candies may name.</summary>
    public static IReadOnlyList<string> Distributions { get; } = ["fedora", "debian", "ubuntu", "arch", "cachyos"];

    /// <summary>The package formats that sections of candies may name.</summary>
    public static IReadOnlyList<string> PackageFormats { get; } = ["rpm", "deb", "pac"];

    /// <summary>The chain of a live system.</summary>
    /// <remarks>For an <c>ID</c> that is not known, the first known word of <c>ID_LIKE</c> is added before the format;
    /// for a known one it is not, so that an Ubuntu machine takes no <c>debian</c> sections.</remarks>
    /// <param name="release">What the system says of itself.</param>
    /// <param name="vocabulary">Distributions of the project; null for none.</param>
    public static TagChain For(OsRelease release, DistroVocabulary? vocabulary = null)
    {
        vocabulary ??= DistroVocabulary.None;
        if (release.Id.Length == 0 && release.Like.Count == 0) return new TagChain([], null);
        var tags = new List<string>();
        if (release.Id.Length > 0)
        {
            if (release.VersionId.Length > 0) tags.Add($"{release.Id}:{release.VersionId}");
            AddFamily(tags, release.Id, vocabulary);
        }

        if (!IsKnown(release.Id) && release.Like.FirstOrDefault(IsKnown) is { } like) AddFamily(tags, like, vocabulary);
        return Finish(tags, FormatOf(release.Id, vocabulary) ?? release.Like.Select(l => FormatOf(l, vocabulary)).FirstOrDefault(f => f is not null));

        bool IsKnown(string id) => Formats.ContainsKey(id) || vocabulary.Knows(id);
    }

    /// <summary>The chain of a system that is known by name only, such as <c>debian:13</c> in the description of a machine.</summary>
    /// <param name="distro">Name with an optional version after a colon or dash.</param>
    public static TagChain ForDistro(string distro)
    {
        var at = distro.IndexOf(':', StringComparison.Ordinal);
        if (at < 0)
        {
            // A dash starts a version only before a digit: debian-13, but opensuse-leap.
            var dash = distro.LastIndexOf('-');
            at = dash >= 0 && dash + 1 < distro.Length && char.IsAsciiDigit(distro[dash + 1]) ? dash : -1;
        }

        return For(at < 0 ? new OsRelease(distro, "", []) : new OsRelease(distro[..at], distro[(at + 1)..], []));
    }

    /// <summary>The chain of a box, from its <c>distro</c> list, most specific first: ancestors and format are added.</summary>
    /// <param name="distros">The list.</param>
    /// <param name="vocabulary">Distributions of the project; null for none.</param>
    public static TagChain Expand(IEnumerable<string> distros, DistroVocabulary? vocabulary = null)
    {
        vocabulary ??= DistroVocabulary.None;
        var tags = new List<string>();
        string? format = null;
        foreach (var tag in distros)
        {
            if (!tags.Contains(tag)) tags.Add(tag);
            var name = tag.Split(':')[0];
            if (name == tag) AddAncestors(tags, name, vocabulary);
            format ??= FormatOf(name, vocabulary) ?? (PackageFormats.Contains(name) ? name : null);
        }

        return Finish(tags, format);
    }

    private static void AddFamily(List<string> tags, string id, DistroVocabulary vocabulary)
    {
        foreach (var tag in new[] { id, Aliases.GetValueOrDefault(id) })
        {
            if (tag is not null && !tags.Contains(tag)) tags.Add(tag);
        }

        AddAncestors(tags, id, vocabulary);
    }

    // A tag that stands in the list has brought its own ancestors along, so a circle ends here.
    private static void AddAncestors(List<string> tags, string id, DistroVocabulary vocabulary)
    {
        for (var here = id; ParentOf(here, vocabulary) is { } parent && Inherits(here, vocabulary) && !tags.Contains(parent); here = parent) tags.Add(parent);
    }

    private static bool Inherits(string id, DistroVocabulary vocabulary) => vocabulary.InheritsPackages(id) ?? Parents.ContainsKey(id);

    private static string? ParentOf(string id, DistroVocabulary vocabulary) => vocabulary.ParentOf(id) ?? Parents.GetValueOrDefault(id);

    // A distribution without a format of its own has that of its nearest ancestor.
    private static string? FormatOf(string id, DistroVocabulary vocabulary)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (string? here = id; here is not null && seen.Add(here); here = ParentOf(here, vocabulary))
        {
            if ((vocabulary.FormatOf(here) ?? Formats.GetValueOrDefault(here)) is { } format) return format;
        }

        return null;
    }

    private static TagChain Finish(List<string> tags, string? format)
    {
        if (format is not null && !tags.Contains(format)) tags.Add(format);
        return new TagChain(tags, format);
    }
}
