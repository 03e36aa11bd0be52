using OpenCharly.Foundation;

namespace OpenCharly.Vms;

/// <summary>Lets one verb at a time change a machine.</summary>
internal static class VmLock
{
    /// <summary>Waits for the lock, and says whom it waits for.</summary>
    public static Task<FileLock> AcquireAsync(VmFiles files, IProgress<CharlyEvent> progress, CancellationToken cancellationToken) =>
        FileLock.AcquireAsync(
            files.Lock,
            owner => progress.Report(new NoticeEvent(NoticeLevel.Info, $"waiting for {owner}, which is changing this machine")),
            cancellationToken);

    /// <summary>The lock if nobody holds it, else null.</summary>
    public static async Task<FileLock?> TryAcquireAsync(VmFiles files)
    {
        try
        {
            // The lock is tried once before the token is looked at.
            return await FileLock.AcquireAsync(files.Lock, null, new CancellationToken(canceled: true)).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }
}
