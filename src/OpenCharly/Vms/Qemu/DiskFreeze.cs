using System.ComponentModel;
using System.Runtime.InteropServices;
using OpenCharly.Foundation;
using OpenCharly.Vms.Images;

namespace OpenCharly.Vms.Qemu;

/// <summary>
/// Turns a disk into an overlay on what it was, without copying: the file gets a second name, and a new overlay is renamed
/// over the first one. At no moment is there a path without a valid disk, and a cut leaves only a second name too many.
/// </summary>
/// <param name="images">Makes overlays.</param>
internal sealed class DiskFreeze(QemuImg images)
{
    private const string LiveMark = ".live-";

    /// <summary>Where the frozen file of a disk goes: into the snapshot's folder, or beside the disk if that is another file system.</summary>
    public static string Place(string disk, string folder)
    {
        var near = Path.Combine(folder, "disk.qcow2");
        if (TryLink(disk, near + ".probe") == 0)
        {
            File.Delete(near + ".probe");
            return near;
        }

        return Path.Combine(Path.GetDirectoryName(disk)!, ".snapshots", Path.GetFileName(folder), "disk.qcow2");
    }

    /// <summary>Gives the disk its second name and makes the overlay beside it, which is not the disk yet.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="frozen">Its second name.</param>
    /// <param name="overlay">The overlay to make.</param>
    /// <param name="cancellationToken">Gives up and takes both back.</param>
    /// <exception cref="CharlyException"><see cref="Errors.SnapshotFailed"/>, <see cref="Errors.ImageOverlay"/>.</exception>
    public async Task BeginAsync(string disk, string frozen, string overlay, CancellationToken cancellationToken)
    {
        AtomicFile.EnsureFolder(Path.GetDirectoryName(frozen)!, isPrivate: true);
        File.Delete(frozen);
        if (TryLink(disk, frozen) is not 0 and var error)
        {
            throw new CharlyException(
                Errors.SnapshotFailed, $"{disk} could not be kept as {frozen}: {new Win32Exception(error).Message}", "Check that both are on one file system that knows hard links.", target: disk);
        }

        try
        {
            await images.CreateOverlayAsync(overlay, frozen, "qcow2", null, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            Cancel(frozen, overlay);
            throw;
        }
    }

    /// <summary>Name of the overlay that a running QEMU goes over to; it opens files again by the names it knows, so the name stays until it ends.</summary>
    public static string LiveOverlay(string disk, string snapshot) => $"{disk}{LiveMark}{snapshot}";

    /// <summary>Puts the overlay in the disk's place.</summary>
    public static void Commit(string disk, string overlay) => File.Move(overlay, disk, overwrite: true);

    /// <summary>As <see cref="Commit"/>, but the overlay keeps its own name too.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.SnapshotFailed"/>.</exception>
    public static void CommitLive(string disk, string overlay)
    {
        var second = overlay + ".swap";
        if (TryLink(overlay, second) is not 0 and var error)
        {
            throw new CharlyException(
                Errors.SnapshotFailed, $"{overlay}, which the machine now writes to, could not take the place of {disk}: {new Win32Exception(error).Message}", $"Before its next start: mv {Shell.Quote(overlay)} {Shell.Quote(disk)}", target: disk);
        }

        File.Move(second, disk, overwrite: true);
    }

    /// <summary>Drops the second names that a QEMU which has ended knew the disk by.</summary>
    public static void DropLiveNames(string disk)
    {
        foreach (var name in Directory.EnumerateFiles(Path.GetDirectoryName(disk)!, Path.GetFileName(disk) + LiveMark + "*")) File.Delete(name);
    }

    /// <summary>Takes back what <see cref="BeginAsync"/> made.</summary>
    public static void Cancel(string frozen, string overlay)
    {
        File.Delete(overlay);
        File.Delete(frozen);
        var folder = Path.GetDirectoryName(frozen)!;
        if (Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any()) Directory.Delete(folder);
    }

    private static int TryLink(string existing, string added)
    {
        if (File.Exists(added)) File.Delete(added);
        return Link(existing, added) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    [DllImport("libc", EntryPoint = "link", SetLastError = true)]
    private static extern int Link([MarshalAs(UnmanagedType.LPUTF8Str)] string existing, [MarshalAs(UnmanagedType.LPUTF8Str)] string added);
}
