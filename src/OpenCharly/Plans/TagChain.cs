using System.Collections.Frozen;

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
    public static TagChain For(OsRelease release)
    {
        if (release.Id.Length == 0 && release.Like.Count == 0) return new TagChain([], null);
        var tags = new List<string>();
        if (release.Id.Length > 0)
        {
            if (release.VersionId.Length > 0) tags.Add($"{release.Id}:{release.VersionId}");
            AddFamily(tags, release.Id);
        }

        if (!Formats.ContainsKey(release.Id) && release.Like.FirstOrDefault(Formats.ContainsKey) is { } like) AddFamily(tags, like);
        return Finish(tags, Formats.GetValueOrDefault(release.Id) ?? release.Like.Select(l => Formats.GetValueOrDefault(l)).FirstOrDefault(f => f is not null));
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
    public static TagChain Expand(IEnumerable<string> distros)
    {
        var tags = new List<string>();
        string? format = null;
        foreach (var tag in distros)
        {
            if (!tags.Contains(tag)) tags.Add(tag);
            var name = tag.Split(':')[0];
            if (Parents.TryGetValue(name, out var parent) && !tags.Contains(parent) && name == tag) tags.Add(parent);
            format ??= Formats.GetValueOrDefault(name) ?? (PackageFormats.Contains(name) ? name : null);
        }

        return Finish(tags, format);
    }

    private static void AddFamily(List<string> tags, string id)
    {
        foreach (var tag in new[] { id, Aliases.GetValueOrDefault(id), Parents.GetValueOrDefault(id) })
        {
            if (tag is not null && !tags.Contains(tag)) tags.Add(tag);
        }
    }

    private static TagChain Finish(List<string> tags, string? format)
    {
        if (format is not null && !tags.Contains(format)) tags.Add(format);
        return new TagChain(tags, format);
    }
}
