using System.Xml.Linq;
using OpenCharly.Yaml;
using static OpenCharly.Vms.Libvirt.DomainYaml;

namespace OpenCharly.Vms.Libvirt;

/// <summary>What a domain shows and sounds like: graphics, video, audio, sound.</summary>
internal static class DomainScreens
{
    /// <summary>All that is declared.</summary>
    public static IEnumerable<XElement?> Build(YamlMapping? devices) =>
    [
        .. Items(devices, "graphics").Select(Graphics),
        .. Items(devices, "video").Select(Video),
        .. Items(devices, "audio").Select((a, i) => new XElement("audio", new XAttribute("id", Text(a, "id") ?? DomainXml.Number(i + 1)), Attribute("type", a))),
        .. Items(devices, "sound").Select(s => Attributes("sound", s, "model")),
    ];

    private static XElement Graphics(YamlMapping graphics)
    {
        var type = Text(graphics, "type")!;
        var listens = Listens(graphics).ToArray();
        var element = new XElement("graphics", new XAttribute("type", type), Attribute("port", graphics), YesNo("autoport", graphics), Attribute("websocket", graphics), Attribute("keymap", graphics), Attribute("display", graphics));
        if (type is "vnc" or "spice" or "rdp")
        {
            // Nobody but this machine, unless the author says otherwise; a free port, unless a port is given.
            if (graphics["port"] is null && graphics["autoport"] is null && listens.All(l => (string?)l.Attribute("type") != "socket")) element.Add(new XAttribute("autoport", "yes"));
            element.Add(listens.Length > 0 ? listens : [new XElement("listen", new XAttribute("type", "address"), new XAttribute("address", PortAllocator.Loopback))]);
        }

        return element;
    }

    private static IEnumerable<XElement> Listens(YamlMapping graphics)
    {
        IEnumerable<YamlNode> all = graphics["listen"] switch { null => [], YamlSequence list => list.Items, var one => [one] };
        foreach (var listen in all)
        {
            if (listen is YamlScalar { IsNull: false } address)
            {
                yield return new XElement("listen", new XAttribute("type", "address"), new XAttribute("address", address.Text));
            }
            else if (listen is YamlMapping map)
            {
                var type = Text(map, "type") ?? (Text(map, "address") is not null ? "address" : "network");
                yield return new XElement("listen", new XAttribute("type", type), Attribute("address", map), Attribute("socket", map), Attribute("network", map));
            }
        }
    }

    private static XElement Video(YamlMapping video) => new(
        "video",
        new XElement(
            "model",
            Attribute("type", video, "model"),
            Attribute("vram", video),
            Attribute("heads", video),
            Flag(video, "primary") == true ? new XAttribute("primary", "yes") : null,
            Flag(video, "accel3d") is { } accel ? new XElement("acceleration", new XAttribute("accel3d", YesNo(accel))) : null));
}
