namespace OpenCharly.Boxes;

/// <summary>Folders that outlive a build and are shared by builds (candy-and-plan.md §8.1).</summary>
internal static class CacheMounts
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
}
