using System.Text.Json;
using OpenCharly.Tests.Model;

namespace OpenCharly.Tests.Cli;

public sealed class ProjectCommandTests : IDisposable
{
    private readonly CommandRun _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task A_new_project_with_a_new_candy_and_a_new_box_is_valid()
    {
        Assert.Equal(0, await _run.RunAsync("box", "new", "project", "shop"));
        var folder = Path.Combine(_run.Home, "shop");
        Assert.Equal($"{folder}/charly.yml\n", _run.Output);
        Assert.Equal(0, await _run.RunAsync("-C", folder, "candy", "new", "weather"));
        Assert.Equal(0, await _run.RunAsync("-C", folder, "box", "new", "candy", "news"));
        Assert.Equal(0, await _run.RunAsync("-C", folder, "box", "new", "box", "web"));
        using var check = new CommandRun();
        Assert.Equal(0, await check.RunAsync("-C", folder, "box", "validate"));
        Assert.Equal("2 candies, 1 box, 0 other entities: no problem\n", check.Output);
        Assert.Empty(check.Error);
    }

    [Fact]
    public async Task A_dry_run_says_where_a_first_file_would_be_and_refuses_what_is_there()
    {
        await _run.RunAsync("box", "new", "project", ".");
        string[] before = Directory.GetFileSystemEntries(_run.Home, "*", SearchOption.AllDirectories);
        foreach (var (kind, name, file) in ((string, string, string)[])[("project", "shop", "shop/charly.yml"), ("box", "web", "box/web/charly.yml"), ("candy", "news", "candy/news/charly.yml")])
        {
            using var run = new CommandRun();
            Assert.Equal(0, await run.RunAsync("-C", _run.Home, "box", "new", kind, name, "--dry-run"));
            Assert.Equal($"would write {Path.Combine(_run.Home, file)}\n", run.Output);
        }

        Assert.Equal(4, await _run.RunAsync("box", "new", "project", ".", "--dry-run"));
        Assert.Equal(2, await _run.RunAsync("candy", "new", "Not A Name", "--dry-run"));
        Assert.Equal(before, Directory.GetFileSystemEntries(_run.Home, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task What_is_there_is_never_written_over()
    {
        await _run.RunAsync("box", "new", "project", ".");
        await _run.RunAsync("candy", "new", "weather");
        var before = await File.ReadAllTextAsync(Path.Combine(_run.Home, "candy/weather/charly.yml"));
        Assert.Equal(4, await _run.RunAsync("candy", "new", "weather"));
        Assert.Equal(4, await _run.RunAsync("box", "new", "project", "."));
        Assert.Equal(2, await _run.RunAsync("candy", "new", "Not A Name"));
        Assert.Equal(2, await _run.RunAsync("box", "new", "box", "../x"));
        Assert.Equal(before, await File.ReadAllTextAsync(Path.Combine(_run.Home, "candy/weather/charly.yml")));
    }

    [Fact]
    public async Task Problems_are_printed_with_place_code_and_help_and_the_exit_code_is_1()
    {
        Write("charly.yml", "version: 2026.163.0928\ncolour: red\nlocal:\n  a: {}\n");
        Assert.Equal(1, await _run.RunAsync("box", "validate"));
        Assert.Equal(
            "charly.yml:2:1: warning CFG013: charly.yml: the key \"colour\" is not known and is ignored\n"
            + "  help: Known keys: agent, android, box, builder, candy, defaults, deploy, deploys, discover, distro, eval, group, import, init, k8s, local, module, pod, provides, recipe, repo, resource, score, target, version, vm, vms.\n"
            + "charly.yml:4:6: error CFG011: local \"a\": \"candy\" is missing\n"
            + "  help: List the candies; candy: [] if there are none.\n"
            + "0 candies, 0 boxes, 1 other entity: 1 error, 1 warning\n",
            _run.Output);
        Assert.Empty(_run.Error);
    }

    [Fact]
    public async Task Problems_are_an_array_as_json()
    {
        Write("charly.yml", "version: 2026.163.0928\nlocal:\n  a: {}\n");
        Assert.Equal(1, await _run.RunAsync("box", "validate", "--format", "json"));
        using var json = JsonDocument.Parse(_run.Output);
        var problem = Assert.Single(json.RootElement.EnumerateArray());
        Assert.Equal("CFG011", problem.GetProperty("code").GetString());
        Assert.Equal(3, problem.GetProperty("position").GetProperty("line").GetInt32());
        Assert.Equal(6, problem.GetProperty("position").GetProperty("column").GetInt32());
    }

    [Fact]
    public async Task Without_a_project_there_is_nothing_to_validate()
    {
        Assert.Equal(3, await _run.RunAsync("box", "validate"));
        Assert.StartsWith("error CFG012: ", _run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("box", "list", "candies")]
    [InlineData("candy", "list", null)]
    public async Task Candies_are_listed_one_a_line_with_the_status_where_it_is_not_the_best(string group, string verb, string? what)
    {
        Write("charly.yml", "version: 2026.163.0928\n");
        Write("candy/b/charly.yml", "candy: {name: b, description: {feature: f, tag: [working]}}\n");
        Write("candy/a/charly.yml", "candy: {name: a}\n");
        Write("candy/c/charly.yml", "candy: {name: c, nope: 1}\n");
        string[] line = what is null ? [group, verb] : [group, verb, what];
        Assert.Equal(0, await _run.RunAsync(line));
        Assert.Equal("a [testing]\nb\n", _run.Output);
        Assert.Contains("candy c is left out: candy/c/charly.yml:1:18: CND001", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repository_can_be_the_project()
    {
        Write("copy/charly.yml", "version: 2026.163.0928\n");
        Write("copy/candy/a/charly.yml", "candy: {name: a, version: 2026.150.0900}\n");
        _run.Variables["CHARLY_REPO_OVERRIDE"] = $"code.example.org/acme/candies={_run.Home}/copy";
        Assert.Equal(0, await _run.RunAsync("--repo", "code.example.org/acme/candies@v1", "candy", "list"));
        Assert.Equal("a [testing]\n", _run.Output);
        using var other = new CommandRun();
        other.Variables["CHARLY_REPO_OVERRIDE"] = _run.Variables["CHARLY_REPO_OVERRIDE"];
        other.Variables["CHARLY_PROJECT_REPO"] = "code.example.org/acme/candies";
        Assert.Equal(0, await other.RunAsync("candy", "list"));
        Assert.Equal("a [testing]\n", other.Output);
    }

    [Fact]
    public async Task The_catalog_is_valid()
    {
        if (Catalog.IsAbsent()) return;
        Assert.Equal(0, await _run.RunAsync("-C", Catalog.Folder!, "box", "validate"));
        Assert.StartsWith("117 candies, ", _run.Output.Split('\n')[^2], StringComparison.Ordinal);
        Assert.DoesNotContain(": error ", _run.Output, StringComparison.Ordinal);
    }

    private void Write(string path, string text)
    {
        var file = Path.Combine(_run.Home, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
