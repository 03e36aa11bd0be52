using System.Text.Json;
using OpenCharly.Foundation;

namespace OpenCharly.Tests.Cli;

/// <summary>Several targets in one command: this machine's own shell and files, in homes of their own.</summary>
public sealed class ManyTargetsTests : IDisposable
{
    private readonly CommandRun _run = new();

    public ManyTargetsTests()
    {
        _run.Variables["HOME"] = _run.Home;
        Write("charly.yml", """
            version: 2026.163.0928
            discover: [candy]
            deploy:
              web-1: {target: local}
              web-2: {target: local}
              broken: {target: local, add_candy: [bad]}
            """);
        Write("candy/good/charly.yml", """
            candy:
              name: good
              version: 2026.180.1200
              task:
                - write: ~/good
                  content: x
                  user: ${USER}
                - cmd: echo one; echo two; sleep 0.2; echo three
                  user: ${USER}
            """);
        Write("candy/bad/charly.yml", """
            candy:
              name: bad
              version: 2026.180.1200
              task:
                - cmd: echo purple; exit 3
                  user: ${USER}
            """);
    }

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task One_that_fails_does_not_end_the_others_and_the_table_tells_of_each()
    {
        var code = await _run.RunAsync("bundle", "add", "good", "--on", "web-1", "--on", "broken", "--on", "web-2", "--yes", "--throttle", "3");
        Assert.Equal(1, code);
        var rows = _run.Output.Split('\n').SkipWhile(l => !l.StartsWith("TARGET", StringComparison.Ordinal)).Skip(1).Where(l => l.Length > 0).ToList();
        Assert.Equal(["web-1", "broken", "web-2"], rows.Select(r => r.Split(' ')[0]));
        Assert.Contains("not applied", rows[1], StringComparison.Ordinal);
        Assert.Contains("RUN002", rows[1], StringComparison.Ordinal);
        Assert.Contains(" applied ", rows[2], StringComparison.Ordinal);
        Assert.Contains("error RUN002: bad: step", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_line_of_progress_names_its_target_and_keeps_its_order()
    {
        Assert.Equal(0, await _run.RunAsync("bundle", "add", "good", "--on", "web-*", "--yes", "--verbose", "--force"));
        var lines = _run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, l => Assert.Matches("^web-[12] \\| ", l));
        foreach (var name in new[] { "web-1", "web-2" })
        {
            var told = lines.Where(l => l.StartsWith(name, StringComparison.Ordinal)).Select(l => l[(name.Length + 3)..].Trim()).Where(l => l.StartsWith("| ", StringComparison.Ordinal));
            Assert.Equal(["| one", "| two", "| three"], told);
        }
    }

    [Fact]
    public async Task As_json_the_results_are_one_array()
    {
        Assert.Equal(1, await _run.RunAsync("bundle", "add", "good", "--on", "broken", "--on", "web-1", "--yes", "--json"));
        using var json = JsonDocument.Parse(_run.Output);
        Assert.Equal(["broken", "web-1"], json.RootElement.EnumerateArray().Select(r => r.GetProperty("name").GetString()));
        Assert.Equal("RUN002", json.RootElement[0].GetProperty("failure").GetProperty("code").GetString());
    }

    [Fact]
    public async Task What_was_added_to_several_is_removed_from_several()
    {
        await _run.RunAsync("bundle", "add", "good", "--on", "web-1", "--on", "web-2", "--yes");
        Assert.Equal(0, await _run.RunAsync("bundle", "del", "web-1", "web-2", "--yes"));
        Assert.False(File.Exists(Path.Combine(_run.Home, "good")));
        Assert.Contains("web-2   removed", _run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plans_of_a_file_are_applied_each_to_its_own_and_a_selection_of_them_too()
    {
        Assert.Equal(0, await _run.RunAsync("plan", "export", "good", "--on", "web-1", "--on", "web-2", "-o", "fleet.json"));
        Assert.Equal(0, await _run.RunAsync("plan", "apply", "fleet.json", "--kind", "op", "--candy", "good", "--yes"));
        Assert.Contains("web-1   applied", _run.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_run.Home, "good")));
        Assert.Equal(3, await _run.RunAsync("plan", "show", "fleet.json", "--candy", "god"));
        Assert.Contains("Did you mean \"good\"?", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_diff_tells_of_each_target_what_would_change()
    {
        Assert.Equal(0, await _run.RunAsync("bundle", "diff", "good", "--on", "web-1", "--on", "web-2", "--yes"));
        Assert.Contains("web-1: 1 change, 0 no change, 1 unknown until run\n", _run.Output, StringComparison.Ordinal);
        var before = _run.Output.Length;
        Assert.Equal(0, await _run.RunAsync("bundle", "diff", "web-1", "good", "--json", "--yes"));
        using var json = JsonDocument.Parse(_run.Output[before..]);
        Assert.Equal(["change", "unknown"], json.RootElement.EnumerateArray().Select(c => c.GetProperty("verdict").GetString()));
    }

    [Fact]
    public async Task A_graph_is_drawn_of_a_file_and_of_a_target()
    {
        Assert.Equal(0, await _run.RunAsync("plan", "export", "web-1", "good", "-o", "plan.json"));
        Assert.Equal(0, await _run.RunAsync("plan", "graph", "plan.json", "--as", "mermaid"));
        Assert.Contains("flowchart TD\n", _run.Output, StringComparison.Ordinal);
        Assert.Equal(0, await _run.RunAsync("plan", "graph", "web-1", "good", "--as", "html", "-o", "plan.html"));
        Assert.StartsWith("<!DOCTYPE html>", await File.ReadAllTextAsync(Path.Combine(_run.Home, "plan.html")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bundle add --yes", "Required argument missing")]
    [InlineData("bundle add one two --on web-1", "one word too many")]
    [InlineData("bundle add good --on web-1 --throttle 0", "from 1 to 128")]
    [InlineData("bundle add good --on nothing-*", "no deployment matches nothing-*")]
    public async Task Targets_that_make_no_sense_are_refused(string line, string message)
    {
        Assert.NotEqual(0, await _run.RunAsync(line.Split(' ')));
        Assert.Contains(message, _run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new[] { ErrorKind.Unreachable, ErrorKind.Failed }, 1)]
    [InlineData(new[] { ErrorKind.Usage, ErrorKind.Unreachable }, 5)]
    [InlineData(new[] { ErrorKind.Failed, ErrorKind.Interrupted }, 130)]
    [InlineData(new[] { ErrorKind.ChecksFailed }, 7)]
    [InlineData(new ErrorKind[0], 0)]
    public void The_exit_code_is_that_of_the_worst(ErrorKind[] kinds, int code) => Assert.Equal(code, OpenCharly.Cli.Output.ErrorReport.WorstExitCode(kinds));

    [Fact]
    public async Task An_interruption_stops_all_and_says_so_of_each()
    {
        Write("candy/long/charly.yml", """
            candy:
              name: long
              version: 2026.180.1200
              task:
                - cmd: touch ~/began; sleep 60
                  user: ${USER}
            """);
        using var stop = new CancellationTokenSource();
        var running = _run.Host.RunAsync(["bundle", "add", "long", "--on", "web-1", "--on", "web-2", "--yes"], stop.Token);
        var deadline = DateTime.UtcNow.AddSeconds(60);
        while (!File.Exists(Path.Combine(_run.Home, "began")) && DateTime.UtcNow < deadline) await Task.Delay(20);
        await stop.CancelAsync();
        Assert.Equal(130, await running);
        Assert.Equal(2, _run.Error.Split("error interrupted").Length - 1);
    }

    private void Write(string path, string text)
    {
        var full = Path.Combine(_run.Home, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }
}
