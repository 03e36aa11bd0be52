using System.Globalization;
using System.Security.Cryptography;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.Images;

/// <summary>
/// One image in the cache: <c>NAME.qcow2</c>, and <c>NAME.qcow2.sha256</c>, which is written last and says which file is
/// current. An image is never replaced by another content: disks of machines stand on it by its path. A newer
/// content gets a file name of its own.
/// </summary>
/// <param name="folder">The cache.</param>
/// <param name="name">Name without extension.</param>
internal sealed class CachedImage(string folder, string name)
{
    private string DigestFile => Path.Combine(folder, name + ".qcow2.sha256");

    /// <summary>Lock of whoever makes or downloads it.</summary>
    public string LockFile => Path.Combine(folder, name + ".lock");

    /// <summary>An unfinished download.</summary>
    public string PartFile => Path.Combine(folder, name + ".qcow2.part");

    /// <summary>Folder for files of a build in progress.</summary>
    public string WorkFolder => Path.Combine(folder, name + ".work");

    /// <summary>The current image; null if there is none or it is not complete. Its format is that of images we build.</summary>
    public BaseImage? Current
    {
        get
        {
            if (!File.Exists(DigestFile)) return null;
            var words = File.ReadAllText(DigestFile).Split(default(char[]), StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0) return null;
            var path = Path.Combine(folder, words.Length > 1 ? Path.GetFileName(words[1]) : name + ".qcow2");
            return File.Exists(path) ? new BaseImage(path, "qcow2", words[0]) : null;
        }
    }

    /// <summary>A path for a new image, which is not in use.</summary>
    public string NewPath(DateTimeOffset now)
    {
        var path = Path.Combine(folder, name + ".qcow2");
        return File.Exists(path) ? Path.Combine(folder, $"{name}-{now.ToString("yyyyMMddHHmmssfff", CultureInfo.InvariantCulture)}.qcow2") : path;
    }

    /// <summary>Makes a finished file the current image.</summary>
    /// <param name="path">The file, in the cache.</param>
    /// <param name="cancellationToken">Stops the hashing.</param>
    public async Task<BaseImage> CommitAsync(string path, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(path);
        return Commit(path, Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken).ConfigureAwait(false)));
    }

    /// <summary>As <see cref="CommitAsync"/>, with a digest that is known. The file has the form that <c>sha256sum -c</c> reads.</summary>
    public BaseImage Commit(string path, string sha256)
    {
        AtomicFile.Write(DigestFile, $"{sha256}  {Path.GetFileName(path)}\n");
        return new BaseImage(path, "qcow2", sha256);
    }
}
