using OpenCharly.Foundation;

namespace OpenCharly.Boxes;

/// <summary>A Containerfile with everything that building it needs; nothing of it is on disk yet.</summary>
public sealed record GeneratedBox
{
    /// <summary>Name of the box, or <c>overlay-KEY</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Full reference of the image that it makes.</summary>
    public required string Reference { get; init; }

    /// <summary>The build's context: the project's folder.</summary>
    public required string Context { get; init; }

    /// <summary>The Containerfile.</summary>
    public required string Text { get; init; }

    /// <summary>Files in the context beside it, by path below the context.</summary>
    public required IReadOnlyDictionary<string, ContextFile> Files { get; init; }

    /// <summary>What the image will say of itself.</summary>
    public required BoxLabels Labels { get; init; }

    /// <summary>References of images that must be there before: base, builders.</summary>
    public IReadOnlyList<string> Needs { get; init; } = [];

    /// <summary>Names of boxes of the project that must be built before.</summary>
    public IReadOnlyList<string> After { get; init; } = [];

    /// <summary>Suite of the root file system that must be made before; null if it has a base.</summary>
    public string? RootSuite { get; init; }

    /// <summary>What the user should know.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Folder of the Containerfile, below the context.</summary>
    public string Folder => $".build/{Name}";

    /// <summary>Path of the Containerfile.</summary>
    public string Path => System.IO.Path.Combine(Context, Folder, "Containerfile");

    /// <summary>Path of a Containerfile that makes the same image with engines whose cache locks never open again; made when it is needed.</summary>
    internal string UnlockedPath => Path + ".unlocked";

    /// <summary>Path of the root file system that it stands on, if it makes one.</summary>
    public string RootPath => System.IO.Path.Combine(Context, Folder, RootFile);

    internal const string RootFile = "rootfs.tar";

    /// <summary>Writes Containerfile and files. What an earlier generation left beside it goes.</summary>
    /// <param name="ignore">Lines of the files that name what no build needs to see.</param>
    public void Write(IReadOnlyList<string> ignore)
    {
        foreach (var stale in new[] { "_inline", "_candy" }.Select(f => System.IO.Path.Combine(Context, Folder, f)).Where(Directory.Exists)) Directory.Delete(stale, recursive: true);
        foreach (var (path, file) in Files)
        {
            var mode = file.IsExecutable ? AtomicFile.Shared | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute : AtomicFile.Shared;
            AtomicFile.Write(System.IO.Path.Combine(Context, path), file.Content.Span, mode);
        }

        IgnoreFile.Write(Context, ignore);
        AtomicFile.Write(Path, Text);
        File.Delete(UnlockedPath);
    }
}
