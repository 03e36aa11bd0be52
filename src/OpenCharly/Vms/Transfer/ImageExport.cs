using System.Security.Cryptography;
using System.Text.Json;
using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.Transfer;

/// <summary>A layer of an exported image.</summary>
/// <param name="Digest">Digest of its file, <c>sha256:…</c>.</param>
/// <param name="DiffId">Digest of its content unpacked, by which engines know what they have.</param>
/// <param name="Size">Bytes of its file.</param>
internal sealed record ExportedLayer(string Digest, string DiffId, long Size);

/// <summary>
/// An image of this machine's podman, written out into a private folder: manifest, configuration and layers, each as its own
/// file. Layers are not compressed, so that their digests are the same in every export and in the guest's storage.
/// </summary>
internal sealed class ImageExport : IDisposable
{
    private const string DefaultType = "application/vnd.oci.image.manifest.v1+json";

    private readonly string _folder;

    private ImageExport(string folder) => _folder = folder;

    /// <summary>The manifest's bytes.</summary>
    public byte[] Manifest { get; private init; } = [];

    /// <summary>The manifest's digest.</summary>
    public string ManifestDigest => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Manifest));

    /// <summary>The manifest's media type.</summary>
    public string MediaType { get; private init; } = DefaultType;

    /// <summary>The image's id: the digest of its configuration, without <c>sha256:</c>.</summary>
    public string Id { get; private init; } = "";

    /// <summary>Layers, lowest first.</summary>
    public IReadOnlyList<ExportedLayer> Layers { get; private init; } = [];

    /// <summary>Writes an image out.</summary>
    /// <param name="processes">Runs podman.</param>
    /// <param name="paths">Where the folder is made.</param>
    /// <param name="image">The image, in podman's storage.</param>
    /// <param name="cancellationToken">Ends podman.</param>
    /// <exception cref="CharlyException"><see cref="Errors.VmImageTransfer"/> if podman can't.</exception>
    public static async Task<ImageExport> MakeAsync(IProcessRunner processes, HostPaths paths, string image, CancellationToken cancellationToken)
    {
        var folder = Claim(Path.Combine(paths.Cache, "box-transfer"));
        try
        {
            var result = await processes.RunAsync(new ProcessRequest("podman", "push", "--quiet", image, "dir:" + folder), cancellationToken).ConfigureAwait(false);
            return result.Succeeded ? Read(folder) : throw new CharlyException(
                Errors.VmImageTransfer, $"podman could not write out the image {image}: {result.Tail(2)}", "Look at it with: podman image inspect, and at the free space in the cache folder.", target: image);
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    /// <summary>Reads a folder that podman wrote.</summary>
    internal static ImageExport Read(string folder)
    {
        var bytes = File.ReadAllBytes(Path.Combine(folder, "manifest.json"));
        using var manifest = JsonDocument.Parse(bytes);
        var root = manifest.RootElement;
        var id = root.GetProperty("config").GetProperty("digest").GetString()!;
        using var config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, Hex(id))));
        var diffs = config.RootElement.GetProperty("rootfs").GetProperty("diff_ids").EnumerateArray().Select(d => d.GetString()!).ToList();
        var layers = root.GetProperty("layers").EnumerateArray().Select((l, at) => new ExportedLayer(l.GetProperty("digest").GetString()!, diffs[at], l.GetProperty("size").GetInt64()));
        return new ImageExport(folder)
        {
            Manifest = bytes,
            MediaType = root.TryGetProperty("mediaType", out var type) ? type.GetString() ?? DefaultType : DefaultType,
            Id = Hex(id),
            Layers = [.. layers],
        };
    }

    /// <summary>The file of a layer or of the configuration; null for a digest that is not the image's.</summary>
    public string? FileOf(string digest) =>
        digest == "sha256:" + Id || Layers.Any(l => l.Digest == digest) ? Path.Combine(_folder, Hex(digest)) : null;

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // A run that was killed left its folder behind; its name says which process it was of.
    private static string Claim(string parent)
    {
        AtomicFile.EnsureFolder(parent, isPrivate: true);
        foreach (var old in Directory.GetDirectories(parent))
        {
            if (int.TryParse(Path.GetFileName(old).Split('-')[0], out var owner) && !Directory.Exists($"/proc/{owner}")) Directory.Delete(old, recursive: true);
        }

        var folder = Path.Combine(parent, $"{Environment.ProcessId}-{Guid.NewGuid():N}");
        AtomicFile.EnsureFolder(folder, isPrivate: true);
        return folder;
    }

    private static string Hex(string digest) => digest[(digest.IndexOf(':') + 1)..];
}
