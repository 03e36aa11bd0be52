using System.Text.Json;
using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.Images;

/// <summary>
/// Disk images through the <c>qemu-img</c> program. Every format is stated, never guessed by QEMU at run time: a raw
/// disk whose guest wrote a qcow2 header into it could otherwise name any file of the host as its backing file.
/// </summary>
/// <param name="processes">Runs programs.</param>
public sealed partial class QemuImg(IProcessRunner processes)
{
    /// <summary>What kind of image a file is.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.ImageNotFound"/>, <see cref="Errors.ImageFormat"/>,
    /// <see cref="Errors.ToolMissing"/>.</exception>
    public async Task<DiskImageInfo> InfoAsync(string path, CancellationToken cancellationToken = default)
    {
        ThrowIfMissing(path);

        // -U: a running guest holds the image's lock, and reading its header does no harm.
        var result = await RunAsync(["info", "--output=json", "-U", path], cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded) throw Format(path, result.Tail());
        try
        {
            using var json = JsonDocument.Parse(result.StandardOutput);
            return Read(path, json.RootElement);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw Format(path, "qemu-img printed something else than expected: " + e.Message);
        }
    }

    /// <summary>Makes a copy-on-write overlay, replacing what stands at <paramref name="overlay"/>.</summary>
    /// <param name="overlay">The new qcow2 file; its folder is made if it is not there.</param>
    /// <param name="basePath">The base; recorded as an absolute path, so that the overlay can be moved.</param>
    /// <param name="baseFormat">Format of the base.</param>
    /// <param name="size">Virtual size; the base's own if null.</param>
    /// <param name="cancellationToken">Stops the program.</param>
    /// <exception cref="CharlyException"><see cref="Errors.ImageOverlay"/>, also for a size below the base's;
    /// <see cref="Errors.ImageNotFound"/> if there is no base; <see cref="Errors.ToolMissing"/>.</exception>
    public async Task CreateOverlayAsync(string overlay, string basePath, string baseFormat, ByteSize? size, CancellationToken cancellationToken = default)
    {
        var absolute = Path.GetFullPath(basePath);
        if (size is { } wanted)
        {
            var info = await InfoAsync(absolute, cancellationToken).ConfigureAwait(false);
            if (wanted.Bytes < info.VirtualSize)
            {
                throw new CharlyException(
                    Errors.ImageOverlay,
                    $"a disk of {wanted} is smaller than its base image {absolute}, which has {new ByteSize(info.VirtualSize)}",
                    $"Ask for at least {new ByteSize(info.VirtualSize)}, or leave the size out.",
                    target: overlay);
            }
        }
        else
        {
            ThrowIfMissing(absolute);
        }

        AtomicFile.EnsureFolder(Path.GetDirectoryName(Path.GetFullPath(overlay))!);
        string[] arguments = ["create", "-q", "-f", "qcow2", "-F", baseFormat, "-b", absolute, overlay];
        if (size is { } bytes) arguments = [.. arguments, bytes.Bytes.ToString()];
        await ThrowUnlessAsync(
            arguments,
            text => new CharlyException(
                Errors.ImageOverlay,
                $"the overlay {overlay} on {absolute} could not be made: {text}",
                "Check that the base image is readable and the disk is not full.",
                target: overlay),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes an empty image, replacing what stands there.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.ImageConversion"/>, <see cref="Errors.ToolMissing"/>.</exception>
    public Task CreateAsync(string path, string format, ByteSize size, CancellationToken cancellationToken = default)
    {
        AtomicFile.EnsureFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
        return ThrowUnlessAsync(
            ["create", "-q", "-f", format, path, size.Bytes.ToString()],
            text => Conversion($"the image {path} could not be made: {text}", path),
            cancellationToken);
    }

    /// <summary>Grows the virtual size; does nothing if the image already has exactly that size.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.ImageConversion"/>, also for a smaller size, since shrinking
    /// would cut off data; <see cref="Errors.ImageNotFound"/>, <see cref="Errors.ToolMissing"/>.</exception>
    public async Task GrowAsync(string path, ByteSize size, CancellationToken cancellationToken = default)
    {
        var info = await InfoAsync(path, cancellationToken).ConfigureAwait(false);
        if (size.Bytes == info.VirtualSize) return;
        if (size.Bytes < info.VirtualSize) throw CannotShrink(path, info, size);
        await ThrowUnlessAsync(
            ["resize", "-q", "-f", info.Format, path, size.Bytes.ToString()],
            text => Conversion($"{path} could not be grown to {size}: {text}", path),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Copies an image into another format, with everything that it takes from backing files.</summary>
    /// <param name="source">The image.</param>
    /// <param name="destination">The new image; written beside it and renamed, so it is there as a whole or not at all.</param>
    /// <param name="format">Format of the new image.</param>
    /// <param name="compress">Compress with zstd; only for qcow2.</param>
    /// <param name="sourceFormat">Format of the source; looked up if null.</param>
    /// <param name="cancellationToken">Stops the program and removes what it wrote.</param>
    /// <exception cref="CharlyException"><see cref="Errors.ImageConversion"/>, <see cref="Errors.ImageNotFound"/>,
    /// <see cref="Errors.ImageFormat"/>, <see cref="Errors.ToolMissing"/>.</exception>
    public async Task ConvertAsync(
        string source,
        string destination,
        string format,
        bool compress = false,
        string? sourceFormat = null,
        CancellationToken cancellationToken = default)
    {
        sourceFormat ??= (await InfoAsync(source, cancellationToken).ConfigureAwait(false)).Format;
        AtomicFile.EnsureFolder(Path.GetDirectoryName(Path.GetFullPath(destination))!);
        var temporary = $"{destination}.{Guid.NewGuid():N}.tmp";
        string[] compression = compress ? ["-c", "-o", "compression_type=zstd"] : [];
        try
        {
            await ThrowUnlessAsync(
                ["convert", "-q", "-f", sourceFormat, "-O", format, .. compression, source, temporary],
                text => Conversion($"{source} could not be converted to {format}: {text}", source),
                cancellationToken).ConfigureAwait(false);
            File.Move(temporary, destination, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>The error for a size below that of the disk.</summary>
    internal static CharlyException CannotShrink(string path, DiskImageInfo info, ByteSize size) => new(
        Errors.ImageConversion, $"{path} has {new ByteSize(info.VirtualSize)} and can't shrink to {size}", "Disks only grow: ask for a larger size.", target: path);

    private async Task ThrowUnlessAsync(IReadOnlyList<string> arguments, Func<string, CharlyException> error, CancellationToken cancellationToken)
    {
        var result = await RunAsync(arguments, cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded) throw error(result.Tail());
    }

    private async Task<CommandResult> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        if (processes.Find("qemu-img") is null)
        {
            throw new CharlyException(
                Errors.ToolMissing,
                "the program qemu-img is not installed",
                "Install it: apt-get install qemu-utils (Debian, Ubuntu), dnf install qemu-img (Fedora), pacman -S qemu-img (Arch).",
                target: "qemu-img");
        }

        return await processes.RunAsync(new ProcessRequest("qemu-img", arguments), cancellationToken).ConfigureAwait(false);
    }

    private static DiskImageInfo Read(string path, JsonElement json)
    {
        string? Text(string name) => json.TryGetProperty(name, out var value) ? value.GetString() : null;
        var backing = Text("full-backing-filename") ?? Text("backing-filename");
        return new DiskImageInfo(
            path,
            json.GetProperty("format").GetString()!,
            json.GetProperty("virtual-size").GetInt64(),
            json.TryGetProperty("actual-size", out var actual) ? actual.GetInt64() : 0,
            backing is null ? null : Path.GetFullPath(backing, Path.GetDirectoryName(Path.GetFullPath(path))!),
            Text("backing-filename-format"),
            json.TryGetProperty("snapshots", out var snapshots)
                ? [.. snapshots.EnumerateArray().Select(s => s.GetProperty("name").GetString()!)]
                : []);
    }

    private static void ThrowIfMissing(string path)
    {
        if (File.Exists(path)) return;
        throw new CharlyException(
            Errors.ImageNotFound,
            Directory.Exists(path) ? $"{path} is a folder, not an image" : $"there is no image {path}",
            "Check the path, or list the images in the cache: charly image list.",
            target: path);
    }

    private static CharlyException Format(string path, string text) => new(
        Errors.ImageFormat,
        $"the format of {path} can't be told: {text}",
        "Check that the file is a disk image: qemu-img info " + Shell.Quote(path),
        target: path);

    private static CharlyException Conversion(string message, string target) =>
        new(Errors.ImageConversion, message, "Check that the image is valid and the disk is not full.", target: target);
}
