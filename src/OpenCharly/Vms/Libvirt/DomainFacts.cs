using System.Globalization;
using System.Xml.Linq;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.Libvirt;

/// <summary>What an entity can say of a domain that libvirt has: read from its definition.</summary>
/// <param name="Name">Name of the domain.</param>
/// <param name="Ram">Memory.</param>
/// <param name="Cpus">Processors.</param>
/// <param name="Firmware">Firmware, as in an entity.</param>
/// <param name="DiskPath">First disk that is a file; null if it has none.</param>
/// <param name="DiskFormat"><c>qcow2</c> or <c>raw</c>; null if it is neither.</param>
/// <param name="NetworkMode">Network mode, as in an entity.</param>
/// <param name="Bridge">Bridge, or libvirt's network; null for neither.</param>
/// <param name="Mac">Address of its first card.</param>
/// <param name="Definition">The definition itself.</param>
internal sealed record DomainFacts(
    string Name, ByteSize Ram, int Cpus, string Firmware, string? DiskPath, string? DiskFormat, string NetworkMode, string? Bridge, string? Mac, XElement Definition)
{
    /// <summary>Reads a definition.</summary>
    public static DomainFacts Read(XElement domain)
    {
        var disk = RootDisk(domain);
        var card = domain.Elements("devices").Elements("interface").FirstOrDefault();
        var source = card?.Element("source");
        var loader = domain.Element("os")?.Element("loader");
        var isUefi = loader is not null || (string?)domain.Element("os")?.Attribute("firmware") == "efi";
        var format = (string?)disk?.Element("driver")?.Attribute("type");
        return new DomainFacts(
            (string)domain.Element("name")!,
            Memory(domain.Element("memory")),
            int.Parse(((string?)domain.Element("vcpu") ?? "1").Trim(), CultureInfo.InvariantCulture),
            !isUefi ? "bios" : (string?)loader?.Attribute("secure") == "yes" ? "uefi-secure" : "uefi-insecure",
            (string?)disk?.Element("source")?.Attribute("file"),
            format is "qcow2" or "raw" ? format : null,
            (string?)card?.Attribute("type") switch { null => "none", "bridge" => "bridge", "network" => "nat", _ => "user" },
            (string?)source?.Attribute("bridge") ?? (string?)source?.Attribute("network"),
            (string?)card?.Element("mac")?.Attribute("address"),
            domain);
    }

    /// <summary>The first disk that is a file, which becomes the machine's own; null if there is none.</summary>
    public static XElement? RootDisk(XElement domain) => domain.Elements("devices").Elements("disk")
        .FirstOrDefault(d => (string?)d.Attribute("device") is null or "disk" && d.Element("source")?.Attribute("file") is not null);

    private static ByteSize Memory(XElement? memory)
    {
        var number = long.Parse(((string?)memory ?? "0").Trim(), CultureInfo.InvariantCulture);
        return new ByteSize((string?)memory?.Attribute("unit") switch
        {
            "b" or "bytes" => number,
            "KB" => number * 1000,
            "MB" => number * 1000_000,
            "M" or "MiB" => number << 20,
            "GB" => number * 1000_000_000,
            "G" or "GiB" => number << 30,
            "T" or "TiB" => number << 40,
            _ => number << 10,
        });
    }
}
