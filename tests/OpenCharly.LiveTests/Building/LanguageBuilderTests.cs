using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Targets;

namespace OpenCharly.LiveTests.Building;

/// <summary>Language builders in real containers, from sources beside the candy, so that no registry is asked. The target is this machine.</summary>
public sealed class LanguageBuilderTests(BuilderImage image) : IClassFixture<BuilderImage>, IDisposable
{
    private readonly BuildLab _lab = new(image.Environment);

    public void Dispose() => _lab.Dispose();

    [BuilderFact]
    public async Task An_npm_package_and_a_crate_are_built_placed_run_and_undone_exactly()
    {
        if (IsSkipped()) return;
        WriteTools();
        Directory.CreateDirectory(Path.Combine(_lab.Home, ".cargo/bin"));
        await File.WriteAllTextAsync(Path.Combine(_lab.Home, ".cargo/bin/mine"), "the user's own");
        await File.WriteAllTextAsync(Path.Combine(_lab.Home, ".bashrc"), "# mine\n");
        var before = _lab.Photograph();

        var added = await new AddBundle(_lab.Context).RunAsync(BuildLab.Request("tools", BuilderImage.Reference));
        Assert.True(added.Failure is null, added.Failure?.ToString());
        Assert.Contains(_lab.Events.OfType<StepOutputEvent>(), e => e.Line.Contains("wx-one", StringComparison.Ordinal));
        Assert.Equal("one\n", (await RunAsync("wx-one")).StandardOutput);
        Assert.Equal("{\"name\":\"wx-tool\",\"version\":\"1.0.0\",\"bin\":{\"wx-tool\":\"cli.js\"}}", await File.ReadAllTextAsync(Path.Combine(_lab.Home, ".npm-global/lib/node_modules/wx-tool/package.json")));
        Assert.True(File.GetUnixFileMode(Path.Combine(_lab.Home, ".npm-global/lib/node_modules/wx-tool/cli.js")).HasFlag(UnixFileMode.UserExecute));
        if (new ProcessRunner(_lab.Context.Environment).Find("node") is not null) Assert.Equal("wx 1\n", (await RunAsync("wx-tool")).StandardOutput);
        Assert.False(Directory.Exists(Path.Combine(_lab.Home, ".cargo/registry")));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_lab.Home, ".config/opencharly/installed/stage")));
        Assert.DoesNotContain(Directory.GetDirectories(_lab.At("cache/charly/build")), d => Path.GetFileName(d).StartsWith("run-", StringComparison.Ordinal));

        var again = await new AddBundle(_lab.Context).RunAsync(BuildLab.Request("tools", BuilderImage.Reference));
        Assert.All(again.Steps, s => Assert.Equal(StepStatus.Unchanged, s.Status));

        var removed = await new RemoveBundle(_lab.Context).RunAsync(new RemoveBundleRequest { Name = "host" });
        Assert.Null(removed.Failure);
        Assert.Equal(before, _lab.Photograph());
    }

    [BuilderFact]
    public async Task An_environment_has_the_targets_home_baked_in_and_goes_as_a_whole()
    {
        if (IsSkipped()) return;
        _lab.Write("candy/env/charly.yml", "candy:\n  name: env\n  version: 2026.180.1200\n");
        _lab.Write("candy/env/pixi.toml", "[workspace]\nname = \"wx\"\n");
        _lab.Write("candy/env/pixi.lock", "version: 6\n");
        _lab.Write("candy/env/build.sh", "#!/bin/bash\necho built >\"$HOME/.pixi/envs/default/by-script\"\n");
        var before = _lab.Photograph();
        var added = await new AddBundle(_lab.Context).RunAsync(BuildLab.Request("env", BuilderImage.Reference));
        Assert.True(added.Failure is null, added.Failure?.ToString());
        Assert.Contains(_lab.Events.OfType<StepOutputEvent>(), e => e.Line.Contains($"pixi install --frozen in {_lab.Home}, caches in {_lab.Home}/.cache/charly/pixi", StringComparison.Ordinal));
        Assert.StartsWith($"#!{_lab.Home}/.pixi/envs/default/bin/python3\n", await File.ReadAllTextAsync(Path.Combine(_lab.Home, ".pixi/envs/default/bin/wx-env")), StringComparison.Ordinal);
        Assert.Equal("built\n", await File.ReadAllTextAsync(Path.Combine(_lab.Home, ".pixi/envs/default/by-script")));
        Assert.False(Path.Exists(Path.Combine(_lab.Home, "pixi.toml")));
        Assert.Null((await new RemoveBundle(_lab.Context).RunAsync(new RemoveBundleRequest { Name = "host" })).Failure);
        Assert.Equal(before, _lab.Photograph());
    }

    [BuilderFact]
    public async Task A_new_version_replaces_what_the_old_one_brought_and_nothing_else()
    {
        if (IsSkipped()) return;
        WriteTools();
        Assert.Null((await new AddBundle(_lab.Context).RunAsync(BuildLab.Request("tools", BuilderImage.Reference))).Failure);
        _lab.Write("candy/tools/pk/package.json", """{"name":"wx-tool","version":"2.0.0","bin":{"wx-tool":"main.js"}}""");
        _lab.Write("candy/tools/pk/main.js", "#!/usr/bin/env node\nconsole.log('wx 2')\n");
        File.Delete(Path.Combine(_lab.Project, "candy/tools/pk/cli.js"));
        var second = await new AddBundle(_lab.Context).RunAsync(BuildLab.Request("tools", BuilderImage.Reference));
        Assert.Null(second.Failure);
        Assert.False(File.Exists(Path.Combine(_lab.Home, ".npm-global/lib/node_modules/wx-tool/cli.js")));
        Assert.True(File.Exists(Path.Combine(_lab.Home, ".npm-global/lib/node_modules/wx-tool/main.js")));
        Assert.Null((await new RemoveBundle(_lab.Context).RunAsync(new RemoveBundleRequest { Name = "host" })).Failure);
        Assert.False(Directory.Exists(Path.Combine(_lab.Home, ".npm-global")));
    }

    [BuilderFact]
    public async Task A_build_that_fails_is_that_steps_failure_and_leaves_the_target_as_it_was()
    {
        if (IsSkipped()) return;
        WriteTools();
        _lab.Write("candy/tools/src/main.rs", "fn main() { does not parse }\n");
        var added = await new AddBundle(_lab.Context).RunAsync(BuildLab.Request("tools", BuilderImage.Reference));
        Assert.Equal(Errors.RunStep, added.Failure!.Code);
        var failed = Assert.Single(added.Steps, s => s.Status == StepStatus.Failed);
        Assert.Contains("does not parse", failed.Output, StringComparison.Ordinal);
        Assert.Contains(_lab.Events, e => e is StepFinishedEvent { Status: "failed" });
        Assert.False(Directory.Exists(Path.Combine(_lab.Home, ".cargo")));
        Assert.Null((await new RemoveBundle(_lab.Context).RunAsync(new RemoveBundleRequest { Name = "host" })).Failure);
    }

    [BuilderFact]
    public async Task Without_an_image_or_with_one_that_is_not_here_nothing_begins()
    {
        if (IsSkipped()) return;
        WriteTools();
        foreach (var (named, said) in new (string?, string)[] { (null, "in which image"), ("localhost/nowhere:1", "does not have here") })
        {
            var error = await Assert.ThrowsAsync<CharlyException>(() => new AddBundle(_lab.Context).RunAsync(BuildLab.Request("tools", named)));
            Assert.Equal(Errors.PlanBuilder, error.Code);
            Assert.Contains(said, error.Message, StringComparison.Ordinal);
            Assert.Contains("--builder-image", error.Help, StringComparison.Ordinal);
        }

        Assert.False(File.Exists(Path.Combine(_lab.Home, ".bashrc")));
    }

    private bool IsSkipped()
    {
        if (image.Reason is null) return false;
        Console.WriteLine("skipped: " + image.Reason);
        return true;
    }

    private void WriteTools()
    {
        _lab.Write("candy/tools/charly.yml", "candy:\n  name: tools\n  version: 2026.180.1200\n  env: {WX: '1'}\n");
        _lab.Write("candy/tools/package.json", """{"dependencies": {"wx-tool": "file:./pk"}}""");
        _lab.Write("candy/tools/pk/package.json", """{"name":"wx-tool","version":"1.0.0","bin":{"wx-tool":"cli.js"}}""");
        _lab.Write("candy/tools/pk/cli.js", "#!/usr/bin/env node\nconsole.log('wx 1')\n");
        _lab.Write("candy/tools/Cargo.toml", "[package]\nname = \"wx\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[[bin]]\nname = \"wx-one\"\npath = \"src/main.rs\"\n");
        _lab.Write("candy/tools/src/main.rs", "fn main() { println!(\"one\"); }\n");
    }

    // As a log-in shell finds it: through the environment file of the candy.
    private Task<CommandResult> RunAsync(string program) => new ProcessRunner(_lab.Context.Environment).RunAsync(
        new ProcessRequest("bash", "-c", $". ~/.config/opencharly/env.d/tools.env; {program}"));
}
