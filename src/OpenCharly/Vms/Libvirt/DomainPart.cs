using System.Xml.Linq;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Yaml;

namespace OpenCharly.Vms.Libvirt;

/// <summary>
/// The <c>libvirt:</c> part of an entity that makes a domain what another one is: in keys where they say it exactly, which is
/// found out by building the domain again, and otherwise in the domain's own XML.
/// </summary>
internal sealed class DomainPart
{
    /// <summary>What other fields of an entity say, or what is of one domain alone.</summary>
    private static readonly HashSet<string> NotOurs = new(StringComparer.Ordinal)
    {
        "name", "uuid", "memory", "currentMemory", "vcpu", "os", "on_poweroff", "on_reboot", "on_crash", "devices", "metadata",
    };

    private readonly XElement _domain;
    private readonly DomainInput _input;
    private readonly List<(string Key, YamlValue Value)> _keys = [];
    private readonly List<string> _passed = [];
    private readonly List<string> _lost = [];

    private DomainPart(XElement domain, VmSpec spec, VmFiles files)
    {
        _domain = domain;
        _input = new DomainInput
        {
            Preparation = new VmPreparation
            {
                Name = new VmName(spec.Name),
                Spec = spec with { Libvirt = null, CpuModel = null, Network = new VmNetwork { Mode = "none" } },
                Disk = "/",
                Cpus = 1,
                MemoryMb = 1,
                Mac = "",
            },
            Files = files,
            Architecture = (string?)domain.Element("os")?.Element("type")?.Attribute("arch") ?? "x86_64",
            IsKvm = (string?)domain.Attribute("type") == "kvm",
        };
    }

    /// <summary>Reads a definition.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="spec">The entity that it was imported as.</param>
    /// <param name="files">Where the files of its machine will be.</param>
    /// <returns>The part, an empty mapping if the domain has nothing of its own; and what it has that no entity can say.</returns>
    public static (YamlValue Part, IReadOnlyList<string> Lost) Read(XElement domain, VmSpec spec, VmFiles files)
    {
        var part = new DomainPart(domain, spec, files);
        part.ReadDomain();
        var (devices, snippets) = new DomainPartDevices(domain, part.Rendered).Read();
        if (devices.Count > 0) part._keys.Add(("devices", YamlValue.Map(devices)));
        if (snippets.Count > 0) part._keys.Add(("snippets", YamlValue.TextList(snippets)));
        if (part._passed.Count > 0) part._keys.Add(("xml_passthrough", string.Join('\n', part._passed)));
        part.SayWhatIsLost();
        return (YamlValue.Map(part._keys), part._lost);
    }

    /// <summary>A value as the reader of entities gives it.</summary>
    internal static YamlMapping Mapping(params IEnumerable<(string Key, YamlValue Value)> keys)
    {
        var editor = new YamlEditor("", "domain");
        editor.Set(["libvirt"], YamlValue.Map(keys));
        return (YamlMapping)((YamlMapping)YamlReader.Read(editor.Text, "domain")[0])["libvirt"]!;
    }

    /// <summary>A form in which two elements that mean the same are the same text: order does not count.</summary>
    internal static string Canonical(XElement element) =>
        $"<{element.Name}{string.Concat(element.Attributes().Where(a => !a.IsNamespaceDeclaration).OrderBy(a => a.Name.ToString(), StringComparer.Ordinal).Select(a => $" {a.Name}='{a.Value}'"))}>"
        + (element.HasElements ? string.Concat(element.Elements().Select(Canonical).Order(StringComparer.Ordinal)) : element.Value.Trim());

