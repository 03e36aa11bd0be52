using System.Xml.Linq;
using OpenCharly.Yaml;
using static OpenCharly.Vms.Libvirt.DomainYaml;

namespace OpenCharly.Vms.Libvirt;

/// <summary>How a domain uses the host: memory, processors, labels, resource groups.</summary>
internal static class DomainTuning
{
    private static readonly string[] CputuneNumbers =
    [
        "shares", "period", "quota", "global_period", "global_quota", "emulator_period", "emulator_quota", "iothread_period", "iothread_quota",
    ];

    /// <summary>The elements that the entity asks for.</summary>
    public static IEnumerable<XElement?> Build(DomainInput input)
    {
        var part = input.Part;
        return
        [
            MemoryBacking(Map(part, "memory_backing"), input.FileSystems.Any(DomainFileSystems.IsVirtiofs)),
            Memtune(Map(part, "memtune")),
            Numatune(Map(part, "numatune")),
            Cputune(Map(part, "cputune")),
            Resource(Map(part, "resource")),
            Seclabel(Map(part, "seclabel")),
            LaunchSecurity(Map(part, "launch_security")),
        ];
    }

    private static XElement? MemoryBacking(YamlMapping? backing, bool isShared)
    {
        if (backing is null && !isShared) return null;

        // A shared folder's server reads the guest's memory: it must be a file that both have open.
        var source = Text(backing, "source") ?? (isShared ? "memfd" : null);
        var access = Text(backing, "access") ?? (isShared ? "shared" : null);
        return new XElement(
            "memoryBacking",
            Hugepages(backing),
            Empty("nosharepages", backing),
            Empty("locked", backing),
            source is null ? null : new XElement("source", new XAttribute("type", source)),
            access is null ? null : new XElement("access", new XAttribute("mode", access)),
            Text(backing, "allocation") is { } allocation ? new XElement("allocation", new XAttribute("mode", allocation)) : null,
            Empty("discard", backing));
    }

    private static XElement? Hugepages(YamlMapping? backing)
    {
        if (backing?["hugepages"] is not { } node || node is YamlScalar { IsNull: true } || Flag(backing, "hugepages") == false) return null;
        var pages = Items(backing, "hugepages").Where(p => Text(p, "size") is not null).Select(p =>
        {
            var (number, unit) = Scaled(Text(p, "size")!);
            return new XElement("page", new XAttribute("size", number), Attribute("unit", unit ?? "KiB"), Attribute("nodeset", p));
        });
        return new XElement("hugepages", pages);
    }

    private static XElement? Memtune(YamlMapping? memtune) => memtune is null ? null : new XElement(
        "memtune",
        new[] { "hard_limit", "soft_limit", "min_guarantee", "swap_hard_limit" }
            .Select(k => Text(memtune, k) is { } value ? new XElement(k, new XAttribute("unit", "KiB"), value) : null));

    private static XElement? Numatune(YamlMapping? numatune) => numatune is null ? null : new XElement(
        "numatune",
        Attributes("memory", Map(numatune, "memory"), "mode", "nodeset", "placement"),
        Items(numatune, "memnodes").Select(n => Attributes("memnode", n, "cellid", "mode", "nodeset")));

    private static XElement? Cputune(YamlMapping? cputune) => cputune is null ? null : new XElement(
        "cputune",
        CputuneNumbers.Select(k => Element(k, cputune)),
        Items(cputune, "vcpupin").Select(p => Attributes("vcpupin", p, "vcpu", "cpuset")),
        Attributes("emulatorpin", Map(cputune, "emulatorpin"), "cpuset"),
        Items(cputune, "iothreadpin").Select(p => Attributes("iothreadpin", p, "iothread", "cpuset")));

    private static XElement? Resource(YamlMapping? resource) => resource is null ? null : new XElement(
        "resource", Element("partition", resource), Attributes("fibrechannel", Map(resource, "fibrechannel"), "appid"));

    private static XElement? Seclabel(YamlMapping? label) => label is null ? null : new XElement(
        "seclabel", Attribute("type", label), Attribute("model", label), YesNo("relabel", label), Element("label", label), Element("baselabel", label), Element("imagelabel", label));

    private static XElement? LaunchSecurity(YamlMapping? security)
    {
        if (security is null) return null;

        // libvirt has one type for both; the policy's third bit asks for encrypted registers.
        var isEncryptedState = Text(security, "type") == "sev-es";
        var policy = Text(security, "policy") ?? (isEncryptedState ? "0x0007" : Text(security, "type") == "tdx" ? null : "0x0003");
        return new XElement(
            "launchSecurity",
            new XAttribute("type", isEncryptedState ? "sev" : Text(security, "type")!),
            YesNo("kernelHashes", security, "kernel_hashes"),
            Element("cbitpos", security),
            Element("reducedPhysBits", security, "reduced_phys_bits"),
            policy is null ? null : new XElement("policy", policy),
            Element("dhCert", security, "dh_cert"),
            Element("session", security));
    }
}
