namespace OpenCharly.Plans;

/// <summary>What a language builder made, as paths below the home folder.</summary>
/// <param name="Folders">Folders that belong to what was built as a whole: an npm package, a pixi environment.</param>
/// <param name="Files">Single files and links in folders that others put things into as well.</param>
internal sealed record BuiltTree(IReadOnlyList<string> Folders, IReadOnlyList<string> Files)
{
    // Folders that everybody puts things into; below them begins what belongs to one build.
    private static readonly HashSet<string> Shared = new(StringComparer.Ordinal)
    {
        ".npm-global", ".npm-global/bin", ".npm-global/lib", ".npm-global/lib/node_modules", ".npm-global/share", ".npm-global/share/man", ".npm-global/share/man/man1",
        ".cargo", ".cargo/bin", ".pixi", ".pixi/bin", ".pixi/envs",
    };

    // Caches and book-keeping of the builders themselves: of no use on the target, and not the same from build to build.
    private static readonly HashSet<string> Left = new(StringComparer.Ordinal)
    {
        ".cargo/registry", ".cargo/git", ".cargo/.package-cache", ".cargo/.global-cache", ".cargo/.crates.toml", ".cargo/.crates2.json",
        ".cargo/.package-cache-mutate", ".npm-global/lib/node_modules/.package-lock.json",
    };

    /// <summary>Whether anything was built.</summary>
    public bool IsEmpty => Folders.Count + Files.Count == 0;

    /// <summary>Everything, in order: what an archive has to hold.</summary>
    public IEnumerable<string> Paths => Folders.Concat(Files).Order(StringComparer.Ordinal);

    /// <summary>Looks at what a build left in a home folder.</summary>
    /// <param name="home">The folder on this machine.</param>
    /// <param name="artifacts">Folders below it that count.</param>
    public static BuiltTree Of(string home, IEnumerable<string> artifacts)
    {
        var folders = new List<string>();
        var files = new List<string>();
        foreach (var artifact in artifacts)
        {
            if (Directory.Exists(Path.Combine(home, artifact))) Collect(home, artifact, folders, files);
        }

        folders.Sort(StringComparer.Ordinal);
        files.Sort(StringComparer.Ordinal);
        return new BuiltTree(folders, files);
    }

    private static void Collect(string home, string relative, List<string> folders, List<string> files)
    {
        foreach (var entry in new DirectoryInfo(Path.Combine(home, relative)).EnumerateFileSystemInfos())
        {
            var path = $"{relative}/{entry.Name}";
            if (Left.Contains(path)) continue;
            var isFolder = entry is DirectoryInfo && entry.LinkTarget is null;
            if (!isFolder) files.Add(path);
            else if (Shared.Contains(path) || IsScope(path)) Collect(home, path, folders, files);
            else folders.Add(path);
        }
    }

    // Packages of one npm scope share a folder.
    private static bool IsScope(string path) => path.StartsWith(".npm-global/lib/node_modules/@", StringComparison.Ordinal) && path.Count(c => c == '/') == 3;
}
