namespace OpenCharly.Foundation;

/// <summary>
/// An exclusive advisory lock (<c>flock</c>) on a file, with its owner's name in <c>&lt;file&gt;.owner</c> beside it. The
/// kernel drops it when the process ends, however it ends; the files stay.
/// </summary>
public sealed class FileLock : IDisposable
{
    // Of all that can go wrong with opening a file, only this ends by waiting: EWOULDBLOCK, or Windows' sharing violation.
    private static readonly int HeldByOther = OperatingSystem.IsWindows() ? unchecked((int)0x80070020) : OperatingSystem.IsMacOS() || OperatingSystem.IsFreeBSD() ? 35 : 11;

    private readonly FileStream _stream;

    private FileLock(FileStream stream) => _stream = stream;

    /// <summary>Takes the lock, waiting for its holder to let go.</summary>
    /// <param name="path">The lock file, created 0600 if it is not there.</param>
    /// <param name="waiting">Called once with the owner's own words after two seconds of waiting.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="IOException">The file can't be opened, as on a file system that is read-only.</exception>
    public static async Task<FileLock> AcquireAsync(string path, Action<string>? waiting = null, CancellationToken cancellationToken = default)
    {
        var noticeAt = DateTime.UtcNow.AddSeconds(2);
        for (var pause = 5; ; pause = Math.Min(pause * 2, 50))
        {
            if (TryAcquire(path) is { } held) return held;

            if (waiting is not null && DateTime.UtcNow > noticeAt)
            {
                waiting(ReadOwner(path));
                waiting = null;
            }

            await Task.Delay(pause, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes the lock if nobody has it; null if somebody does.</summary>
    /// <exception cref="IOException">As with <see cref="AcquireAsync"/>.</exception>
    public static FileLock? TryAcquire(string path)
    {
        AtomicFile.EnsureFolder(Path.GetDirectoryName(Path.GetFullPath(path))!, isPrivate: true);
        if (TryOpen(path) is not { } stream) return null;
        NoteOwner(path);
        return new FileLock(stream);
    }

    /// <summary>As <see cref="AcquireAsync"/>, blocking the calling thread.</summary>
    public static FileLock Acquire(string path) => AcquireAsync(path).GetAwaiter().GetResult();

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private static FileStream? TryOpen(string path)
    {
        try
        {
            // FileShare.None makes .NET take flock(LOCK_EX | LOCK_NB), which the flock command honours too.
            return new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = AtomicFile.Private,
            });
        }
        catch (IOException e) when (e.HResult == HeldByOther)
        {
            return null;
        }
    }

    // Only for the words of those who wait: a full disk must not keep a lock from whoever comes to free it.
    private static void NoteOwner(string path)
    {
        try
        {
            AtomicFile.Write(OwnerFile(path), $"process {Environment.ProcessId} ({Path.GetFileName(Environment.ProcessPath)})\n", AtomicFile.Private);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Forget(path);
        }
    }

    private static void Forget(string path)
    {
        try
        {
            File.Delete(OwnerFile(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Then those who wait read the name of an earlier owner.
        }
    }

    // Not in the lock file itself: .NET takes a shared flock to read, which the lock forbids.
    private static string OwnerFile(string path) => path + ".owner";

    private static string ReadOwner(string path)
    {
        try
        {
            return File.ReadAllText(OwnerFile(path)).Trim();
        }
        catch (IOException)
        {
            return "another process";
        }
    }
}
