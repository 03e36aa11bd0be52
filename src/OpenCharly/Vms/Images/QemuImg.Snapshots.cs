using OpenCharly.Foundation;

namespace OpenCharly.Vms.Images;

/// <content>Snapshots inside images, and chains of images.</content>
public sealed partial class QemuImg
{
    /// <summary>Makes a snapshot inside an image that nobody writes.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.SnapshotFailed"/>, <see cref="Errors.ToolMissing"/>.</exception>
    public Task CreateSnapshotAsync(string path, string name, CancellationToken cancellationToken = default) =>
        SnapshotAsync("-c", path, name, "made", cancellationToken);

    /// <summary>Puts an image that nobody writes back to a snapshot inside it.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.SnapshotFailed"/>, <see cref="Errors.ToolMissing"/>.</exception>
    public Task ApplySnapshotAsync(string path, string name, CancellationToken cancellationToken = default) =>
        SnapshotAsync("-a", path, name, "restored", cancellationToken);

    /// <summary>Removes a snapshot inside an image that nobody writes.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.SnapshotFailed"/>, <see cref="Errors.ToolMissing"/>.</exception>
    public Task DeleteSnapshotAsync(string path, string name, CancellationToken cancellationToken = default) =>
        SnapshotAsync("-d", path, name, "removed", cancellationToken);

    /// <summary>Copies a snapshot inside an image to an image of its own.</summary>
    /// <param name="path">The image, which nobody writes.</param>
    /// <param name="name">The snapshot.</param>
    /// <param name="destination">The new qcow2 image; written beside it and renamed.</param>
    /// <param name="cancellationToken">Stops the program and removes what it wrote.</param>
    /// <exception cref="CharlyException"><see cref="Errors.ImageConversion"/>, <see cref="Errors.ToolMissing"/>.</exception>
    public async Task ExtractSnapshotAsync(string path, string name, string destination, CancellationToken cancellationToken = default)
    {
        var temporary = $"{destination}.{Guid.NewGuid():N}.tmp";
        try
        {
            await ThrowUnlessAsync(
                ["convert", "-q", "-f", "qcow2", "-l", "snapshot.name=" + name.Replace(",", ",,", StringComparison.Ordinal), "-O", "qcow2", path, temporary],
                text => Conversion($"the snapshot {name} of {path} could not be copied out: {text}", path),
                cancellationToken).ConfigureAwait(false);
            File.Move(temporary, destination, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Puts an overlay on another base; what it took from files in between is copied into it.</summary>
    /// <param name="overlay">The overlay, which nobody writes.</param>
    /// <param name="basePath">The new base; null to let it stand alone.</param>
    /// <param name="baseFormat">Format of the new base.</param>
    /// <param name="cancellationToken">Stops the program; the overlay stays valid.</param>
    /// <exception cref="CharlyException"><see cref="Errors.ImageOverlay"/>, <see cref="Errors.ToolMissing"/>.</exception>
    public Task RebaseAsync(string overlay, string? basePath, string? baseFormat, CancellationToken cancellationToken = default) => ThrowUnlessAsync(
        ["rebase", "-q", "-f", "qcow2", "-b", basePath ?? "", .. basePath is null ? (string[])[] : ["-F", baseFormat ?? "qcow2"], overlay],
        text => new CharlyException(
            Errors.ImageOverlay, $"{overlay} could not be put on {basePath ?? "no base"}: {text}", "Check that the disk is not full; nothing was lost.", target: overlay),
        cancellationToken);

    private Task SnapshotAsync(string option, string path, string name, string done, CancellationToken cancellationToken) => ThrowUnlessAsync(
        ["snapshot", "-q", option, name, path],
        text => new CharlyException(
            Errors.SnapshotFailed, $"the snapshot {name} in {path} could not be {done}: {text}", "Check that no other program uses the image, and that the disk is not full.", target: path),
        cancellationToken);
}
