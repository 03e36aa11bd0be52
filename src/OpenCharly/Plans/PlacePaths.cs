namespace OpenCharly.Plans;

/// <summary>Which folders a step may have to make.</summary>
internal static class PlacePaths
{
    private static readonly HashSet<string> Standard = new(StringComparer.Ordinal)
    {
        "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/lib32", "/lib64", "/libx32", "/media", "/mnt", "/opt", "/proc", "/root", "/run", "/sbin", "/srv", "/sys", "/tmp", "/usr", "/var",
    };

    /// <summary>The folders above these paths, and those that a step makes by itself, outermost first.</summary>
    /// <remarks>The root, the folders in it that the Filesystem Hierarchy Standard names, and what leads to the home are there on every system.</remarks>
    /// <param name="paths">What is placed.</param>
    /// <param name="own">Folders that the step makes by itself.</param>
    /// <param name="home">The home folder.</param>
    public static IReadOnlyList<string> Folders(IEnumerable<string> paths, IEnumerable<string> own, string home)
    {
        var folders = new SortedSet<string>(own, StringComparer.Ordinal);
        foreach (var path in paths)
        {
            for (var parent = Parent(path); parent != "/"; parent = Parent(parent))
            {
                if (Standard.Contains(parent) || parent == home || home.StartsWith(parent + "/", StringComparison.Ordinal)) break;
                folders.Add(parent);
            }
        }

        return [.. folders];
    }

    /// <summary>The folder that holds a path; the root's is empty.</summary>
    public static string Parent(string path)
    {
        var trimmed = path.TrimEnd('/');
        var at = trimmed.LastIndexOf('/');
        return at <= 0 ? "/" : trimmed[..at];
    }
}
