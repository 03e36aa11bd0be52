using System.Xml.Linq;
using OpenCharly.Yaml;
using static OpenCharly.Vms.Libvirt.DomainYaml;

namespace OpenCharly.Vms.Libvirt;

/// <summary>Folders of the host that a domain sees.</summary>
internal static class DomainFileSystems
{
    /// <summary>Whether a folder is shared by virtiofs, which needs shared memory.</summary>
    public static bool IsVirtiofs(YamlMapping folder) => Text(folder, "driver") is null or "virtiofs";

    /// <summary>The element.</summary>
    public static XElement Build(DomainInput input, YamlMapping folder)
    {
        var isVirtiofs = IsVirtiofs(folder);
        var mode = Text(folder, "accessmode") ?? (isVirtiofs ? "passthrough" : "mapped");
        return new XElement(
            "filesystem",
            new XAttribute("type", "mount"),
            new XAttribute("accessmode", mode),
            new XElement("driver", new XAttribute("type", isVirtiofs ? "virtiofs" : "path")),
            isVirtiofs ? Binary(Map(folder, "binary")) : null,
            new XElement("source", new XAttribute("dir", input.Expand(Text(folder, "source")!))),
            new XElement("target", new XAttribute("dir", Text(folder, "target")!)),
            Flag(folder, "readonly") == true ? new XElement("readonly") : null,
            isVirtiofs ? IdMap(input, folder) : null);
    }

    private static XElement? Binary(YamlMapping? binary) => binary is null ? null : new XElement(
        "binary",
        Attribute("path", binary),
        OnOff("xattr", binary),
        Text(binary, "cache") is { } cache ? new XElement("cache", new XAttribute("mode", cache)) : null,
        Text(binary, "sandbox") is { } sandbox ? new XElement("sandbox", new XAttribute("mode", sandbox)) : null,
        Text(binary, "thread_pool") is { } threads ? new XElement("thread_pool", new XAttribute("size", threads)) : null);

    private static XElement? IdMap(DomainInput input, YamlMapping folder)
    {
        if (Map(folder, "idmap") is { } own)
        {
            return new XElement(
                "idmap",
                Items(own, "uid").Select(i => Attributes("uid", i, "start", "target", "count")),
                Items(own, "gid").Select(i => Attributes("gid", i, "start", "target", "count")));
        }

        if (input.SubordinateIds is not { } ids) return null;
        return new XElement(
            "idmap",
            SubordinateIds.Map(ids.Users, ids.User).Select(m => Entry("uid", m)),
            SubordinateIds.Map(ids.Groups, ids.Group).Select(m => Entry("gid", m)));
    }

    private static XElement Entry(string name, (long Start, long Target, long Count) map) =>
        new(name, new XAttribute("start", map.Start), new XAttribute("target", map.Target), new XAttribute("count", map.Count));
}
