using System.Xml.Linq;
using OpenCharly.PowerShell.HelpBuild;
using OpenCharly.Tests.Architecture;

namespace OpenCharly.Tests.PowerShell;

public sealed class HelpPageTests
{
    private static readonly string Pages = Path.Combine(RepositoryRoot.Path, "docs/help");
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    public static TheoryData<string> Names { get; } = [.. CmdletClass.All.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_page_documents_exactly_the_parameters_of_its_cmdlet(string name)
    {
        var cmdlet = CmdletClass.All.Single(c => c.Name == name);
        var expected = cmdlet.Parameters.Select(p => p.Name);
        if (cmdlet.Setting("SupportsShouldProcess") is true) expected = expected.Concat(["WhatIf", "Confirm"]);
        Assert.Equal(expected.Order(StringComparer.Ordinal), Page(name).Parameters.Select(p => p.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_page_gives_two_examples_or_more_and_each_shows_the_cmdlet(string name)
    {
        var examples = Page(name).Examples;
        Assert.True(examples.Count >= 2, $"{name} has {examples.Count} examples");
        Assert.All(examples, e => Assert.Contains(name, e.Code, StringComparison.Ordinal));
        Assert.All(examples, e => Assert.NotEmpty(e.Remarks));
    }

    [Fact]
    public void Every_page_is_that_of_a_cmdlet()
    {
        var pages = Directory.GetFiles(Pages, "*-*.md").Select(Path.GetFileNameWithoutExtension);
        Assert.Equal(CmdletClass.All.Select(c => c.Name).Order(StringComparer.Ordinal), pages.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_page_becomes_the_MAML_that_Get_Help_reads()
    {
        var page = PageReader.Read("Get-Thing.md", Sample);
        var command = MamlWriter.Write([page]).Descendants(Command + "command").Single();
        Assert.Equal("Get", command.Descendants(Command + "verb").Single().Value);
        Assert.Equal("Lists things.", command.Element(Command + "details")!.Element(Maml + "description")!.Value);
        Assert.Equal(["One paragraph.", "- a list"], command.Element(Maml + "description")!.Elements().Select(e => e.Value));
        var parameter = command.Element(Command + "parameters")!.Elements().Single();
        Assert.Equal("True (ByValue)", parameter.Attribute("pipelineInput")!.Value);
        Assert.Equal("0", parameter.Attribute("position")!.Value);
        Assert.Equal("true", parameter.Attribute("globbing")!.Value);
        Assert.Equal("String[]", parameter.Element(Command + "parameterValue")!.Value);
        var example = command.Descendants(Command + "example").Single();
        Assert.Equal("PS> Get-Thing a", example.Element(Dev + "code")!.Value);
        Assert.Equal("Says a.", example.Element(Dev + "remarks")!.Value);
        Assert.Equal("Set-Thing", command.Descendants(Maml + "linkText").Single().Value);
    }

    [Fact]
    public void A_page_without_a_section_is_an_error_with_file_and_line()
    {
        var error = Assert.Throws<HelpPageException>(() => PageReader.Read("Get-Thing.md", Sample.Replace("## NOTES", "", StringComparison.Ordinal)));
        Assert.Equal("Get-Thing.md(1): error HELP001: the section NOTES is missing", error.Message);
    }

    [Fact]
    public void A_page_in_a_file_of_another_name_is_an_error() =>
        Assert.Throws<HelpPageException>(() => PageReader.Read("Set-Thing.md", Sample));

    private static HelpPage Page(string name) => PageReader.Read(name + ".md", File.ReadAllText(Path.Combine(Pages, name + ".md")));

    private const string Sample = """
        ---
        document type: cmdlet
        title: Get-Thing
        ---

        # Get-Thing

        ## SYNOPSIS

        Lists things.

        ## SYNTAX

        ### __AllParameterSets

        ```
        Get-Thing [-Name] <string[]>
        ```

        ## DESCRIPTION

        One
        paragraph.

        - a `list`

        ## EXAMPLES

        ### Example 1

        ```powershell
        PS> Get-Thing a
        ```

        Says a.

        ## PARAMETERS

        ### -Name

        The name.

        ```yaml
        Type: System.String[]
        DefaultValue: ''
        SupportsWildcards: true
        Aliases: []
        ParameterSets:
        - Name: (All)
          Position: 0
          IsRequired: true
          ValueFromPipeline: true
          ValueFromPipelineByPropertyName: false
          ValueFromRemainingArguments: false
        AcceptedValues: []
        ```

        ### CommonParameters

        The usual ones.

        ## INPUTS

        ### System.String[]

        Names.

        ## OUTPUTS

        ### Thing

        A thing.

        ## NOTES

        None.

        ## RELATED LINKS

        - [Set-Thing](Set-Thing.md)
        """;
}
