using System.Xml.Linq;
using OpenCharly.Model;
using OpenCharly.Yaml;
using static OpenCharly.Vms.Libvirt.DomainYaml;

namespace OpenCharly.Vms.Libvirt;

/// <summary>Disks of a domain: the machine's own, its seed, and declared ones.</summary>
internal static class DomainDisks
{
    private const string Root = "vda";
    private const string Seed = "sda";
    private const string Data = "vdb";

    /// <summary>All disks.</summary>
    public static IEnumerable<XElement> Build(DomainInput input)
    {
        var declared = Items(input.Devices, "disks").ToArray();
        var format = input.Spec.Source is ImportedSource imported ? imported.DiskFormat : "qcow2";
        yield return new XElement(
            "disk",
            new XAttribute("type", "file"),
            new XAttribute("device", "disk"),
            new XElement("driver", new XAttribute("name", "qemu"), new XAttribute("type", format), new XAttribute("discard", "unmap")),
            new XElement("source", new XAttribute("file", input.Preparation.Disk)),
            new XElement("target", new XAttribute("dev", Root), new XAttribute("bus", "virtio")),
            DomainDevices.HasBootOrder(input) ? new XElement("boot", new XAttribute("order", FirstFreeOrder(input))) : null);
        if (input.Preparation.Seed is { } seed)
        {
            // Not virtio, so that the root disk stays vda; a machine that is no PC has no SATA.
            yield return new XElement(
                "disk",
                new XAttribute("type", "file"),
                new XAttribute("device", "cdrom"),
                new XElement("driver", new XAttribute("name", "qemu"), new XAttribute("type", "raw")),
                new XElement("source", new XAttribute("file", seed)),
                new XElement("target", new XAttribute("dev", Seed), new XAttribute("bus", input.IsPc ? "sata" : "scsi")),
                new XElement("readonly"));
        }

        if (input.Preparation.DataDisk is { } data)
        {
            yield return new XElement(
                "disk",
                new XAttribute("type", "file"),
                new XAttribute("device", "disk"),
                new XElement("driver", new XAttribute("name", "qemu"), new XAttribute("type", "qcow2"), new XAttribute("discard", "unmap")),
                new XElement("source", new XAttribute("file", data)),
                new XElement("target", new XAttribute("dev", Data), new XAttribute("bus", "virtio")));
        }

        var taken = new HashSet<string>(declared.Select(d => Text(Map(d, "target"), "dev") ?? Text(d, "target")).OfType<string>(), StringComparer.Ordinal) { Root, Seed };
        if (input.Preparation.DataDisk is not null) taken.Add(Data);
        foreach (var disk in declared) yield return Declared(input, disk, taken);
    }

    private static XElement Declared(DomainInput input, YamlMapping disk, HashSet<string> taken)
    {
        var type = Text(disk, "type") ?? "file";
        var device = Text(disk, "device") ?? "disk";
        var bus = Text(Map(disk, "target"), "bus") ?? device switch { "cdrom" => input.IsPc ? "sata" : "scsi", "floppy" => "fdc", "lun" => "scsi", _ => "virtio" };
        var name = Text(Map(disk, "target"), "dev") ?? Text(disk, "target");
        if (name is null)
        {
            var prefix = bus switch { "virtio" => "vd", "ide" => "hd", "fdc" => "fd", "xen" => "xvd", _ => "sd" };
            name = Enumerable.Range(0, 26).Select(i => prefix + (char)('a' + i)).FirstOrDefault(n => !taken.Contains(n)) ?? prefix + "z";
            taken.Add(name);
        }

        var driver = Map(disk, "driver");
        return new XElement(
            "disk",
            new XAttribute("type", type),
            new XAttribute("device", device),
            new XElement(
                "driver",
                new XAttribute("name", Text(driver, "name") ?? "qemu"),
                new XAttribute("type", Text(driver, "type") ?? Text(disk, "driver") ?? "raw"),
                Attribute("cache", driver),
                Attribute("error_policy", driver),
                Attribute("io", driver),
                Attribute("discard", driver),
                Attribute("iothread", driver)),
            Source(input, type, disk),
            new XElement("target", new XAttribute("dev", name), new XAttribute("bus", bus)),
            Flag(disk, "readonly") == true || device == "cdrom" ? new XElement("readonly") : null,
            Element("serial", disk),
            Element("wwn", disk),
            Text(disk, "boot") is { } order ? new XElement("boot", new XAttribute("order", order)) : null);
    }

    private static XElement? Source(DomainInput input, string type, YamlMapping disk)
    {
        var source = Map(disk, "source");
        var plain = Text(disk, "source");
        switch (type)
        {
            case "file" when (plain ?? Text(source, "file")) is { } file:
                return new XElement("source", new XAttribute("file", Path.GetFullPath(input.Expand(file), input.Spec.ProjectFolder)));
            case "block" when (plain ?? Text(source, "dev")) is { } device:
                return new XElement("source", new XAttribute("dev", device));
            case "volume" when source is not null:
                return Attributes("source", source, "pool", "volume", "mode");
            case "network" when source is not null:
                var element = Attributes("source", source, "protocol", "name")!;
                if (Text(source, "host") is { } host) element.Add(new XElement("host", new XAttribute("name", host), Attribute("port", source)));
                foreach (var item in Items(source, "hosts")) element.Add(Attributes("host", item, "name", "port", "transport", "socket"));
                return element;
            default:
                return null; // an empty drive
        }
    }

    private static string FirstFreeOrder(DomainInput input)
    {
        var taken = Items(input.Devices, "disks").Concat(Items(input.Devices, "interfaces")).Select(d => Text(d, "boot")).OfType<string>().ToHashSet(StringComparer.Ordinal);
        return Enumerable.Range(1, taken.Count + 1).Select(n => DomainXml.Number(n)).First(n => !taken.Contains(n));
    }
}
