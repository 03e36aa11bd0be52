using OpenCharly.Foundation;
using OpenCharly.Vms.Images;

namespace OpenCharly.Operations;

/// <summary>An image in the cache of VMFile machines.</summary>
/// <param name="Name">File name.</param>
/// <param name="Path">Absolute path.</param>
/// <param name="Size">Bytes on disk.</param>
/// <param name="Url">Where it came from; null if that is not on record.</param>
public sealed record VmImage(string Name, string Path, long Size, string? Url)
{
    /// <summary>Format, such as <c>qcow2</c>; null unless it was looked at.</summary>
    public string? Format { get; init; }

    /// <summary>Size that a guest sees, in bytes; null unless it was looked at.</summary>
    public long? VirtualSize { get; init; }

    /// <summary>Image that it is an overlay of; null if it stands alone or was not looked at.</summary>
    public string? BackingFile { get; init; }
}

/// <summary>Downloads an image into the cache.</summary>
/// <param name="context">What it works with.</param>
public sealed class PullImage(CharlyContext context)
{
    /// <summary>Downloads it, unless it is there.</summary>
    /// <param name="url">Address.</param>
    /// <param name="name">File name; the last part of the address if null.</param>
    /// <param name="cancellationToken">Stops; what came so far stays for the next try.</param>
    /// <exception cref="CharlyException"><see cref="Errors.ImageDownload"/>, <see cref="Errors.ImageFormat"/>, <see cref="Errors.BadName"/>.</exception>
    public async Task<VmImage> RunAsync(string url, string? name = null, CancellationToken cancellationToken = default)
    {
        var image = await new NamedImages(context.Paths, context.Processes, context.Progress).EnsureAsync(url, name, cancellationToken: cancellationToken).ConfigureAwait(false);
        return await new GetImages(context).InspectAsync(image.Path, cancellationToken).ConfigureAwait(false);
    }
}

/// <summary>Lists and inspects images.</summary>
/// <param name="context">What it works with.</param>
public sealed class GetImages(CharlyContext context)
{
    private readonly NamedImages _images = new(context.Paths, context.Processes, context.Progress);

    /// <summary>Names of the images in the cache.</summary>
    public IReadOnlyList<string> Names() => _images.List();

    /// <summary>The images in the cache, by name.</summary>
    public IReadOnlyList<VmImage> Run() => [.. _images.List().Select(n => Describe(_images.Find(n)))];

    /// <summary>Format and sizes of an image: a path, or a name in the cache.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.ImageNotFound"/>, <see cref="Errors.ImageFormat"/>.</exception>
    public async Task<VmImage> InspectAsync(string pathOrName, CancellationToken cancellationToken = default)
    {
        var path = Resolve(pathOrName);
        var info = await new QemuImg(context.Processes).InfoAsync(path, cancellationToken).ConfigureAwait(false);
        return Describe(path) with { Format = info.Format, VirtualSize = info.VirtualSize, BackingFile = info.BackingFile };
    }

    /// <summary>The file that a path or a name in the cache means; the file wins.</summary>
    internal string Resolve(string pathOrName)
    {
        var path = context.Environment.Resolve(pathOrName);
        return !File.Exists(path) && _images.List().Contains(pathOrName) ? _images.Find(pathOrName) : path;
    }

    private static VmImage Describe(string path)
    {
        var note = path + ".url";
        return new VmImage(Path.GetFileName(path), path, new FileInfo(path).Length, File.Exists(note) ? File.ReadAllText(note).Trim() : null);
    }
}

/// <summary>Converts an image into another format.</summary>
/// <param name="context">What it works with.</param>
public sealed class ConvertImage(CharlyContext context)
{
    private static readonly string[] Formats = ["qcow2", "raw", "vmdk", "vdi", "vhdx"];

    /// <summary>Writes the copy; it is there as a whole or not at all.</summary>
    /// <param name="source">Path, or name in the cache.</param>
    /// <param name="destination">Path of the copy; must not exist.</param>
    /// <param name="format">Format of the copy.</param>
    /// <param name="cancellationToken">Stops and removes what was written.</param>
    /// <exception cref="CharlyException"><see cref="Errors.Usage"/>, <see cref="Errors.FileExists"/>, <see cref="Errors.ImageNotFound"/>, <see cref="Errors.ImageConversion"/>.</exception>
    public async Task<VmImage> RunAsync(string source, string destination, string format = "qcow2", CancellationToken cancellationToken = default)
    {
        if (!Formats.Contains(format)) throw new CharlyException(Errors.Usage, $"\"{format}\" is no format to convert to", Nearest.Suggest(format, Formats, $"Use {string.Join(", ", Formats)}."));
        var images = new GetImages(context);
        var path = context.Environment.Resolve(destination);
        if (File.Exists(path)) throw new CharlyException(Errors.FileExists, $"{path} exists already", "Name another file, or remove it first.", target: path);
        await new QemuImg(context.Processes).ConvertAsync(images.Resolve(source), path, format, cancellationToken: cancellationToken).ConfigureAwait(false);
        return await images.InspectAsync(path, cancellationToken).ConfigureAwait(false);
    }
}

/// <summary>Removes an image from the cache.</summary>
/// <param name="context">What it works with.</param>
public sealed class RemoveImage(CharlyContext context)
{
    /// <summary>Removes it, unless a machine's disk stands on it.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.ImageNotFound"/>, <see cref="Errors.BadName"/>; <see cref="Errors.VmState"/> while it is used.</exception>
    public async Task RunAsync(string name, CancellationToken cancellationToken = default)
    {
        var path = new NamedImages(context.Paths, context.Processes, context.Progress).Find(name);
        var tool = new QemuImg(context.Processes);
        foreach (var handle in new VmServices(context).Registry.Read().Values.Where(h => File.Exists(h.OverlayPath)))
        {
            var info = await tool.InfoAsync(handle.OverlayPath!, cancellationToken).ConfigureAwait(false);
            if (info.BackingFile != path) continue;
            var vm = Vms.VmName.Of(handle);
            throw new CharlyException(Errors.VmState, $"the disk of machine {vm} stands on the image {name}", $"Destroy the machine first: charly vm destroy {vm}", target: name);
        }

        File.Delete(path);
        File.Delete(path + ".url");
    }
}
