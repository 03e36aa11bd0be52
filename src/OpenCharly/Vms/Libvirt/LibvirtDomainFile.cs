using System.Globalization;
using System.Xml.Linq;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Vms.Libvirt;

/// <summary>
/// The domain as libvirt was given it, in the machine's folder: a start repeats what <c>create</c> decided, whatever the
/// project says by then, and a port that has to be another one is changed in it.
/// </summary>
internal sealed class LibvirtDomainFile
{
    /// <summary>Namespace of what charly notes in the metadata of its domains.</summary>
    internal static readonly XNamespace Ours = "urn:opencharly:machine";

    private LibvirtDomainFile(XElement domain) => Domain = domain;

    /// <summary>The domain.</summary>
    public XElement Domain { get; }

    /// <summary>Whether the ssh port is ours to choose.</summary>
    public bool IsSshPortFree => (string?)Note?.Attribute("sshPort") == "free";

    /// <summary>The disk.</summary>
    public string? Disk => (string?)Domain.Element("devices")?.Elements("disk").FirstOrDefault()?.Element("source")?.Attribute("file");

    /// <summary>Whether it has a VNC screen.</summary>
    public bool HasVnc => Domain.Element("devices")?.Elements("graphics").Any(g => (string?)g.Attribute("type") == "vnc") == true;

    private XElement? Note => Domain.Element("metadata")?.Element(Ours + "machine");

    /// <summary>A new domain, with a note of what a later start needs to know.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="isSshPortFree">Whether the ssh port is ours to choose.</param>
    /// <param name="id">What libvirt is to know it by: only with its own id may a domain be defined anew.</param>
    public static LibvirtDomainFile Of(XElement domain, bool isSshPortFree, Guid id)
    {
        var note = new XElement(Ours + "machine", new XAttribute(XNamespace.Xmlns + "charly", Ours.NamespaceName), new XAttribute("sshPort", isSshPortFree ? "free" : "fixed"));
        var metadata = domain.Element("metadata");
        if (metadata is null) domain.Element("name")!.AddAfterSelf(metadata = new XElement("metadata"));
        metadata.Add(note);
        if (domain.Element("uuid") is null) domain.Element("name")!.AddAfterSelf(new XElement("uuid", id.ToString()));
        return new LibvirtDomainFile(domain);
    }

    /// <summary>Reads the file; null if there is none.</summary>
    public static LibvirtDomainFile? Read(string path) => File.Exists(path) ? new LibvirtDomainFile(XElement.Parse(File.ReadAllText(path))) : null;

    /// <summary>Writes the file, for this user alone: it may hold labels and keys.</summary>
    public void Write(string path) => AtomicFile.Write(path, DomainXml.Write(Domain), AtomicFile.Private);

    /// <summary>Moves the forward that leads to the guest's sshd.</summary>
    public void MoveSshPort(int from, int to)
    {
        var (before, after) = (from.ToString(CultureInfo.InvariantCulture), to.ToString(CultureInfo.InvariantCulture));
        foreach (var range in Domain.Descendants("range").Where(r => (string?)r.Attribute("start") == before && (string?)r.Attribute("to") == "22"))
        {
            range.SetAttributeValue("start", after);
        }

        XNamespace qemu = LibvirtFragment.QemuNamespace;
        foreach (var argument in Domain.Descendants(qemu + "arg").Select(a => a.Attribute("value")!))
        {
            argument.Value = argument.Value.Replace($":{before}-:22", $":{after}-:22", StringComparison.Ordinal);
        }
    }

    /// <summary>Makes the folders, for this user alone, of all sockets that libvirt is to bind; it makes none itself.</summary>
    public void MakeSocketFolders()
    {
        var devices = Domain.Element("devices")!;
        var sockets = devices.Elements("graphics").Attributes("socket")
            .Concat(devices.Elements("graphics").Elements("listen").Attributes("socket"))
            .Concat(devices.Elements().Where(d => d.Name == "channel" || d.Name == "serial" || d.Name == "console")
                .Where(d => (string?)d.Attribute("type") == "unix").Elements("source").Where(s => (string?)s.Attribute("mode") == "bind").Attributes("path"));
        foreach (var folder in sockets.Select(s => Path.GetDirectoryName(s.Value)).OfType<string>().Where(f => f.Length > 1)) AtomicFile.EnsureFolder(folder, isPrivate: true);
    }
}
