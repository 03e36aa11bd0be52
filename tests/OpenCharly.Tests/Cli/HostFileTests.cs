namespace OpenCharly.Tests.Cli;

public sealed class HostFileTests
{
    private const string Text = """
        version: 2026.163.0928
        deploy:
          vm:web:
            target: vm
            box: web   # the site
            vm_state:
              ssh_port: 2222

          # The laptop.
          laptop:
            target: local
        provides: []

        """;

    [Fact]
    public async Task Show_prints_the_file_as_it_is()
    {
        using var run = WithFile(Text);
        Assert.Equal(0, await run.RunAsync("bundle", "show"));
        Assert.Equal(Text, run.Output);
    }

    [Fact]
    public async Task Show_prints_one_entry_with_its_comments()
    {
        using var run = WithFile(Text);
        Assert.Equal(0, await run.RunAsync("bundle", "show", "vm:web"));
        Assert.Equal("deploy:\n  vm:web:\n    target: vm\n    box: web   # the site\n    vm_state:\n      ssh_port: 2222\n", run.Output);
    }

    [Fact]
    public async Task Show_prints_the_last_entry_without_what_follows()
    {
        using var run = WithFile(Text);
        await run.RunAsync("bundle", "show", "laptop");
        Assert.Equal("deploy:\n  laptop:\n    target: local\n", run.Output);
    }

    [Fact]
    public async Task Show_prints_an_entry_in_flow_style_by_itself()
    {
        using var run = WithFile("deploy: {a: {target: local}, b: {target: vm}}\n");
        await run.RunAsync("bundle", "show", "b");
        Assert.Equal("deploy:\n  {\"b\":{\"target\":\"vm\"}}\n", run.Output);
    }

    [Fact]
    public async Task Show_says_that_there_is_no_such_entry_and_succeeds()
    {
        using var run = WithFile(Text);
        Assert.Equal(0, await run.RunAsync("bundle", "show", "db"));
        Assert.Equal("No overrides for box \"db\"\n", run.Output);
    }

    [Fact]
    public async Task Show_says_that_there_is_no_file_and_succeeds()
    {
        using var run = new CommandRun();
        Assert.Equal(0, await run.RunAsync("bundle", "show"));
        Assert.Equal("No charly.yml configured\n", run.Output);
    }

    [Fact]
    public async Task Show_as_json_gives_entries_by_key()
    {
        using var run = WithFile(Text);
        await run.RunAsync("bundle", "show", "vm:web", "--json");
        using var json = System.Text.Json.JsonDocument.Parse(run.Output);
        Assert.Equal(2222, json.RootElement.GetProperty("vm:web").GetProperty("vm_state").GetProperty("ssh_port").GetInt32());
        Assert.False(json.RootElement.TryGetProperty("laptop", out _));
    }

    [Fact]
    public async Task Path_names_the_file_whether_it_exists_or_not()
    {
        using var run = new CommandRun();
        Assert.Equal(0, await run.RunAsync("bundle", "path"));
        Assert.Equal(run.HostFile + "\n", run.Output);
    }

    private static CommandRun WithFile(string text)
    {
        var run = new CommandRun();
        Directory.CreateDirectory(Path.GetDirectoryName(run.HostFile)!);
        File.WriteAllText(run.HostFile, text);
        return run;
    }
}
