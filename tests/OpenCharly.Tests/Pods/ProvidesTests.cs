using OpenCharly.Foundation;
using OpenCharly.Pods;
using OpenCharly.Yaml;

namespace OpenCharly.Tests.Pods;

public sealed class ProvidesTests
{
    private static readonly PodKey Search = PodKey.Parse("search");

    private static OpenCharly.Boxes.BoxLabels Provider => PodCases.Plain with
    {
        EnvProvide = new Dictionary<string, string> { ["SEARCH_URL"] = "http://{{.ContainerName}}:{{.ContainerPort 9200}}", ["SEARCH_PUBLIC"] = "http://127.0.0.1:{{.HostPort 9200}}", ["UNPUBLISHED"] = "{{ .HostPort 7 }}" },
        McpProvide = [new("search", "http://{{.ContainerName}}:7000/mcp", "http")],
    };

    [Fact]
    public void Templates_are_replaced_by_name_and_ports()
    {
        Assert.True(PortMapping.TryParse("19200:9200", out var port));
        var provides = Provides.Empty.With(Search, Provider, [port]);
        Assert.Equal(["http://charly-search:9200", "http://127.0.0.1:19200", "7"], provides.Variables.Select(v => v.Value));
        Assert.Equal("http://charly-search:7000/mcp", Assert.Single(provides.Mcp).Url);
    }

    [Fact]
    public void An_unknown_template_is_an_error_that_names_the_known_ones()
    {
        var labels = PodCases.Plain with { EnvProvide = new Dictionary<string, string> { ["X"] = "{{.Hostname}}" } };
        var error = Assert.Throws<CharlyException>(() => Provides.Empty.With(Search, labels, []));
        Assert.Equal(Errors.PodTemplate, error.Code);
        Assert.Contains(".HostPort N", error.Help, StringComparison.Ordinal);
    }

    [Fact]
    public void Configuring_again_replaces_what_the_pod_offered_and_nothing_else()
    {
        var before = new Provides([new("A", "1", "search"), new("B", "2", "search/two")], [new("m", "u", "http", "search")]);
        var after = before.With(Search, PodCases.Plain, []);
        Assert.Equal("B", Assert.Single(after.Variables).Name);
        Assert.Empty(after.Mcp);
    }

    [Fact]
    public void An_instance_adds_its_name_to_its_servers() => Assert.Equal("search-two", Assert.Single(Provides.Empty.With(PodKey.Parse("search/two"), Provider, []).Mcp).Name);

    [Fact]
    public void A_pod_gets_only_variables_that_it_takes_and_never_its_own()
    {
        var provides = new Provides([new("WANTED", "old", "a"), new("WANTED", "new", "b"), new("OTHER", "x", "a"), new("NEEDED", "own", "me"), new("NEEDED", "base", "me/two")], []);
        var labels = PodCases.Plain with { EnvAccept = [new("WANTED", "", null, null)], EnvRequire = [new("NEEDED", "", null, null)] };
        var got = provides.VariablesFor(PodKey.Parse("me"), labels);
        Assert.Equal([new("WANTED", "new"), new("NEEDED", "base")], got);
    }

    [Fact]
    public void Its_own_servers_are_at_localhost_and_come_before_others_of_the_same_name()
    {
        var provides = new Provides([], [new("x", "http://charly-me:1/mcp?host=charly-me", "http", "me"), new("x", "http://charly-other:1/mcp", "http", "other"), new("y", "http://charly-me-two:2/", "sse", "me/two")]);
        Assert.Equal(
            """[{"name":"x","url":"http://localhost:1/mcp?host=charly-me","transport":"http"},{"name":"y","url":"http://charly-me-two:2/","transport":"sse"}]""",
            provides.McpJson(PodKey.Parse("me")));
    }

    [Fact]
    public void With_nothing_on_offer_there_is_no_list() => Assert.Null(Provides.Empty.McpJson(Search));

    [Fact]
    public void The_offers_of_a_base_stay_while_another_entry_of_it_does()
    {
        var provides = new Provides([new("A", "1", "search"), new("B", "2", "search/two")], []);
        Assert.Equal(2, provides.After(Search, ["search/two", "other"]).Variables.Count);
        Assert.Equal("B", Assert.Single(provides.After(Search, ["searching", "other"]).Variables).Name);
        Assert.Equal("A", Assert.Single(provides.After(PodKey.Parse("search/two"), ["search"]).Variables).Name);
    }

    [Fact]
    public void The_map_in_the_file_round_trips_and_goes_when_it_is_empty()
    {
        var editor = new YamlEditor("# mine\ndeploy:\n  a: {box: a}\n", "charly.yml");
        var provides = new Provides([new("A", "1", "search")], [new("m", "http://x/", "http", "search")]);
        provides.Write(editor);
        var read = Provides.Read(((YamlMapping)YamlReader.Read(editor.Text, "charly.yml")[0])["provides"] as YamlMapping);
        Assert.Equal(provides.Variables, read.Variables);
        Assert.Equal(provides.Mcp, read.Mcp);
        Provides.Empty.Write(editor);
        Assert.Equal("# mine\ndeploy:\n  a: {box: a}\n", editor.Text);
    }

    [Theory]
    [InlineData("HTTP_PROXY", null, null, "NO_PROXY", "charly-a,charly-b")]
    [InlineData("https_proxy", "no_proxy", "localhost;charly-a", "no_proxy", "localhost,charly-a,charly-b")]
    public void Pods_are_exempt_from_a_proxy(string proxy, string? name, string? value, string expectedName, string expected)
    {
        var variables = new PodVariables().Add(VariableOrigin.Image, [KeyValuePair.Create(proxy, "http://proxy.example.org")]);
        if (name is not null) variables.Add(VariableOrigin.Entry, [KeyValuePair.Create(name, value!)]);
        variables.ExemptFromProxy(["charly-a", "charly-b"]);
        Assert.Equal(expected, variables[expectedName]);
    }

    [Fact]
    public void Without_a_proxy_nothing_is_exempt_from_one()
    {
        var variables = new PodVariables();
        variables.ExemptFromProxy(["charly-a"]);
        Assert.Empty(variables.All);
    }
}
