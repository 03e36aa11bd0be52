using System.Xml.Linq;
using OpenCharly.Model;
using OpenCharly.Yaml;
using static OpenCharly.Vms.Libvirt.DomainYaml;

namespace OpenCharly.Vms.Libvirt;

/// <summary>The <c>devices</c> of a domain: what every machine has, then what the entity declares, list by list.</summary>
internal static class DomainDevices
{
    /// <summary>The element.</summary>
    public static XElement Build(DomainInput input)
    {
        var devices = input.Devices;
        return new XElement(
            "devices",
            Text(devices, "emulator") is { } emulator ? new XElement("emulator", emulator) : null,
            DomainDisks.Build(input),
            DomainNetwork.Build(input),
            Ports(input, "serial"),
            Ports(input, "console"),
            Items(devices, "channels").Select(c => Channel(input, c)),
            Ports(input, "parallel"),
            DomainScreens.Build(devices),
            Items(devices, "inputs").Select(i => Attributes("input", i, "type", "bus")),
            Items(devices, "usb").Select(u => new XElement("controller", new XAttribute("type", "usb"), Attribute("model", u))),
            Items(devices, "redirdev").Select(r => new XElement("redirdev", new XAttribute("bus", Text(r, "bus") ?? "usb"), new XAttribute("type", Text(r, "type") ?? "spicevmc"))),
            input.HostDevices.Select(DomainHostDevices.Build),
            input.FileSystems.Select(f => DomainFileSystems.Build(input, f)),
            Small(devices));
    }

    /// <summary>Whether any declared device has a place of its own in the boot order.</summary>
    public static bool HasBootOrder(DomainInput input) =>
        Items(input.Devices, "disks").Concat(Items(input.Devices, "interfaces")).Any(d => Text(d, "boot") is not null);

    private static IEnumerable<XElement?> Small(YamlMapping? devices) =>
    [
        .. Items(devices, "rng").Select(Rng),
        .. Items(devices, "tpm").Select(Tpm),
        .. Items(devices, "watchdog").Select(w => Attributes("watchdog", w, "model", "action")),
        .. Items(devices, "memballoon").Select(b => new XElement(
            "memballoon",
            new XAttribute("model", Text(b, "model") ?? "virtio"),
            OnOff("autodeflate", b),
            Map(b, "stats") is { } stats ? new XElement("stats", Attribute("period", stats)) : null)),
        .. Items(devices, "shmem").Select(Shmem),
        .. Items(devices, "iommu").Select(i => Attributes("iommu", i, "model")),
        .. Items(devices, "vsock").Select(v => new XElement(
            "vsock",
            new XAttribute("model", Text(v, "model") ?? "virtio"),
            new XElement("cid", new XAttribute("auto", YesNo(Flag(Map(v, "cid"), "auto") ?? Text(Map(v, "cid"), "address") is null)), Attribute("address", Map(v, "cid"))))),
        .. Items(devices, "panic").Select(p => Attributes("panic", p, "model")),
        .. Items(devices, "smartcard").Select(s => new XElement("smartcard", Attribute("mode", s), Text(s, "mode") == "passthrough" ? new XAttribute("type", "spicevmc") : null)),
        .. Items(devices, "hub").Select(h => new XElement("hub", new XAttribute("type", Text(h, "type") ?? "usb"))),
    ];

    /// <summary>Serial, console and parallel ports: the machine's own serial port 0 with its log first, then declared ones.</summary>
    private static IEnumerable<XElement> Ports(DomainInput input, string kind)
    {
        var next = 0;
        if (kind is "serial" or "console")
        {
            var own = new XElement(kind, new XAttribute("type", "pty"));
            if (kind == "serial") own.Add(new XElement("log", new XAttribute("file", input.Files.ConsoleLog), new XAttribute("append", "on")));
            own.Add(new XElement("target", kind == "console" ? new XAttribute("type", "serial") : null, new XAttribute("port", next++)));
            yield return own;
        }

        foreach (var port in Items(input.Devices, kind))
        {
            var type = Text(port, "type") ?? "pty";
            yield return new XElement(kind, new XAttribute("type", type), PortSource(input, type, port), PortTarget(kind, port, next++));
        }
    }

    private static XElement? PortSource(DomainInput input, string type, YamlMapping port)
    {
        var source = Map(port, "source");
        var plain = Text(port, "source") ?? Text(source, "path");
        return type switch
        {
            "pty" => null,
            "tcp" => new XElement(
                "source",
                new XAttribute("mode", Text(source, "mode") ?? "bind"),
                new XAttribute("host", Text(source, "host") ?? PortAllocator.Loopback),
                Attribute("service", source)),
            "unix" => new XElement("source", new XAttribute("mode", Text(source, "mode") ?? "bind"), Attribute("path", plain is null ? null : input.Expand(plain))),
            _ => new XElement("source", Attribute("path", plain is null ? null : input.Expand(plain))),
        };
    }

    private static XElement PortTarget(string kind, YamlMapping port, int next)
    {
        var target = Map(port, "target");
        return new XElement(
            "target",
            Attribute("type", Text(target, "type") ?? (kind == "console" ? "virtio" : null)),
            new XAttribute("port", Text(target, "port") ?? DomainXml.Number(next)));
    }

    private static XElement Channel(DomainInput input, YamlMapping channel)
    {
        var type = Text(channel, "type") ?? "unix";
        var name = Text(Map(channel, "target"), "name") ?? Text(channel, "name") ?? (type == "spicevmc" ? "com.redhat.spice.0" : "org.qemu.guest_agent.0");
        var path = Text(Map(channel, "source"), "path") ?? Text(channel, "path");
        return new XElement(
            "channel",
            new XAttribute("type", type),

            // Without a path libvirt picks one of its own.
            path is null || type != "unix" ? null : new XElement("source", new XAttribute("mode", "bind"), new XAttribute("path", input.Expand(path))),
            new XElement("target", new XAttribute("type", "virtio"), new XAttribute("name", name)));
    }

    private static XElement Rng(YamlMapping rng)
    {
        var backend = Text(rng, "backend") ?? Text(Map(rng, "backend"), "path") ?? "/dev/urandom";
        return new XElement(
            "rng",
            new XAttribute("model", Text(rng, "model") ?? "virtio"),
            Attributes("rate", Map(rng, "rate"), "period", "bytes"),
            new XElement("backend", new XAttribute("model", Text(Map(rng, "backend"), "model") ?? "random"), Text(Map(rng, "backend"), "model") is "builtin" ? null : backend));
    }

    private static XElement Tpm(YamlMapping tpm)
    {
        var backend = Map(tpm, "backend");
        var type = Text(backend, "type") ?? Text(tpm, "backend") ?? "emulator";
        return new XElement(
            "tpm",
            new XAttribute("model", Text(tpm, "model") ?? "tpm-crb"),
            type == "passthrough"
                ? new XElement("backend", new XAttribute("type", type), new XElement("device", new XAttribute("path", Text(backend, "path") ?? "/dev/tpm0")))
                : new XElement("backend", new XAttribute("type", type), new XAttribute("version", Text(backend, "version") ?? "2.0")));
    }

    private static XElement Shmem(YamlMapping shmem)
    {
        var size = Text(shmem, "size") is { } text ? Scaled(text) : default;
        return new XElement(
            "shmem",
            Attribute("name", shmem),
            Attribute("role", shmem),
            Attributes("model", Map(shmem, "model"), "type"),
            size.Number is null ? null : new XElement("size", Attribute("unit", size.Unit ?? "B"), size.Number));
    }
}
