using System.Xml;
using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>Looks at the values of a vm entity's <c>libvirt:</c> part that are errors before any domain is made (vm.md §3.3).</summary>
internal static class VmLibvirtForm
{
    /// <summary>Reports what is wrong.</summary>
    public static void Check(YamlBinder libvirt, bool isSecureBoot)
    {
        VmLibvirtKeys.Check(libvirt);
        if (libvirt.Map("cpu") is { } cpu && cpu["mode"] is YamlScalar { Text: "custom" } && cpu["model"] is null)
        {
            libvirt.Report(Errors.VmValidation, "the cpu mode custom needs \"model\"", "Name a processor model.", cpu.Position);
        }

        if (isSecureBoot && libvirt.Map("features")?["smm"] is YamlScalar smm && YamlBinder.ParseBoolean(smm.Text) == false)
        {
            libvirt.Report(Errors.VmValidation, "uefi-secure needs the feature smm, which is switched off", "Remove smm: false.", smm.Position);
        }

        foreach (var item in libvirt.Items("snippets")) CheckXml(libvirt, "snippets", item);
        if (libvirt.Node("xml_passthrough") is { } xml) CheckXml(libvirt, "xml_passthrough", xml);
        VmLibvirtDevices.Check(libvirt);
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
            using var reader = LibvirtFragment.Open(scalar.Text);
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
