using System.Xml.Linq;
using OpenCharly.Model;

namespace OpenCharly.Vms.Libvirt;

/// <summary>Puts XML that an author wrote into a domain (vm.md §3.3).</summary>
internal static class DomainSnippets
{
    private static readonly HashSet<string> DeviceNames = new(StringComparer.Ordinal)
    {
        "channel", "disk", "controller", "filesystem", "hostdev", "interface", "serial", "console", "parallel", "input", "graphics", "video", "sound",
        "audio", "watchdog", "memballoon", "rng", "tpm", "redirdev", "smartcard", "hub", "panic", "shmem", "memory", "iommu", "vsock",
    };

    /// <summary>Merges snippets, each exactly once, and then the domain children of <c>xml_passthrough</c>.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="snippets">Texts of one or more elements: devices go to the devices, all else before the end of the domain.</param>
    /// <param name="passthrough">Children of a domain: devices are added, everything else only fills gaps.</param>
    public static void Merge(XElement domain, IEnumerable<string> snippets, string? passthrough)
    {
        var devices = domain.Element("devices")!;
        var seen = new List<XElement>();
        foreach (var element in snippets.SelectMany(LibvirtFragment.Read))
        {
            if (seen.Exists(s => XNode.DeepEquals(s, element))) continue;
            seen.Add(element);
            (IsDevice(element, devices) ? devices : domain).Add(new XElement(element));
        }

        if (passthrough is null) return;
        var children = LibvirtFragment.Read(passthrough) is [{ Name.LocalName: "domain" } whole] ? whole.Elements() : LibvirtFragment.Read(passthrough);
        foreach (var child in children)
        {
            if (child.Name == "devices") foreach (var device in child.Elements()) AddOnce(devices, device);
            else if (IsDevice(child, devices)) AddOnce(devices, child);
            else if (domain.Element(child.Name) is { } present) Fill(present, child);
            else domain.Add(new XElement(child));
        }
    }

    /// <summary>The domain has a <c>memory</c> of its own, which is no device: a device has a model.</summary>
    private static bool IsDevice(XElement element, XElement devices) =>
        element.Name.Namespace == devices.Name.Namespace
        && DeviceNames.Contains(element.Name.LocalName)
        && (element.Name.LocalName != "memory" || element.Attribute("model") is not null);

    private static void AddOnce(XElement devices, XElement device)
    {
        if (!devices.Elements().Any(d => XNode.DeepEquals(d, device))) devices.Add(new XElement(device));
    }

    /// <summary>Adds attributes and children that are not there; what is there stays.</summary>
    private static void Fill(XElement present, XElement more)
    {
        foreach (var attribute in more.Attributes().Where(a => present.Attribute(a.Name) is null)) present.SetAttributeValue(attribute.Name, attribute.Value);
        foreach (var child in more.Elements())
        {
            if (present.Element(child.Name) is not { } own) present.Add(new XElement(child));
            else if (own.HasElements || child.HasElements) Fill(own, child);
        }
    }
}
