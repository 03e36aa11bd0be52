using System.Xml.Linq;
using OpenCharly.Yaml;

namespace OpenCharly.Vms.Libvirt;

/// <summary>Reads the devices of a domain into lists of an entity; what those can't say exactly becomes a snippet.</summary>
/// <param name="domain">The domain.</param>
/// <param name="render">Gives the devices of a domain whose entity declares one under a key: none for null, null if it may not.</param>
internal sealed class DomainPartDevices(XElement domain, Func<string, YamlValue?, XElement?> render)
{
    private static readonly DomainKeys Disk = new("type device source.file=source/@file source.dev=source/@dev source.pool=source/@pool source.volume=source/@volume source.mode=source/@mode source.protocol=source/@protocol source.name=source/@name source.host=source/host/@name source.port=source/host/@port target.dev=target/@dev target.bus=target/@bus driver.name=driver/@name driver.type=driver/@type driver.cache=driver/@cache driver.io=driver/@io driver.discard=driver/@discard driver.error_policy=driver/@error_policy driver.iothread=driver/@iothread readonly=readonly:is serial=serial wwn=wwn boot=boot/@order");
    private static readonly DomainKeys Card = new("type source.bridge=source/@bridge source.network=source/@network source.dev=source/@dev source.mode=source/@mode model=model/@type mac=mac/@address mtu=mtu/@size boot=boot/@order");
    private static readonly DomainKeys Port = new("type source.path=source/@path source.mode=source/@mode source.host=source/@host source.service=source/@service target.type=target/@type target.port=target/@port");
    private static readonly DomainKeys Listen = new("type address socket network");
    private static readonly DomainKeys Graphics = new("type port autoport:yes websocket keymap display");
    private static readonly DomainKeys Id = new("start target count");
    private static readonly DomainKeys Folder = new("source=source/@dir target=target/@dir accessmode readonly=readonly:is binary.path=binary/@path binary.xattr=binary/@xattr:on binary.cache=binary/cache/@mode binary.sandbox=binary/sandbox/@mode binary.thread_pool=binary/thread_pool/@size");

    /// <summary>Elements whose keys hang on no more than one line; the others are in <see cref="Describe"/>.</summary>
    private static readonly Dictionary<string, (string Key, DomainKeys Keys)> Plain = new(StringComparer.Ordinal)
    {
        ["disk"] = ("disks", Disk),
        ["serial"] = ("serial", Port),
        ["console"] = ("console", Port),
        ["parallel"] = ("parallel", Port),
        ["channel"] = ("channels", new("type source.path=source/@path target.name=target/@name")),
        ["video"] = ("video", new("model=model/@type vram=model/@vram heads=model/@heads primary=model/@primary:yes accel3d=model/acceleration/@accel3d:yes")),
        ["audio"] = ("audio", new("type id")),
        ["sound"] = ("sound", new("model")),
        ["input"] = ("inputs", new("type bus")),
        ["controller"] = ("usb", new("model")),
        ["redirdev"] = ("redirdev", new("bus type")),
        ["hostdev"] = ("hostdevs", new("type managed model source.vendor=source/vendor/@id source.product=source/product/@id source.adapter=source/adapter/@name source.address.domain=source/address/@domain source.address.bus=source/address/@bus source.address.slot=source/address/@slot source.address.function=source/address/@function source.address.device=source/address/@device source.address.target=source/address/@target source.address.unit=source/address/@unit source.address.uuid=source/address/@uuid rom.bar=rom/@bar rom.file=rom/@file rom.enabled=rom/@enabled:yes driver.name=driver/@name driver.model=driver/@model driver.iommufd=driver/@iommufd:yes")),
        ["rng"] = ("rng", new("model backend.model=backend/@model backend.path=backend rate.period=rate/@period rate.bytes=rate/@bytes")),
        ["tpm"] = ("tpm", new("model backend.type=backend/@type backend.version=backend/@version backend.path=backend/device/@path")),
        ["watchdog"] = ("watchdog", new("model action")),
        ["memballoon"] = ("memballoon", new("model autodeflate:on stats.period=stats/@period")),
        ["shmem"] = ("shmem", new("name role model.type=model/@type size=size/.:unit")),
        ["iommu"] = ("iommu", new("model")),
        ["vsock"] = ("vsock", new("model cid.auto=cid/@auto:yes cid.address=cid/@address")),
        ["panic"] = ("panic", new("model")),
        ["smartcard"] = ("smartcard", new("mode")),
        ["hub"] = ("hub", new("type")),
    };

