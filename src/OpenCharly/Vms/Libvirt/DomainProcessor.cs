using System.Xml.Linq;
using OpenCharly.Yaml;
using static OpenCharly.Vms.Libvirt.DomainYaml;

namespace OpenCharly.Vms.Libvirt;

/// <summary>Processor, features and clock of a domain.</summary>
internal static class DomainProcessor
{
    private static readonly string[] HypervSwitches =
        ["relaxed", "vapic", "vpindex", "runtime", "synic", "stimer", "reset", "frequencies", "reenlightenment", "tlbflush", "ipi", "evmcs"];

    /// <summary>The <c>features</c> element.</summary>
    public static XElement Features(DomainInput input)
    {
        var features = Map(input.Part, "features");
        bool Is(string key, bool standard) => Flag(features, key) ?? standard;
        var isSecure = input.Firmware is { IsSecure: true };
        return new XElement(
            "features",
            Is("acpi", input.IsPc || input.Firmware is not null) ? new XElement("acpi") : null,
            input.IsPc && Is("apic", true) ? new XElement("apic") : null,
            input.IsPc && Is("pae", false) ? new XElement("pae") : null,
            Is("hap", false) ? On("hap") : null,
            Hyperv(Map(features, "hyperv")),
            Kvm(Map(features, "kvm")),
            Is("pmu", false) ? On("pmu") : null,
            Is("vmport", false) ? On("vmport") : null,

            // Secure boot keeps its variables behind system management mode.
            isSecure || Is("smm", false) ? On("smm") : null,
            Text(features, "ibs") is { } ibs ? new XElement("ibs", new XAttribute("value", ibs)) : null);
    }

    /// <summary>The <c>cpu</c> element.</summary>
    public static XElement? Cpu(DomainInput input)
    {
        var cpu = Map(input.Part, "cpu");
        var model = input.Spec.CpuModel ?? Text(cpu, "model");
        var mode = Text(cpu, "mode") ?? (model is null ? null : "custom");
        if (!input.IsKvm)
        {
            // The translator passes nothing through; what comes next to it costs a quarter more than qemu64.
            if (mode is "host-passthrough" or "host-model") input.Warn($"without KVM there is no cpu mode {mode}: maximum is used instead");
            (mode, model) = mode switch
            {
                "host-passthrough" or "host-model" => ("maximum", null),
                null when input.Architecture == "x86_64" => ("custom", "qemu64"),
                null => ("maximum", null),
                _ => (mode, model),
            };
        }

        mode ??= "host-passthrough";
        return new XElement(
            "cpu",
            new XAttribute("mode", mode),
            new XAttribute("check", Text(cpu, "check") ?? "none"),
            OnOff("migratable", cpu),
            mode == "custom" && model is not null ? new XElement("model", new XAttribute("fallback", "allow"), model) : null,
            Attributes("topology", Map(cpu, "topology"), "sockets", "dies", "cores", "threads"),
            Map(cpu, "cache") is { } cache ? new XElement("cache", Attribute("level", cache), Attribute("mode", cache)) : null,
            CpuFeatures(input, cpu, mode).Select(f => new XElement("feature", new XAttribute("policy", f.Policy), new XAttribute("name", f.Name))),
            Numa(cpu));
    }

    /// <summary>The <c>clock</c> element.</summary>
    public static XElement Clock(YamlMapping? clock) => new(
        "clock",
        new XAttribute("offset", Text(clock, "offset") ?? "utc"),
        Attribute("timezone", clock),
        Attribute("adjustment", clock),
        Attribute("basis", clock),
        Items(clock, "timers").Select(t => new XElement(
            "timer",
            Attribute("name", t),
            YesNo("present", t),
            Attribute("tickpolicy", t),
            Attribute("track", t),
            Attribute("frequency", t),
            Attribute("mode", t))));

    /// <summary>Processor features with policies, the host's own extension added where everything is passed through.</summary>
    internal static IReadOnlyList<(string Policy, string Name)> CpuFeatures(DomainInput input, YamlMapping? cpu, string mode)
    {
        var features = Items(cpu, "features").Select(f => (Policy: Text(f, "policy") ?? "require", Name: Text(f, "name") ?? "")).ToList();
        if (input.IsKvm && mode == "host-passthrough" && input.ProcessorExtension is { } extension && features.All(f => f.Name is not ("vmx" or "svm")))
        {
            features.Add(("require", extension));
        }

        return features;
    }

    private static XElement? Numa(YamlMapping? cpu)
    {
        var cells = Items(cpu, "numa").ToArray();
        return cells.Length == 0 ? null : new XElement("numa", cells.Select(c =>
        {
            var (number, unit) = Scaled(Text(c, "memory") ?? "");
            return new XElement(
                "cell", Attribute("id", c), Attribute("cpus", c), new XAttribute("memory", number), Attribute("unit", Text(c, "unit") ?? unit ?? "KiB"), Attribute("memAccess", c, "memaccess"));
        }));
    }

    private static XElement? Kvm(YamlMapping? kvm) => kvm is null ? null : new XElement(
        "kvm",
        State("hidden", kvm),
        State("hint-dedicated", kvm, "hint_dedicated"),
        State("poll-control", kvm, "poll_control"),
        State("pv-ipi", kvm, "pv_ipi"),
        Text(kvm, "dirty_ring_size") is { } size ? new XElement("dirty-ring", new XAttribute("state", "on"), new XAttribute("size", size)) : null);

    private static XElement? Hyperv(YamlMapping? hyperv)
    {
        if (hyperv is null) return null;
        var element = new XElement("hyperv", new XAttribute("mode", "custom"));
        foreach (var key in HypervSwitches) element.Add(State(key, hyperv));
        if (hyperv["spinlocks"] is { } spinlocks) element.Add(Switch("spinlocks", spinlocks, "retries"));
        if (hyperv["vendor_id"] is { } vendor) element.Add(Switch("vendor_id", vendor, "value"));
        return element;
    }

    /// <summary>A switch with a value: <c>{state, value}</c>, or the value alone, or only a truth value.</summary>
    private static XElement Switch(string name, YamlNode node, string valueName) => node switch
    {
        YamlMapping map => new XElement(name, new XAttribute("state", OnOff(Flag(map, "state") ?? true)), Attribute(valueName, map)),
        YamlScalar { Text: var text } when YamlBinder.ParseBoolean(text) is { } flag => new XElement(name, new XAttribute("state", OnOff(flag))),
        YamlScalar { Text: var text } => new XElement(name, new XAttribute("state", "on"), new XAttribute(valueName, text)),
        _ => new XElement(name, new XAttribute("state", "on")),
    };

    private static XElement On(string name) => new(name, new XAttribute("state", "on"));
}
