using System.Text.Json;

namespace OpenCharly.Tests.Cli;

/// <summary><c>bundle drift</c> on this machine, with a home of its own.</summary>
public sealed class DriftTests
{
    private const string Candy = """
        candy:
          name: note
          version: 2026.180.1200
          task:
            - write: ${HOME}/note
              content: ours
        """;

    [Fact]
    public async Task Drift_is_a_table_and_exit_code_7()
    {
        using var run = await AppliedAsync();
        Assert.Equal(0, await run.RunAsync("bundle", "drift", "host"));
        Assert.EndsWith("Nothing has drifted.\n", run.Output, StringComparison.Ordinal);

        File.SetUnixFileMode(Path.Combine(run.Home, "note"), UnixFileMode.UserRead);
        Assert.Equal(7, await run.RunAsync("bundle", "drift", "host"));
        Assert.Contains("BUNDLE  CANDY  KIND          PATH", run.Output, StringComparison.Ordinal);
        Assert.Contains("host    note   mode-changed", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Drift_as_JSON_has_stable_keys_and_whole_digests()
    {
        using var run = await AppliedAsync();
        var printed = run.Output.Length;
        await File.WriteAllTextAsync(Path.Combine(run.Home, "note"), "theirs");
        Assert.Equal(7, await run.RunAsync("bundle", "drift", "--json"));
        using var json = JsonDocument.Parse(run.Output[printed..]);
        var item = Assert.Single(json.RootElement.EnumerateArray());
        Assert.Equal(
            ["target", "bundle", "candy", "step", "kind", "path", "before", "after", "owner", "changed_at"],
            item.EnumerateObject().Select(m => m.Name));
        Assert.Equal("modified", item.GetProperty("kind").GetString());
        Assert.Equal("sha256:".Length + 64, item.GetProperty("before").GetString()!.Length);
    }

    [Fact]
    public async Task A_bundle_that_was_never_applied_is_an_error_and_among_all_it_is_passed_over()
    {
        using var run = new CommandRun();
        Assert.Equal(3, await run.RunAsync("bundle", "drift", "host"));
        Assert.Contains("LED002", run.Error, StringComparison.Ordinal);
        Assert.Equal(0, await run.RunAsync("bundle", "drift"));
    }

    [Fact]
    public async Task A_target_that_fails_does_not_hide_what_drifted_on_the_others()
    {
        using var run = await AppliedAsync();
        Assert.Equal(4, await run.RunAsync("bundle", "drift", "host", "vm:web", "--throttle", "2"));
        Assert.Contains("Nothing has drifted on 1 of 2 targets; the others were not compared.\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("error vm.not_created: ", run.Error, StringComparison.Ordinal);

        await File.WriteAllTextAsync(Path.Combine(run.Home, "note"), "theirs");
        Assert.Equal(4, await run.RunAsync("bundle", "drift", "vm:web", "host"));
        Assert.Contains("host    note   modified", run.Output, StringComparison.Ordinal);
        Assert.NotEqual(0, await run.RunAsync("bundle", "drift", "host", "--throttle", "0"));
    }

    private static async Task<CommandRun> AppliedAsync()
    {
        var run = new CommandRun();
        run.Variables["HOME"] = run.Home;
        var folder = Directory.CreateDirectory(Path.Combine(run.Home, "candy", "note")).FullName;
        await File.WriteAllTextAsync(Path.Combine(run.Home, "charly.yml"), """
            version: 2026.163.0928
            discover: [candy]
            vm:
              web: {source: {kind: cloud_image, url: "file:///nowhere/base.qcow2"}, backend: noop}
            deploy:
              vm:web: {add_candy: [note]}

            """);
        await File.WriteAllTextAsync(Path.Combine(folder, "charly.yml"), Candy);
        Assert.Equal("", run.Error);
        Assert.Equal(0, await run.RunAsync("bundle", "add", "host", "note", "--yes"));
        return run;
    }
}
