using System.Globalization;
using System.Xml.Linq;
using OpenCharly.Vms.Qemu;
using OpenCharly.Yaml;
using static OpenCharly.Vms.Libvirt.DomainYaml;

namespace OpenCharly.Vms.Libvirt;

/// <summary>The domain XML of a machine (vm.md §3.3): a pure function of the entity and what was found out on this machine.</summary>
internal static class DomainXml
{
    /// <summary>Renders the domain.</summary>
    public static XElement Build(DomainInput input)
    {
        var part = input.Part;
        var memory = new XAttribute("unit", "MiB");
        var oemStrings = input.Preparation.Credentials.Concat(Texts(Map(part, "sysinfo"), "oem_strings")).ToArray();
        var domain = new XElement(
            "domain",
            new XAttribute("type", input.IsKvm ? "kvm" : "qemu"),
            new XElement("name", input.Preparation.Name.Id),
            new XElement("memory", memory, input.Preparation.MemoryMb),
            new XElement("currentMemory", memory, input.Preparation.MemoryMb),
            new XElement("vcpu", new XAttribute("placement", "static"), input.Preparation.Cpus),
            Element("iothreads", part),
            DomainTuning.Build(input),
            Sysinfo(input, Map(part, "sysinfo"), oemStrings),
            Os(input, Map(part, "sysinfo") is not null || oemStrings.Length > 0),
            DomainProcessor.Features(input),
            DomainProcessor.Cpu(input),
            DomainProcessor.Clock(Map(part, "clock")),
            new XElement("on_poweroff", "destroy"),
            new XElement("on_reboot", "restart"),
            new XElement("on_crash", "destroy"),
            DomainDevices.Build(input));
        DomainSnippets.Merge(domain, Texts(part, "snippets"), Text(part, "xml_passthrough"));
        if (input.UserNetwork == UserNetwork.Slirp) DomainNetwork.AddSlirp(domain, input);
        return domain;
    }

    /// <summary>The text, indented, as a person and libvirt read it.</summary>
    public static string Write(XElement domain) => domain.ToString() + "\n";

    private static XElement Os(DomainInput input, bool hasSysinfo)
    {
        var boot = input.Preparation.DirectBoot;
        var firmware = boot is null ? input.Firmware : null;
        return new XElement(
            "os",
            new XElement("type", new XAttribute("arch", input.Architecture), new XAttribute("machine", input.MachineType), "hvm"),
            firmware is null ? null : new XElement(
                "loader", new XAttribute("readonly", "yes"), new XAttribute("secure", YesNo(firmware.IsSecure)), new XAttribute("type", "pflash"), firmware.Code),
            firmware is null ? null : new XElement("nvram", new XAttribute("template", firmware.Template), firmware.Nvram),
            boot is null ? null : new XElement("kernel", boot.Kernel),
            boot?.Initrd is { } initrd ? new XElement("initrd", initrd) : null,
            boot is null ? null : new XElement("cmdline", KernelCommandLine.Complete(boot.CommandLine ?? "", input.Architecture)),
            DomainDevices.HasBootOrder(input) ? null : new XElement("boot", new XAttribute("dev", "hd")),

            // Without this the guest sees nothing of what sysinfo says.
            hasSysinfo ? new XElement("smbios", new XAttribute("mode", "sysinfo")) : null);
    }

    private static XElement? Sysinfo(DomainInput input, YamlMapping? sysinfo, IReadOnlyList<string> oemStrings)
    {
        if (sysinfo is null && oemStrings.Count == 0) return null;
        if (sysinfo?["processor"] is not null) input.Warn("libvirt has no place for libvirt.sysinfo.processor: it is ignored");
        return new XElement(
            "sysinfo",
            new XAttribute("type", "smbios"),
            Entries("bios", Map(sysinfo, "bios")),
            Entries("system", Map(sysinfo, "system")),
            Items(sysinfo, "baseboard").Select(b => Entries("baseBoard", b)),
            Entries("chassis", Map(sysinfo, "chassis")),
            oemStrings.Count == 0 ? null : new XElement("oemStrings", oemStrings.Select(s => new XElement("entry", s))));
    }

    private static XElement? Entries(string name, YamlMapping? values) => values is null ? null : new XElement(
        name, values.Entries.Where(e => e.Value is YamlScalar { IsNull: false }).Select(e => new XElement("entry", new XAttribute("name", e.Key.Text), ((YamlScalar)e.Value).Text)));

    /// <summary>A number in XML.</summary>
    internal static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
