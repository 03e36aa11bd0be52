using System.Xml.Linq;

namespace OpenCharly.PowerShell.HelpBuild;

/// <summary>Writes help pages as MAML, the only form that Get-Help reads for compiled cmdlets.</summary>
internal static class MamlWriter
{
    private const string AllSets = "(All)";

    private static readonly XNamespace Msh = "http://msh";
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    /// <summary>One document with all pages.</summary>
    public static XDocument Write(IEnumerable<HelpPage> pages) => new(
        new XDeclaration("1.0", "utf-8", null),
        new XElement(Msh + "helpItems", new XAttribute("schema", "maml"), pages.Select(Page)));

    private static XElement Page(HelpPage page)
    {
        var words = page.Name.Split('-', 2);
        return new XElement(
            Command + "command",
            new XAttribute(XNamespace.Xmlns + "maml", Maml),
            new XAttribute(XNamespace.Xmlns + "command", Command),
            new XAttribute(XNamespace.Xmlns + "dev", Dev),
            new XElement(
                Command + "details",
                new XElement(Command + "name", page.Name),
                new XElement(Command + "verb", words[0]),
                new XElement(Command + "noun", words[^1]),
                Text(Maml + "description", [page.Synopsis])),
            Text(Maml + "description", page.Description),
            new XElement(Command + "syntax", page.ParameterSets.Select(set => Syntax(page, set))),
            new XElement(Command + "parameters", page.Parameters.Select(p => Parameter(p, p.Sets[0], inSyntax: false))),
            new XElement(Command + "inputTypes", page.Inputs.Select(t => Topic(Command + "inputType", t))),
            new XElement(Command + "returnValues", page.Outputs.Select(t => Topic(Command + "returnValue", t))),
            new XElement(Maml + "alertSet", Text(Maml + "alert", page.Notes)),
            new XElement(Command + "examples", page.Examples.Select(Example)),
            new XElement(Command + "relatedLinks", page.RelatedLinks.Select(Link)));
    }

    private static XElement Syntax(HelpPage page, string set)
    {
        var parameters =
            from parameter in page.Parameters
            let how = parameter.Sets.FirstOrDefault(s => s.Name == set || s.Name == AllSets)
            where how is not null
            orderby int.TryParse(how.Position, out var position) ? position : int.MaxValue, !how.Required
            select Parameter(parameter, how, inSyntax: true);
        return new XElement(Command + "syntaxItem", new XElement(Maml + "name", page.Name), parameters);
    }

    private static XElement Parameter(HelpParameter parameter, HelpParameterSet how, bool inSyntax)
    {
        var type = parameter.Type[(parameter.Type.LastIndexOf('.') + 1)..];
        var element = new XElement(
            Command + "parameter",
            new XAttribute("required", how.Required),
            new XAttribute("variableLength", how.Remaining || parameter.Type.EndsWith("[]", StringComparison.Ordinal)),
            new XAttribute("globbing", parameter.Wildcards),
            new XAttribute("pipelineInput", Pipeline(how)),
            new XAttribute("position", how.Position.ToLowerInvariant()),
            new XAttribute("aliases", parameter.Aliases.Count == 0 ? "none" : string.Join(", ", parameter.Aliases)),
            new XElement(Maml + "name", parameter.Name),
            Text(Maml + "description", parameter.Description));
        if (inSyntax && parameter.AcceptedValues.Count > 0)
        {
            element.Add(new XElement(Command + "parameterValueGroup", parameter.AcceptedValues.Select(value =>
                new XElement(Command + "parameterValue", new XAttribute("required", false), new XAttribute("variableLength", false), value))));
        }
        else if (!inSyntax || !parameter.IsSwitch)
        {
            element.Add(new XElement(Command + "parameterValue", new XAttribute("required", !parameter.IsSwitch), new XAttribute("variableLength", false), type));
        }

        element.Add(
            new XElement(Dev + "type", new XElement(Maml + "name", type), new XElement(Maml + "uri")),
            new XElement(Dev + "defaultValue", parameter.Default.Length == 0 ? "None" : parameter.Default));
        return element;
    }

    private static string Pipeline(HelpParameterSet how) => (how.ByValue, how.ByPropertyName) switch
    {
        (true, true) => "True (ByValue, ByPropertyName)",
        (true, false) => "True (ByValue)",
        (false, true) => "True (ByPropertyName)",
        _ => "False",
    };

    private static XElement Topic(XName name, HelpTopic topic) => new(
        name,
        new XElement(Dev + "type", new XElement(Maml + "name", topic.Name)),
        Text(Maml + "description", topic.Text));

    private static XElement Example(HelpExample example) => new(
        Command + "example",
        new XElement(Maml + "title", example.Title),
        new XElement(Dev + "code", example.Code),
        Text(Dev + "remarks", example.Remarks));

    private static XElement Link(string name) =>
        new(Maml + "navigationLink", new XElement(Maml + "linkText", name), new XElement(Maml + "uri"));

    private static XElement Text(XName name, IReadOnlyList<string> paragraphs) =>
        new(name, paragraphs.Select(text => new XElement(Maml + "para", text)));
}
