using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace OpenCharly.Boxes;

/// <summary>Folders that outlive a build and are shared by builds (candy-and-plan.md §8.1).</summary>
internal static partial class CacheMounts
{
    /// <summary>The option of <c>RUN</c> for one folder.</summary>
    /// <param name="path">Absolute path.</param>
    /// <param name="user">Whose it is; null for root.</param>
    public static string Of(string path, BoxUser? user)
    {
        var id = "charly-" + path.Trim('/').Replace('/', '-');
        return user is null or { Uid: 0 }
            ? $"--mount=type=cache,id={id},target={path},sharing=locked"
            : $"--mount=type=cache,id={id}-uid{user.Uid},target={path},sharing=locked,uid={user.Uid},gid={user.Gid}";
    }

    /// <summary>What a builder keeps.</summary>
    public static IReadOnlyList<string> OfBuilder(string builder) => builder switch
    {
        "npm" => ["/tmp/npm-cache"],
        "pixi" => ["/tmp/pixi-cache", "/tmp/rattler-cache"],
        "cargo" => ["/tmp/cargo-cache"],
        _ => ["/var/cache/pacman/pkg"],
    };

    /// <summary>The ids of the folders that a Containerfile mounts, each once, sorted.</summary>
    public static IReadOnlyList<string> IdsIn(string containerfile) =>
        [.. Mount().Matches(containerfile).Select(m => m.Groups["id"].Value).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>The names under which releases of buildah keep the folders that a Containerfile mounts: the id itself, or a digest of it and the owner.</summary>
    public static IEnumerable<string> FolderNames(string containerfile)
    {
        foreach (Match mount in Mount().Matches(containerfile))
        {
            var id = mount.Groups["id"].Value;
            var owner = Owner().Match(mount.Value);
            yield return id;
            yield return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(owner.Success ? $"{id}:{owner.Groups[1].Value}:{owner.Groups[2].Value}" : id + ":0:0")))[..16];
        }
    }

    /// <summary>The same Containerfile, but the engine locks none of the folders.</summary>
    public static string WithoutLocks(string containerfile) => Mount().Replace(containerfile, m => m.Value.Replace(",sharing=locked", "", StringComparison.Ordinal));

    // Of options and of nothing else: what a step does is in a script beside the Containerfile.
    [GeneratedRegex(@"(?<=^RUN (?:--mount=\S+ )*)--mount=type=cache,id=(?<id>[^\s,]+)\S*(?= )", RegexOptions.Multiline)]
    private static partial Regex Mount();

    [GeneratedRegex(",uid=([0-9]+),gid=([0-9]+)")]
    private static partial Regex Owner();
}
