using System.Xml.Linq;
using OpenCharly.Model;
using OpenCharly.Vms.Qemu;
using OpenCharly.Yaml;
using static OpenCharly.Vms.Libvirt.DomainYaml;

namespace OpenCharly.Vms.Libvirt;

/// <summary>Network cards of a domain: the machine's own, and declared ones.</summary>
internal static class DomainNetwork
{
    /// <summary>All cards.</summary>
    public static IEnumerable<XElement> Build(DomainInput input)
    {
        if (Own(input) is { } own) yield return own;
        foreach (var card in Items(input.Devices, "interfaces")) yield return Declared(card);
    }

    /// <summary>Whether a machine needs ports forwarded by the host's user.</summary>
    public static bool NeedsUserNetwork(VmSpec spec) =>
        spec.Network.Mode == "user" || Items(Map(spec.Libvirt, "devices"), "interfaces").Any(i => Text(i, "type") is null or "user");

    /// <summary>The forwards of the machine's own card, the one for ssh first.</summary>
    public static IReadOnlyList<PortForward> Forwards(VmPreparation preparation) =>
    [
        .. preparation.SshPort is { } port ? (PortForward[])[new PortForward(PortAllocator.Loopback, port, 22, "tcp")] : [],
        .. preparation.Spec.Network.PortForwards,
    ];

    /// <summary>
    /// Adds the machine's own card as arguments for QEMU, for a libvirt without passt: its own slirp network has no place for
    /// forwarded ports, and would drop them without a word.
    /// </summary>
    public static void AddSlirp(XElement domain, DomainInput input)
    {
        var network = input.Spec.Network;
        if (network.Mode != "user") return;
        var all = new QemuNetwork(network.Model, input.Preparation.Mac, Forwards(input.Preparation));
        XNamespace qemu = LibvirtFragment.QemuNamespace;
        var commandLine = domain.Element(qemu + "commandline");
        if (commandLine is null)
        {
            domain.SetAttributeValue(XNamespace.Xmlns + "qemu", qemu.NamespaceName);
            domain.Add(commandLine = new XElement(qemu + "commandline"));
        }

        var arguments = QemuArguments.Network(all, "charly0").ToArray();

        // QEMU makes such a card before those that libvirt has places for: without one of its own it would take the first of theirs.
        if (input.Architecture is "x86_64" or "i686" or "aarch64") arguments[^1] += ",addr=0x10";
        foreach (var argument in arguments) commandLine.Add(new XElement(qemu + "arg", new XAttribute("value", argument)));
    }

    private static XElement? Own(DomainInput input)
    {
        var network = input.Spec.Network;
        if (network.Mode == "none" || (network.Mode == "user" && input.UserNetwork == UserNetwork.Slirp)) return null;
        var card = new XElement("interface");
        var mac = new XElement("mac", new XAttribute("address", input.Preparation.Mac));
        var model = new XElement("model", new XAttribute("type", Model(network.Model)));
        switch (network.Mode)
        {
            case "bridge":
                card.Add(new XAttribute("type", "bridge"), mac, new XElement("source", new XAttribute("bridge", network.Bridge ?? "br0")), model);
                break;
            case "nat":
                card.Add(new XAttribute("type", "network"), mac, new XElement("source", new XAttribute("network", network.Bridge ?? "default")), model);
                break;
            default:
                card.Add(new XAttribute("type", "user"), mac, model, new XElement("backend", new XAttribute("type", "passt")), PasstForwards(Forwards(input.Preparation)));
                break;
        }

        return card;
    }

    private static XElement Declared(YamlMapping card)
    {
        var type = Text(card, "type") ?? "user";
        var source = Text(card, "source");
        var element = new XElement(
            "interface",
            new XAttribute("type", type),
            Text(card, "mac") is { } mac ? new XElement("mac", new XAttribute("address", mac)) : null,
            type switch
            {
                "bridge" => new XElement("source", new XAttribute("bridge", source ?? Text(Map(card, "source"), "bridge") ?? "br0")),
                "network" => new XElement("source", new XAttribute("network", source ?? Text(Map(card, "source"), "network") ?? "default")),
                "direct" => new XElement(
                    "source", Attribute("dev", source ?? Text(Map(card, "source"), "dev")), new XAttribute("mode", Text(Map(card, "source"), "mode") ?? "bridge")),
                _ => null,
            },
            new XElement("model", new XAttribute("type", Model(Text(card, "model") ?? "virtio"))),
            Text(card, "mtu") is { } mtu ? new XElement("mtu", new XAttribute("size", mtu)) : null,
            Text(card, "boot") is { } order ? new XElement("boot", new XAttribute("order", order)) : null);
        if (type != "user") return element;
        var forwards = Items(card, "port_forwards").Select(f =>
        {
            var start = int.Parse(Text(f, "start")!, System.Globalization.CultureInfo.InvariantCulture);
            return new PortForward(
                PortAllocator.Loopback, start, Text(f, "to") is { } to ? int.Parse(to, System.Globalization.CultureInfo.InvariantCulture) : start, Text(f, "proto") ?? "tcp");
        });
        element.Add(new XElement("backend", new XAttribute("type", "passt")), PasstForwards(forwards));
        return element;
    }

    /// <summary>One element for each protocol and address; in a range, <c>start</c> is the host's side and <c>to</c> the guest's.</summary>
    private static IEnumerable<XElement> PasstForwards(IEnumerable<PortForward> forwards) => forwards
        .GroupBy(f => (f.Protocol, f.Bind))
        .OrderBy(g => g.Key.Protocol == "tcp" ? 0 : 1)
        .Select(g => new XElement(
            "portForward",
            new XAttribute("proto", g.Key.Protocol),
            new XAttribute("address", g.Key.Bind.Trim('[', ']')),
            g.Select(f => new XElement("range", new XAttribute("start", f.HostPort), new XAttribute("to", f.GuestPort)))));

    /// <summary>libvirt's name of a card that the entity names as QEMU does.</summary>
    private static string Model(string model) => model is "virtio-net-pci" or "virtio-net" ? "virtio" : model;
}
