using System.Security.Cryptography;
using System.Text;
using OpenCharly.Vms.Transfer;

namespace OpenCharly.Tests.Vms.Transfer;

/// <summary>A folder as <c>podman push dir:</c> leaves it, with layers of made-up content.</summary>
internal static class ExportFolder
{
    public const string ManifestType = "application/vnd.oci.image.manifest.v1+json";

    public static string Digest(byte[] bytes) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));

    public static ImageExport Make(params byte[][] layers) => ImageExport.Read(Write(layers));

    public static string Write(params byte[][] layers)
    {
        var folder = Directory.CreateTempSubdirectory("charly-export-").FullName;
        var config = Encoding.UTF8.GetBytes($"{{\"rootfs\":{{\"type\":\"layers\",\"diff_ids\":[{string.Join(',', layers.Select(l => $"\"{Digest(l)}\""))}]}}}}");
        var list = string.Join(',', layers.Select(l => $"{{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\",\"digest\":\"{Digest(l)}\",\"size\":{l.Length}}}"));
        File.WriteAllText(Path.Combine(folder, "manifest.json"), $"{{\"schemaVersion\":2,\"mediaType\":\"{ManifestType}\",\"config\":{{\"digest\":\"{Digest(config)}\",\"size\":{config.Length}}},\"layers\":[{list}]}}");
        foreach (var blob in layers.Append(config)) File.WriteAllBytes(Path.Combine(folder, Digest(blob)["sha256:".Length..]), blob);
        return folder;
    }
}
