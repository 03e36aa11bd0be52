using System.Xml.Linq;
using OpenCharly.Yaml;

namespace OpenCharly.Vms.Libvirt;

/// <summary>Reads what is beside the devices of a domain: processor, clock, features, memory, limits, identity.</summary>
internal static class DomainPartTuning
{
    private static readonly DomainKeys Cpu = new("mode check migratable:on model=model topology.sockets=topology/@sockets topology.dies=topology/@dies topology.cores=topology/@cores topology.threads=topology/@threads cache.mode=cache/@mode cache.level=cache/@level");
    private static readonly DomainKeys CpuFeature = new("policy name");
    private static readonly DomainKeys Cell = new("id cpus memory unit memaccess=@memAccess");
    private static readonly DomainKeys Clock = new("offset timezone adjustment basis");
    private static readonly DomainKeys Timer = new("name present:yes tickpolicy track frequency mode");
    private static readonly DomainKeys Features = new("pae=pae:is hap=hap/@state:on vmport=vmport/@state:on pmu=pmu/@state:on smm=smm/@state:on ibs=ibs/@value");
    private static readonly DomainKeys Kvm = new("hidden=hidden/@state:on hint_dedicated=hint-dedicated/@state:on poll_control=poll-control/@state:on pv_ipi=pv-ipi/@state:on dirty_ring_size=dirty-ring/@size");
    private static readonly DomainKeys Hyperv = new("relaxed=relaxed/@state:on vapic=vapic/@state:on spinlocks.state=spinlocks/@state:on spinlocks.retries=spinlocks/@retries vpindex=vpindex/@state:on runtime=runtime/@state:on synic=synic/@state:on stimer=stimer/@state:on reset=reset/@state:on vendor_id.state=vendor_id/@state:on vendor_id.value=vendor_id/@value frequencies=frequencies/@state:on reenlightenment=reenlightenment/@state:on tlbflush=tlbflush/@state:on ipi=ipi/@state:on evmcs=evmcs/@state:on");
    private static readonly DomainKeys Backing = new("nosharepages=nosharepages:is locked=locked:is source=source/@type access=access/@mode allocation=allocation/@mode discard=discard:is");
    private static readonly DomainKeys Page = new("size:unit nodeset");
    private static readonly DomainKeys Memtune = new("hard_limit=hard_limit soft_limit=soft_limit swap_hard_limit=swap_hard_limit min_guarantee=min_guarantee");
    private static readonly DomainKeys Numatune = new("memory.mode=memory/@mode memory.nodeset=memory/@nodeset memory.placement=memory/@placement");
    private static readonly DomainKeys Node = new("cellid mode nodeset");
    private static readonly DomainKeys Cputune = new("shares=shares period=period quota=quota global_period=global_period global_quota=global_quota emulator_period=emulator_period emulator_quota=emulator_quota iothread_period=iothread_period iothread_quota=iothread_quota emulatorpin.cpuset=emulatorpin/@cpuset");
    private static readonly DomainKeys CpuPin = new("vcpu cpuset");
    private static readonly DomainKeys ThreadPin = new("iothread cpuset");
    private static readonly DomainKeys Seclabel = new("type model relabel:yes label=label baselabel=baselabel imagelabel=imagelabel");
    private static readonly DomainKeys Security = new("type kernel_hashes=@kernelHashes:yes cbitpos=cbitpos reduced_phys_bits=reducedPhysBits policy=policy dh_cert=dhCert session=session");
    private static readonly DomainKeys Resource = new("partition=partition fibrechannel.appid=fibrechannel/@appid");

    /// <summary>The key and value that say an element; nulls if no key does.</summary>
    public static (string? Key, YamlValue? Value) Read(XElement element, bool isPc) => element.Name.LocalName switch
    {
        _ when element.Name.Namespace != XNamespace.None => (null, null),
        "cpu" => ("cpu", Cpu.Read(element, ("features", CpuFeature.ReadAll(element.Elements("feature"))), ("numa", Cell.ReadAll(element.Element("numa")?.Elements("cell"))))),
        "clock" => ("clock", Clock.Read(element, ("timers", Timer.ReadAll(element.Elements("timer"))))),
        "features" => ("features", Features.Read(
            element,

            // These are on unless an entity says otherwise.
            ("acpi", element.Element("acpi") is null && isPc ? YamlValue.Boolean(false) : null),
            ("apic", element.Element("apic") is null && isPc ? YamlValue.Boolean(false) : null),
            ("kvm", Kvm.Read(element.Element("kvm"))),
            ("hyperv", Hyperv.Read(element.Element("hyperv"))))),
        "memoryBacking" => ("memory_backing", Backing.Read(
            element, ("hugepages", element.Element("hugepages") is not { } pages ? null : Page.ReadAll(pages.Elements("page")) ?? YamlValue.Boolean(true)))),
        "memtune" => ("memtune", Memtune.Read(element)),
        "numatune" => ("numatune", Numatune.Read(element, ("memnodes", Node.ReadAll(element.Elements("memnode"))))),
        "cputune" => ("cputune", Cputune.Read(element, ("vcpupin", CpuPin.ReadAll(element.Elements("vcpupin"))), ("iothreadpin", ThreadPin.ReadAll(element.Elements("iothreadpin"))))),
        "iothreads" => ("iothreads", DomainKeys.Plain(element.Value.Trim())),
        "seclabel" => ("seclabel", Seclabel.Read(element)),
        "launchSecurity" => ("launch_security", Security.Read(element)),
        "resource" => ("resource", Resource.Read(element)),
        "sysinfo" => ("sysinfo", Sysinfo(element)),
        _ => (null, null),
    };

    /// <summary>Whether an OEM string is one of the keys that charly hands to a guest.</summary>
    public static bool IsCredential(XElement entry) => entry.Value.StartsWith("io.systemd.credential", StringComparison.Ordinal);

    private static YamlValue? Sysinfo(XElement sysinfo)
    {
        static YamlValue? Entries(XElement? of) => of is null || !of.HasElements ? null : YamlValue.Map(of.Elements("entry").Select(e => ((string?)e.Attribute("name") ?? "", YamlValue.Text(e.Value))));
        (string Key, YamlValue? Value)[] all =
        [
            ("bios", Entries(sysinfo.Element("bios"))),
            ("system", Entries(sysinfo.Element("system"))),
            ("baseboard", DomainKeys.List(sysinfo.Elements("baseBoard").Select(Entries))),
            ("chassis", Entries(sysinfo.Element("chassis"))),
            ("oem_strings", DomainKeys.List(sysinfo.Elements("oemStrings").Elements("entry").Select(e => YamlValue.Text(e.Value)))),
        ];
        var there = all.Where(e => e.Value is not null).Select(e => (e.Key, e.Value!)).ToArray();
        return there.Length == 0 ? null : YamlValue.Map(there);
    }
}
