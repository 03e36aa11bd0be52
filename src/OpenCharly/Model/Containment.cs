namespace OpenCharly.Model;

/// <summary>
/// Whether a file really lies in a folder, links followed. What a candy names is copied to targets, so a link must not
/// lead to the operator's own files.
/// </summary>
internal static class Containment
{
    // As many as the kernel follows.
    private const int MaxLinks = 40;

    /// <summary>Whether a path leads to something that exists in a folder, after every link on the way is followed.</summary>
    public static bool Holds(string folder, string path) => IsPlainlyBelow(folder.TrimEnd('/'), path) || IsBelow(folder, path);

    // Most paths hold no link at all below the folder, and then the way to the folder does not matter.
    private static bool IsPlainlyBelow(string folder, string path)
    {
        if (!path.StartsWith(folder + "/", StringComparison.Ordinal) || !Path.Exists(path)) return false;
        var here = folder;
        foreach (var part in path[(folder.Length + 1)..].Split('/'))
        {
            if (part is "" or "." or "..") return false;
            here += "/" + part;
            if (new FileInfo(here).LinkTarget is not null) return false;
        }

        return true;
    }

    private static bool IsBelow(string folder, string path) =>
        RealPath(folder) is { } root && RealPath(path) is { } real && Path.Exists(real) && IsAtOrBelow(root, real);

    /// <summary>Whether an absolute path is a folder or lies below it, by their texts alone.</summary>
    public static bool IsAtOrBelow(string folder, string path) => path == folder || path.StartsWith(folder.TrimEnd('/') + "/", StringComparison.Ordinal);

    /// <summary>An absolute path without links; null if links go in a circle.</summary>
    public static string? RealPath(string path)
    {
        var here = "/";
        var links = 0;
        var todo = new Stack<string>(path.Split('/').Reverse());
        while (todo.TryPop(out var part))
        {
            if (part is "" or ".") continue;
            if (part == "..")
            {
                here = Path.GetDirectoryName(here) ?? "/";
                continue;
            }

            var next = Path.Combine(here, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                here = next;
                continue;
            }

            if (++links > MaxLinks) return null;
            if (target.StartsWith('/')) here = "/";
            foreach (var step in target.Split('/').Reverse()) todo.Push(step);
        }

        return here;
    }
}
