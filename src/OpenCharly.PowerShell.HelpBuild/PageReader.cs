using Markdig;
using Markdig.Extensions.Yaml;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace OpenCharly.PowerShell.HelpBuild;

/// <summary>Reads a help page: headings of the second level are sections, those of the third their entries.</summary>
internal sealed class PageReader
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UseYamlFrontMatter().Build();

    private readonly string _file;
    private readonly Dictionary<string, List<Entry>> _sections = new(StringComparer.Ordinal);

    private PageReader(string file, string text)
    {
        _file = file;
        Split(Markdown.Parse(text, Pipeline));
    }

    /// <summary>Reads the page <paramref name="text"/> that stands in <paramref name="file"/>.</summary>
    public static HelpPage Read(string file, string text) => new PageReader(file, text).Page();

    private HelpPage Page() => new()
    {
        Name = Path.GetFileNameWithoutExtension(_file),
        Synopsis = string.Join(' ', Paragraphs(Single("SYNOPSIS").Blocks)),
        Description = Paragraphs(Single("DESCRIPTION").Blocks),
        ParameterSets = [.. Entries("SYNTAX").Select(e => e.Title)],
        Parameters = [.. Entries("PARAMETERS").Where(e => e.Title != "CommonParameters").Select(Parameter)],
        Examples = [.. Entries("EXAMPLES").Select(Example)],
        Inputs = [.. Entries("INPUTS").Select(Topic)],
        Outputs = [.. Entries("OUTPUTS").Select(Topic)],
        Notes = Paragraphs(Single("NOTES").Blocks),
        RelatedLinks = [.. Single("RELATED LINKS").Blocks.SelectMany(b => b.Descendants<LinkInline>()).Select(Text)],
    };

    private void Split(MarkdownDocument document)
    {
        var front = document.OfType<YamlFrontMatterBlock>().FirstOrDefault() ?? throw Wrong(0, "the page has no front matter");
        var title = Value(Mapping(front.Lines.ToString(), front.Line), "title");
        if (title != Path.GetFileNameWithoutExtension(_file)) throw Wrong(0, $"the title is '{title}', but the file is named otherwise");
        List<Entry>? section = null;
        foreach (var block in document)
        {
            if (block is HeadingBlock { Level: 2 } heading) _sections[Text(heading.Inline!)] = section = [new Entry("", heading.Line, [])];
            else if (block is HeadingBlock { Level: 3 } entry && section is not null) section.Add(new Entry(Text(entry.Inline!), entry.Line, []));
            else section?[^1].Blocks.Add(block);
        }
    }

    private Entry Single(string section) =>
        _sections.TryGetValue(section, out var entries) ? entries[0] : throw Wrong(0, $"the section {section} is missing");

    private IEnumerable<Entry> Entries(string section) =>
        _sections.TryGetValue(section, out var entries) ? entries.Skip(1) : throw Wrong(0, $"the section {section} is missing");

    private HelpTopic Topic(Entry entry) => new(entry.Title, Paragraphs(entry.Blocks));

    private HelpExample Example(Entry entry)
    {
        var code = entry.Blocks.OfType<FencedCodeBlock>().FirstOrDefault() ?? throw Wrong(entry.Line, $"the example '{entry.Title}' has no code");
        return new HelpExample(entry.Title, code.Lines.ToString(), Paragraphs(entry.Blocks.Where(b => b != code)));
    }

    private HelpParameter Parameter(Entry entry)
    {
        var block = entry.Blocks.OfType<FencedCodeBlock>().FirstOrDefault(b => b.Info == "yaml")
            ?? throw Wrong(entry.Line, $"the parameter {entry.Title} has no yaml block");
        var map = Mapping(block.Lines.ToString(), block.Line);
        return new HelpParameter
        {
            Name = entry.Title.TrimStart('-'),
            Description = Paragraphs(entry.Blocks.Where(b => b != block)),
            Type = Value(map, "Type"),
            Default = Value(map, "DefaultValue"),
            Wildcards = Value(map, "SupportsWildcards") == "true",
            Aliases = List(map, "Aliases"),
            AcceptedValues = List(map, "AcceptedValues"),
            Sets = [.. ((YamlSequenceNode)map["ParameterSets"]).Cast<YamlMappingNode>().Select(set => new HelpParameterSet(
                Value(set, "Name"),
                Value(set, "Position"),
                Value(set, "IsRequired") == "true",
                Value(set, "ValueFromPipeline") == "true",
                Value(set, "ValueFromPipelineByPropertyName") == "true",
                Value(set, "ValueFromRemainingArguments") == "true"))],
        };
    }

    private YamlMappingNode Mapping(string yaml, int line)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(yaml));
        }
        catch (YamlException error)
        {
            throw Wrong(line + (int)error.Start.Line, error.Message);
        }

        return stream.Documents.FirstOrDefault()?.RootNode as YamlMappingNode ?? throw Wrong(line, "a mapping was expected");
    }

    private static string Value(YamlMappingNode map, string key) =>
        map.Children.TryGetValue(new YamlScalarNode(key), out var node) && node is YamlScalarNode scalar ? scalar.Value ?? "" : "";

    private static string[] List(YamlMappingNode map, string key) =>
        map.Children.TryGetValue(new YamlScalarNode(key), out var node) && node is YamlSequenceNode list
            ? [.. list.OfType<YamlScalarNode>().Select(item => item.Value ?? "")]
            : [];

    private static string[] Paragraphs(IEnumerable<Block> blocks) => [.. blocks.SelectMany(Paragraphs)];

    private static IEnumerable<string> Paragraphs(Block block) => block switch
    {
        ListBlock list => list.OfType<ListItemBlock>().Select(item => "- " + string.Join(' ', Paragraphs((IEnumerable<Block>)item))),
        FencedCodeBlock code => [code.Lines.ToString()],
        LeafBlock { Inline: { } inline } => [Text(inline)],
        ContainerBlock container => Paragraphs((IEnumerable<Block>)container),
        _ => [],
    };

    private static string Text(ContainerInline inline) => string.Concat(inline.Select(Text));

    private static string Text(Inline inline) => inline switch
    {
        CodeInline code => code.Content,
        LiteralInline literal => literal.Content.ToString(),
        LineBreakInline => " ",
        ContainerInline container => Text(container),
        _ => "",
    };

    private HelpPageException Wrong(int line, string message) => new(_file, line + 1, message);

    private sealed record Entry(string Title, int Line, List<Block> Blocks);
}
