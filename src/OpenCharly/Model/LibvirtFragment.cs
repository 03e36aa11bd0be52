using System.Xml;
using System.Xml.Linq;

namespace OpenCharly.Model;

/// <summary>Elements of a libvirt domain that an author wrote as XML.</summary>
internal static class LibvirtFragment
{
    /// <summary>Namespace of QEMU's own part of a domain; its usual prefix <c>qemu</c> need not be declared.</summary>
    public const string QemuNamespace = "http://libvirt.org/schemas/domain/qemu/1.0";

    /// <summary>A reader of one or more elements; neither document types nor anything outside of the text is followed.</summary>
    public static XmlReader Open(string text)
    {
        var names = new XmlNamespaceManager(new NameTable());
        names.AddNamespace("qemu", QemuNamespace);
        return XmlReader.Create(
            new StringReader(text),
            new XmlReaderSettings { ConformanceLevel = ConformanceLevel.Fragment, DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreComments = true, IgnoreWhitespace = true },
            new XmlParserContext(names.NameTable, names, null, XmlSpace.None));
    }

    /// <summary>The elements.</summary>
    /// <exception cref="XmlException">The text is not well-formed.</exception>
    public static IReadOnlyList<XElement> Read(string text)
    {
        var elements = new List<XElement>();
        using var reader = Open(text);
        reader.Read();
        while (!reader.EOF)
        {
            if (reader.NodeType == XmlNodeType.Element) elements.Add((XElement)XNode.ReadFrom(reader));
            else reader.Read();
        }

        return elements;
    }
}