    /// <summary>The lists by key, and the snippets.</summary>
    public (IReadOnlyList<(string Key, YamlValue Value)> Lists, IReadOnlyList<string> Snippets) Read()
    {
        var lists = new List<(string Key, List<YamlValue> Items)>();
        var snippets = new List<string>();
        var devices = domain.Element("devices")?.Elements().ToArray() ?? [];
        var taken = devices.Where(d => d.Name == "disk").Select(d => (string?)d.Element("target")?.Attribute("dev")).Append("vda").Append("vdb").Append("sda").ToHashSet(StringComparer.Ordinal);
        foreach (var device in devices.Where(d => !IsMadeAnyway(d)))
        {
            var clean = Clean(device);
            if (clean.Name == "disk") Move(clean, taken);
            if (Describe(clean) is not var (key, item) || !IsSaid(clean, key, item))
            {
                snippets.Add(clean.ToString(SaveOptions.DisableFormatting));
                continue;
            }

            if (lists.Find(l => l.Key == key) is { Items: { } items }) items.Add(item);
            else lists.Add((key, [item]));
        }

        return ([.. lists.Select(l => (l.Key, YamlValue.List(l.Items)))], snippets);
    }

    private static (string Key, YamlValue Item)? Describe(XElement device) => device.Name.LocalName switch
    {
        "controller" when (string?)device.Attribute("type") != "usb" => null,
        "graphics" => ("graphics", Graphics.Read(device, ("listen", Listen.ReadAll(device.Elements("listen"))))!),
        "interface" => ("interfaces", Card.Read(device, ("port_forwards", DomainKeys.List(device.Elements("portForward").SelectMany(f => f.Elements("range").Select(r => YamlValue.Map(
            ("proto", (string?)f.Attribute("proto") ?? "tcp"), ("start", DomainKeys.Plain((string?)r.Attribute("start") ?? "")), ("to", DomainKeys.Plain((string?)r.Attribute("to") ?? (string?)r.Attribute("start") ?? ""))))))))!),
        "filesystem" => ("filesystems", Folder.Read(
            device,
            ("driver", (string?)device.Element("driver")?.Attribute("type") == "virtiofs" ? "virtiofs" : "9p"),
            ("idmap", device.Element("idmap") is not { } map ? null : new DomainKeys("").Read(map, ("uid", Id.ReadAll(map.Elements("uid"))), ("gid", Id.ReadAll(map.Elements("gid"))))))!),
        var name when Plain.TryGetValue(name, out var plain) && plain.Keys.Read(device) is { } item => (plain.Key, item),
        _ => null,
    };

    /// <summary>Whether an entity that says so gets exactly this device.</summary>
    private bool IsSaid(XElement device, string key, YamlValue item)
    {
        var wanted = DomainPart.Canonical(device);
        bool Has(YamlValue? declared) => render(key, declared)?.Elements(device.Name).Any(d => DomainPart.Canonical(d) == wanted) == true;
        return Has(item) && !Has(null);
    }

    /// <summary>What every machine has, or what libvirt adds by itself.</summary>
    private bool IsMadeAnyway(XElement device)
    {
        var type = (string?)device.Attribute("type");
        return device.Name.LocalName switch
        {
            "disk" => device == DomainFacts.RootDisk(domain),
            "interface" => device == domain.Element("devices")!.Element("interface"),
            "serial" => type == "pty" && (string?)device.Element("target")?.Attribute("port") is null or "0",
            "console" => type == "pty" && (string?)device.Element("target")?.Attribute("type") is null or "serial",
            "controller" => type is "pci" or "sata" or "ide" or "fdc" or "virtio-serial" or "ccid",
            "input" => (string?)device.Attribute("bus") == "ps2",
            "audio" => type == "none" && domain.Element("devices")!.Elements("audio").Count() == 1,
            "memballoon" => (string?)device.Attribute("model") == "virtio" && device.Attributes().Count() == 1 && device.Elements().All(e => e.Name == "address"),
            "emulator" => Path.GetDirectoryName(device.Value.Trim()) == "/usr/bin",
            _ => false,
        };
    }

    /// <summary>Without what libvirt allots anew in each domain.</summary>
    private static XElement Clean(XElement device)
    {
        var copy = new XElement(device);
        copy.Elements().Where(e => e.Name.LocalName is "address" or "alias" or "backingStore").Remove();
        if (copy.Name == "graphics")
        {
            if (copy.Element("listen") is not null) copy.Attribute("listen")?.Remove();
            if ((string?)copy.Attribute("port") == "-1") copy.Attribute("port")!.Remove();
        }

        if (copy.Name == "controller" && (string?)copy.Attribute("index") == "0") copy.Attribute("index")!.Remove();
        return copy;
    }

    /// <summary>Gives a disk another name if it has that of the machine's own disk or seed.</summary>
    private static void Move(XElement disk, HashSet<string?> taken)
    {
        if (disk.Element("target") is not { } target || (string?)target.Attribute("dev") is not { Length: > 2 } name) return;
        if (name is not ("vda" or "sda")) return;
        var free = Enumerable.Range('b', 25).Select(c => name[..2] + (char)c).First(taken.Add);
        target.SetAttributeValue("dev", free);
    }
}
