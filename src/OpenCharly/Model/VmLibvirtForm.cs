using System.Xml;
using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>Looks at the values of a vm entity's <c>libvirt:</c> part that are errors before any domain is made (vm.md §3.3).</summary>
internal static class VmLibvirtForm
{
    private static readonly string[] CpuModes = ["host-passthrough", "host-model", "custom", "maximum"];
    private static readonly string[] Policies = ["force", "require", "optional", "disable", "forbid"];
    private static readonly string[] Offsets = ["utc", "localtime", "timezone", "variable", "absolute"];

    /// <summary>Reports what is wrong.</summary>
    public static void Check(YamlBinder libvirt, bool isSecureBoot)
    {
        if (libvirt.Map("cpu") is { } cpuMap)
        {
            var cpu = new YamlBinder(cpuMap, libvirt.What + ".cpu", libvirt.Problems);
            if (VmReader.Choice(cpu, "mode", CpuModes, null) == "custom" && cpu.Text("model") is null) cpu.Report(Errors.VmValidation, "the mode custom needs \"model\"", "Name a processor model.", cpuMap.Position);
            foreach (var feature in cpu.Items("features").OfType<YamlMapping>()) VmReader.Choice(new YamlBinder(feature, cpu.What + ".features", libvirt.Problems), "policy", Policies, null);
        }

        if (libvirt.Map("clock") is { } clock) VmReader.Choice(new YamlBinder(clock, libvirt.What + ".clock", libvirt.Problems), "offset", Offsets, null);
        if (isSecureBoot && libvirt.Map("features")?["smm"] is YamlScalar smm && YamlBinder.ParseBoolean(smm.Text) == false)
        {
            libvirt.Report(Errors.VmValidation, "uefi-secure needs the feature smm, which is switched off", "Remove smm: false.", smm.Position);
        }

        foreach (var item in libvirt.Items("snippets")) CheckXml(libvirt, "snippets", item);
        if (libvirt.Node("xml_passthrough") is { } xml) CheckXml(libvirt, "xml_passthrough", xml);
        foreach (var channel in (libvirt.Map("devices")?["channels"] as YamlSequence)?.Items.OfType<YamlMapping>() ?? [])
        {
            if (((channel["source"] as YamlMapping)?["path"] ?? channel["path"]) is YamlScalar path && path.Text.StartsWith("/home/", StringComparison.Ordinal))
            {
                libvirt.Report(Errors.VmValidation, $"a channel's path is \"{path.Text}\"", "Use {{.VmStateDir}} instead of a home folder.", path.Position);
            }
        }
    }

    private static void CheckXml(YamlBinder libvirt, string key, YamlNode node)
    {
        if (node is not YamlScalar { IsNull: false } scalar)
        {
            libvirt.Report(Errors.YamlType, $"\"{key}\" must be XML text, not {node.Description}", "Write elements of a libvirt domain.", node.Position);
            return;
        }

        var hasElement = false;
        try
        {
            using var reader = XmlReader.Create(
                new StringReader(scalar.Text),
                new XmlReaderSettings { ConformanceLevel = ConformanceLevel.Fragment, DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            while (reader.Read()) hasElement |= reader.NodeType == XmlNodeType.Element;
        }
        catch (XmlException e)
        {
            libvirt.Report(Errors.VmValidation, $"\"{key}\" is not well-formed XML: {e.Message}", "Write whole elements of a libvirt domain.", scalar.Position);
            return;
        }

        if (!hasElement) libvirt.Report(Errors.VmValidation, $"\"{key}\" holds no XML element", "Write whole elements of a libvirt domain.", scalar.Position);
    }
}
