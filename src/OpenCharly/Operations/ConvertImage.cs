using OpenCharly.Foundation;
using OpenCharly.Vms.Images;

namespace OpenCharly.Operations;

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
        var (from, path, images) = Check(source, destination, format);
        await new QemuImg(context.Processes).ConvertAsync(from, path, format, cancellationToken: cancellationToken).ConfigureAwait(false);
        return await images.InspectAsync(path, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What <see cref="RunAsync"/> would do, in one line; writes nothing.</summary>
    /// <exception cref="CharlyException">What <see cref="RunAsync"/> throws before it writes anything.</exception>
    public IReadOnlyList<string> Preview(string source, string destination, string format = "qcow2")
    {
        var (from, path, _) = Check(source, destination, format);
        return [$"copy {from} to {path}, as {format}"];
    }

    private (string Source, string Destination, GetImages Images) Check(string source, string destination, string format)
    {
        if (!Formats.Contains(format)) throw new CharlyException(Errors.Usage, $"\"{format}\" is no format to convert to", Nearest.Suggest(format, Formats, $"Use {string.Join(", ", Formats)}."));
        var images = new GetImages(context);
        var path = context.Environment.Resolve(destination);
        if (Directory.Exists(path)) throw new CharlyException(Errors.FileExists, $"{path} is a folder", "Name the file that is to be written.", target: path);
        if (File.Exists(path)) throw new CharlyException(Errors.FileExists, $"{path} exists already", "Name another file, or remove it first.", target: path);
        return (images.Resolve(source), path, images);
    }
}
