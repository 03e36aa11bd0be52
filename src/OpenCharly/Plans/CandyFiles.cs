using System.Security.Cryptography;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Plans;

/// <summary>Reads the files of a candy that a plan names by digest.</summary>
internal static class CandyFiles
{
    /// <summary>The file or, sorted by path, all files of the folder that a task names.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.TaskSource"/> if there is none, or it lies outside of the candy.</exception>
    public static (bool IsFolder, IReadOnlyList<CandyFile> Files) Source(Candy candy, CandyTask task, string relative)
    {
        if (relative.Length == 0 || relative[0] is '/' or '~' || relative.Split('/').Contains(".."))
        {
            throw Wrong(candy, task, relative, "must be a path inside of the candy's folder", "Move the file into the candy's folder and name it from there.");
        }

        var path = Path.Combine(candy.SourceFolder, relative);
        if ((File.Exists(path) || Directory.Exists(path)) && !Containment.Holds(candy.SourceFolder, path))
        {
            throw Wrong(candy, task, relative, "is a link that leads out of the candy's folder", "Put a copy of the file there instead.");
        }

        if (File.Exists(path)) return (false, [Describe(path, relative)]);
        if (Directory.Exists(path)) return (true, Tree(path));
        throw Wrong(candy, task, relative, $"does not exist in {candy.SourceFolder}", "Add the file, or correct its name.");
    }

    /// <summary>All files below a folder, sorted by path, without <c>.git</c>.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.TaskSource"/> for a link that leads out of the folder.</exception>
    public static IReadOnlyList<CandyFile> Tree(string folder)
    {
        var files = new List<CandyFile>();
        Collect(folder, folder, "", files);
        files.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
        return files;
    }

    /// <summary>A file, by its path below some folder.</summary>
    public static CandyFile Describe(string path, string name)
    {
        using var stream = File.OpenRead(path);
        var digest = Convert.ToHexStringLower(SHA256.HashData(stream));

        // Only whether it can be run counts: the rest of the mode is the umask of whoever checked the project out.
        var mode = (File.GetUnixFileMode(path) & UnixFileMode.UserExecute) != 0 ? "0755" : "0644";
        return new CandyFile(name, digest, stream.Length, mode);
    }

    private static void Collect(string root, string folder, string prefix, List<CandyFile> files)
    {
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos())
        {
            if (entry is DirectoryInfo child)
            {
                // A link to a folder may lead anywhere, even back up.
                if (entry.Name != ".git" && entry.LinkTarget is null) Collect(root, child.FullName, $"{prefix}{entry.Name}/", files);
            }
            else
            {
                if (entry.LinkTarget is not null && !(File.Exists(entry.FullName) && Containment.Holds(root, entry.FullName)))
                {
                    throw new CharlyException(
                        Errors.TaskSource, $"{entry.FullName} is a link that is broken or leads out of {root}",
                        "Put a copy of the file there instead.", new SourcePosition(entry.FullName, 1, 1), prefix + entry.Name);
                }

                files.Add(Describe(entry.FullName, prefix + entry.Name));
            }
        }
    }

    private static CharlyException Wrong(Candy candy, CandyTask task, string source, string message, string help) =>
        new(Errors.TaskSource, $"candy {candy.Name}: copy source \"{source}\" {message}", help, task.Position, candy.Name);
}
