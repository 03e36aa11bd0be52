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
    /// <returns>The overlay.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.SnapshotFailed"/>, <see cref="Errors.ImageOverlay"/>.</exception>
    public async Task<string> BeginAsync(string disk, string frozen, CancellationToken cancellationToken)
    {
        AtomicFile.EnsureFolder(Path.GetDirectoryName(frozen)!, isPrivate: true);
        File.Delete(frozen);
        if (TryLink(disk, frozen) is not 0 and var error)
        {
            throw new CharlyException(
                Errors.SnapshotFailed, $"{disk} could not be kept as {frozen}: {new Win32Exception(error).Message}", "Check that both are on one file system that knows hard links.", target: disk);
        }

        var overlay = disk + ".new";
        try
        {
            await images.CreateOverlayAsync(overlay, frozen, "qcow2", null, cancellationToken).ConfigureAwait(false);
            return overlay;
        }
        catch
        {
            Cancel(frozen, overlay);
            throw;
        }
    }

    /// <summary>Puts the overlay in the disk's place.</summary>
    public static void Commit(string disk, string overlay) => File.Move(overlay, disk, overwrite: true);

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