    private void ReadDomain()
    {
        foreach (var element in _domain.Elements().Where(e => e.Name.Namespace != XNamespace.None || !NotOurs.Contains(e.Name.LocalName)).Select(Cleaned))
        {
            if (element.Name == "sysinfo" && !element.HasElements) continue;
            var (key, value) = DomainPartTuning.Read(element, _input.IsPc);
            var keys = key is not null && value is not null && _keys.TrueForAll(k => k.Key != key) && IsKnown(key, value) ? new[] { (key, value) } : [];
            Add(element, keys);
        }

        if (_domain.Element("vcpu") is { } vcpu && vcpu.Attributes().Any(a => a.Name != "placement")) _passed.Add(vcpu.ToString(SaveOptions.DisableFormatting));
        var metadata = (_domain.Element("metadata")?.Elements() ?? []).Where(e => e.Name.Namespace != LibvirtDomainFile.Ours).ToArray();
        if (metadata.Length > 0) _passed.Add(new XElement("metadata", metadata).ToString(SaveOptions.DisableFormatting));

        // What is on unless an entity says otherwise.
        if (_domain.Element("features") is null && _input.IsPc) _keys.Add(("features", YamlValue.Map(("acpi", false), ("apic", false))));
    }

    /// <summary>Says an element in keys; in XML that fills what those leave open; or in XML alone: the first that makes it again.</summary>
    private void Add(XElement element, (string Key, YamlValue Value)[] keys)
    {
        var text = element.ToString(SaveOptions.DisableFormatting);
        var isIn = IsSaid(element, keys, null);
        if (!isIn && !IsSaid(element, keys, text))
        {
            if (keys.Length > 0 && IsSaid(element, [], text)) keys = [];
            else _lost.Add($"not every part of its {element.Name.LocalName} can be had");
        }

        _keys.AddRange(keys);
        if (!isIn) _passed.Add(text);
    }

    private bool IsSaid(XElement element, (string Key, YamlValue Value)[] keys, string? passed)
    {
        var rendered = DomainXml.Build(Said(passed is null ? keys : [.. keys, ("xml_passthrough", passed)])).Element(element.Name);
        return rendered is not null && Canonical(rendered) == Canonical(element);
    }

    /// <summary>Without the keys that charly handed to a guest: each machine gets its own.</summary>
    private static XElement Cleaned(XElement element)
    {
        var copy = new XElement(element);
        if (copy.Name == "sysinfo") copy.Elements("oemStrings").Elements("entry").Where(DomainPartTuning.IsCredential).Remove();
        copy.Elements("oemStrings").Where(o => !o.HasElements).Remove();
        return copy;
    }

    /// <summary>Whether an entity may say so.</summary>
    private static bool IsKnown(string key, YamlValue value)
    {
        var problems = new List<Problem>();
        VmLibvirtForm.Check(new YamlBinder(Mapping((key, value)), "libvirt", problems), isSecureBoot: false);
        return problems.Count == 0;
    }

    private DomainInput Said(IEnumerable<(string Key, YamlValue Value)> keys)
    {
        var part = Mapping(keys);
        var devices = DomainYaml.Map(part, "devices");
        return _input with
        {
            Preparation = _input.Preparation with { Spec = _input.Spec with { Libvirt = part } },
            HostDevices = [.. DomainYaml.Items(devices, "hostdevs")],
            FileSystems = [.. DomainYaml.Items(devices, "filesystems")],
        };
    }

    /// <summary>The devices of a domain whose entity declares one; null if an entity can't.</summary>
    private XElement? Rendered(string key, YamlValue? item)
    {
        if (item is null) return DomainDevices.Build(Said([]));
        var devices = YamlValue.Map((key, YamlValue.List(item)));
        return IsKnown("devices", devices) ? DomainDevices.Build(Said([("devices", devices)])) : null;
    }

    private void SayWhatIsLost()
    {
        foreach (var (name, ours) in ((string, string)[])[("on_poweroff", "destroy"), ("on_reboot", "restart"), ("on_crash", "destroy")])
        {
            if ((string?)_domain.Element(name) is { } text && text.Trim() != ours) _lost.Add($"{name} is {text.Trim()}, a machine's is {ours}");
        }

        if (_domain.Element("currentMemory") is { } now && _domain.Element("memory") is { } most && now.Value.Trim() != most.Value.Trim())
        {
            _lost.Add("it has less memory now than it may have, a machine has all of it");
        }

        if ((string?)DomainFacts.RootDisk(_domain)?.Element("target")?.Attribute("bus") is { } bus && bus != "virtio") _lost.Add($"its first disk is on the bus {bus}, a machine's is on virtio");
    }
}
