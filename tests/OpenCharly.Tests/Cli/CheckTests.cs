using System.Text.Json;

namespace OpenCharly.Tests.Cli;

/// <summary><c>bundle check</c> and its relatives on this machine, with a home of its own.</summary>
public sealed class CheckTests
{
    private const string Candy = """
        candy:
          name: note
          version: 2026.180.1200
          description:
            feature: A note
            scenario:
              - name: somebody reads it
                step:
                  - {given: a reader}
                  - {then: it says something, file: "${HOME}/note", contains: ours}
          env: {NOTE_COLOR: green}
          task:
            - write: ${HOME}/note
              content: ours
          eval:
            - {id: note, file: "${HOME}/note", mode: "0644"}
            - {id: color, command: echo $NOTE_COLOR, stdout: green}
            - {id: ping, mcp: ping, scope: deploy}
        """;

    [Fact]
    public async Task Add_with_verify_runs_the_checks_and_ends_with_0()
    {
        using var run = New();
        Assert.Equal(0, await run.RunAsync("bundle", "add", "host", "note", "--yes", "--verify"));
        Assert.Contains("5 checks: 3 passed, 1 skipped, 1 pending\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Add_with_verify_ends_with_7_where_a_check_fails_and_what_was_applied_stands()
    {
        using var run = New(Candy.Replace("0644", "0600", StringComparison.Ordinal));
        Assert.Equal(7, await run.RunAsync("bundle", "add", "host", "note", "--yes", "--verify"));
        Assert.Contains("host applied: ", run.Output, StringComparison.Ordinal);
        Assert.Contains("expected mode 0600, found mode 0644", run.Output, StringComparison.Ordinal);
        Assert.Contains("checks.failed", run.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(run.Home, "note")));
        Assert.Equal(0, await run.RunAsync("bundle", "add", "host", "note", "--yes"));
    }

    [Theory]
    [InlineData("check")]
    [InlineData("verify")]
    public async Task One_bundle_that_can_not_be_looked_at_keeps_no_other_from_being_looked_at(string verb)
    {
        using var run = New(project: "deploy:\n  desk: {target: local, add_candy: [note]}\n  never: {target: local, add_candy: [note]}");
        Assert.Equal(0, await run.RunAsync("bundle", "add", "desk", "--yes"));
        Assert.Equal(3, await run.RunAsync("bundle", verb, "never", "desk", "--throttle", "2"));
        Assert.Contains("never is not applied on", run.Error, StringComparison.Ordinal);
        Assert.Contains("desk: ", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("never: ", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_entry_may_ask_for_it_and_its_own_checks_replace_those_of_candies()
    {
        using var run = New(project: """
            deploy:
              desk:
                target: local
                add_candy: [note]
                install_opts: {verify: true}
                eval:
                  - {id: ping, skip: true}
                  - {id: color, command: 'echo ${DEPLOY_NAME} ${ENV_NOTE_COLOR}', stdout: desk blue}
            """);
        Assert.Equal(7, await run.RunAsync("bundle", "add", "desk", "--yes", "--json"));
        using var json = JsonDocument.Parse(run.Output);
        var checks = json.RootElement.GetProperty("checks").EnumerateArray().ToDictionary(c => c.GetProperty("id").GetString()!);
        Assert.Equal(["note", "color", "somebody-reads-it#1", "somebody-reads-it#2"], checks.Keys);
        Assert.Equal(("deploy", "\"desk green\""), (checks["color"].GetProperty("section").GetString(), checks["color"].GetProperty("actual").GetString()));
    }

    [Theory]
    [InlineData("bundle", "check")]
    [InlineData("deploy", "check")]
    [InlineData("eval", "live")]
    [InlineData("check", "live")]
    public async Task What_is_applied_is_checked_under_every_name_of_the_command(string noun, string verb)
    {
        using var run = await AppliedAsync();
        Assert.Equal(0, await run.RunAsync(noun, verb, "host"));
        Assert.Contains("STATUS   CHECK", run.Output, StringComparison.Ordinal);
        Assert.Contains("host: 5 checks: 3 passed, 1 skipped, 1 pending in ", run.Output, StringComparison.Ordinal);

        await File.WriteAllTextAsync(Path.Combine(run.Home, "note"), "theirs");
        Assert.Equal(7, await run.RunAsync(noun, verb, "host"));
        Assert.Contains("somebody-reads-it#2", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_anything_protocol_has_plan_results_and_diagnostics()
    {
        using var run = await AppliedAsync();
        File.SetUnixFileMode(Path.Combine(run.Home, "note"), UnixFileMode.UserRead);
        var printed = run.Output.Length;
        Assert.Equal(7, await run.RunAsync("bundle", "check", "host", "--format", "tap"));
        var lines = run.Output[printed..].Split('\n');
        Assert.Equal(["TAP version 13", "1..5", "not ok 1 - note", "  ---", "  expected: \"mode 0644\"", "  actual: \"mode 0400\""], lines.Take(6));
        Assert.Contains("ok 2 - color", lines);
        Assert.Contains("ok 3 - ping # SKIP mcp checks need a running pod with that instrument", lines);
        Assert.Contains("ok 4 - somebody-reads-it\\#1 # SKIP pending: given a reader", lines);
        Assert.Contains("ok 5 - somebody-reads-it\\#2", lines);
    }

    [Fact]
    public async Task JSON_has_stable_keys_and_text_a_line_a_check()
    {
        using var run = await AppliedAsync();
        var printed = run.Output.Length;
        Assert.Equal(0, await run.RunAsync("bundle", "check", "host", "--format", "json", "--filter", "note", "--no-scenarios"));
        using var json = JsonDocument.Parse(run.Output[printed..]);
        Assert.Equal(
            ["target", "id", "status", "candy", "section", "verb", "subject", "description", "duration_seconds", "attempts", "position"],
            Assert.Single(json.RootElement.EnumerateArray(), c => c.GetProperty("id").GetString() == "note").EnumerateObject().Select(m => m.Name));

        printed = run.Output.Length;
        Assert.Equal(0, await run.RunAsync("bundle", "check", "host", "--format", "text", "--section", "candy", "--filter", "ping"));
        Assert.Equal("skip    ping: mcp checks need a running pod with that instrument", run.Output[printed..].Split('\n')[0]);
    }

    [Fact]
    public async Task Verify_asks_for_drift_and_checks()
    {
        using var run = await AppliedAsync();
        Assert.Equal(0, await run.RunAsync("bundle", "verify", "host"));
        Assert.EndsWith("host: as applied, nothing has drifted\n", run.Output, StringComparison.Ordinal);

        // No check minds that, but it is not as it was applied.
        await File.WriteAllTextAsync(Path.Combine(run.Home, "note"), "ours no more");
        Assert.Equal(7, await run.RunAsync("bundle", "verify", "host", "--json"));
        Assert.Contains("\"passed\": false", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bundle_that_was_never_applied_can_not_be_checked()
    {
        using var run = New();
        Assert.Equal(3, await run.RunAsync("bundle", "check", "host"));
        Assert.Contains("LED002", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_commands_do_not_take_the_formats_of_checks()
    {
        using var run = New();
        Assert.Equal(2, await run.RunAsync("bundle", "status", "--format", "tap"));
        Assert.Contains("charly bundle status does not print tap", run.Error, StringComparison.Ordinal);
    }

    private static CommandRun New(string candy = Candy, string project = "")
    {
        var run = new CommandRun();
        run.Variables["HOME"] = run.Home;
        var folder = Directory.CreateDirectory(Path.Combine(run.Home, "candy", "note")).FullName;
        File.WriteAllText(Path.Combine(run.Home, "charly.yml"), $"version: 2026.163.0928\ndiscover:\n  - candy\n{project}\n");
        File.WriteAllText(Path.Combine(folder, "charly.yml"), candy);
        return run;
    }

    private static async Task<CommandRun> AppliedAsync()
    {
        var run = New();
        Assert.Equal(0, await run.RunAsync("bundle", "add", "host", "note", "--yes"));
        return run;
    }
}
