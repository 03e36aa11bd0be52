using OpenCharly.Foundation;
using OpenCharly.Vms.Images;

namespace OpenCharly.Operations;

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
