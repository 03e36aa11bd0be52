using System.Text;

namespace OpenCharly.Foundation;

/// <summary>Writes whole files so that a reader, or a power cut, sees either the old content or the new.</summary>
public static class AtomicFile
{
    /// <summary>Mode of files that only their owner may read.</summary>
    public const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Mode 0644.</summary>
    public const UnixFileMode Shared = Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Mode 0700, for folders that only their owner may enter.</summary>
    public const UnixFileMode PrivateFolder = Private | UnixFileMode.UserExecute;

    /// <summary>Writes text as UTF-8 without a byte order mark. Symbolic links are written through.</summary>
    public static void Write(string path, string text, UnixFileMode mode = Shared) =>
        Write(path, Encoding.UTF8.GetBytes(text), mode);

    /// <summary>Writes <paramref name="content"/> beside the file, flushes it to disk and renames it into place.</summary>
    /// <param name="path">The file; its folder is created (0755, or 0700 for a private file) if it is not there.</param>
    /// <param name="content">All bytes of the file.</param>
    /// <param name="mode">Mode of the new file, in force before the first byte is written.</param>
    public static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode = Shared)
    {
        var target = ResolveLink(path);
        EnsureFolder(Path.GetDirectoryName(target)!, mode == Private);
        var temporary = $"{target}.{Environment.ProcessId}-{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = mode,
            }))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }

            File.SetUnixFileMode(temporary, mode);
            File.Move(temporary, target, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Makes a folder with its parents; a private one gets mode 0700.</summary>
    public static void EnsureFolder(string path, bool isPrivate = false)
    {
        if (Directory.Exists(path)) return;
        if (isPrivate) Directory.CreateDirectory(path, PrivateFolder);
        else Directory.CreateDirectory(path);
    }

    private static string ResolveLink(string path)
    {
        var full = Path.GetFullPath(path);
        return new FileInfo(full).LinkTarget is null ? full : File.ResolveLinkTarget(full, returnFinalTarget: true)!.FullName;
    }
}
