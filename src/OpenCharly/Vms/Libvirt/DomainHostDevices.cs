using System.Xml.Linq;
using OpenCharly.Model;
using OpenCharly.Yaml;
using static OpenCharly.Vms.Libvirt.DomainYaml;

namespace OpenCharly.Vms.Libvirt;

/// <summary>Devices of the host that a domain has for itself.</summary>
internal static class DomainHostDevices
{
    /// <summary>The element.</summary>
    public static XElement Build(YamlMapping device)
    {
        var type = Text(device, "type") ?? "pci";
        var driver = Map(device, "driver");
        var rom = Map(device, "rom");
        return new XElement(
            "hostdev",
            new XAttribute("mode", "subsystem"),
            new XAttribute("type", type),
            type is "pci" or "usb" ? new XAttribute("managed", Text(device, "managed") ?? "yes") : null,
            type == "mdev" ? new XAttribute("model", Text(device, "model") ?? "vfio-pci") : null,
            driver is null ? null : new XElement("driver", Attribute("name", driver), Attribute("model", driver), YesNo("iommufd", driver)),
            new XElement("source", Source(type, device)),
            rom is null ? null : new XElement("rom", YesNo("enabled", rom), Attribute("bar", rom), Attribute("file", rom)));
    }

    private static IEnumerable<object?> Source(string type, YamlMapping device)
    {
        var source = Map(device, "source");
        switch (type)
        {
            case "pci":
                return [Attributes("address", VmLibvirtDevices.PciAddress(device), "domain", "bus", "slot", "function")];
            case "usb" when Text(source, "vendor") is not null:
                return [new XElement("vendor", Attribute("id", source, "vendor")), new XElement("product", Attribute("id", source, "product"))];
            case "usb":
                return [Attributes("address", Map(source, "address") ?? source, "bus", "device")];
            case "scsi":
                return
                [
                    new XElement("adapter", new XAttribute("name", Text(source, "adapter") ?? "scsi_host0")),
                    Attributes("address", Map(source, "address") ?? source, "bus", "target", "unit"),
                ];
            default:
                return [new XElement("address", Attribute("uuid", Text(Map(source, "address") ?? source, "uuid") ?? Text(device, "source")))];
        }
    }
}
