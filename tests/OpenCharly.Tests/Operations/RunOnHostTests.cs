using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Tests.Cli;
using OpenCharly.Tests.Vms;

namespace OpenCharly.Tests.Operations;

/// <summary><c>charly --host</c>, and settings that stand in for what an entity leaves open (deploy.md §13.1).</summary>
public sealed class RunOnHostTests : IDisposable
{
    private readonly Host _host = new();

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData("box", "ada@lab.example.org:2222", "-T -o LogLevel=ERROR -p 2222 -- ada@lab.example.org")]
    [InlineData("box", null, "-T -o LogLevel=ERROR -- box")]
    [InlineData("ada@host.example.org", null, "-T -o LogLevel=ERROR -- ada@host.example.org")]
    [InlineData("[2001:db8::1]:22", null, "-T -o LogLevel=ERROR -p 22 -- 2001:db8::1")]
    [InlineData("ada@[2001:db8::1]", null, "-T -o LogLevel=ERROR -- ada@2001:db8::1")]
    public async Task An_alias_of_the_settings_comes_before_one_of_ssh(string target, string? setting, string expected)
    {
        if (setting is not null) await new Settings(_host.Environment, _host.Context.Paths).SetAsync("hosts." + target, setting);
        var command = new RunOnHost(_host.Context).Command(target, ["cmd", "web", "echo it's; id"], hasTerminal: false);
        Assert.Equal(expected, string.Join(' ', command.Arguments.SkipLast(1)));
        Assert.Equal("PATH=\"$HOME/.local/bin:$PATH\" exec charly cmd web 'echo it'\\''s; id'", command.Arguments[^1]);
        Assert.Equal("-t", new RunOnHost(_host.Context).Command(target, ["status"], hasTerminal: true).Arguments[0]);
    }

    [Theory]
    [InlineData("lab", "settings list", "usage")]
    [InlineData("lab", "version", "usage")]
    [InlineData("lab", "", "usage")]
    [InlineData("-oProxyCommand=id", "status", "CFG010")]
    [InlineData("a b", "status", "CFG010")]
    [InlineData("@lab", "status", "CFG010")]
    [InlineData("lab:99999", "status", "CFG010")]
    public void What_is_no_machine_or_about_this_one_is_refused(string target, string words, string code)
    {
        var error = Assert.Throws<CharlyException>(() => new RunOnHost(_host.Context).Command(target, words.Split(' ', StringSplitOptions.RemoveEmptyEntries), false));
        Assert.Equal(code, error.Code.Id);
        Assert.NotEmpty(error.Help);
    }

    [Fact]
    public async Task The_exit_code_of_the_other_machine_is_that_of_the_command()
    {
        using var run = new CommandRun();
        var ssh = Path.Combine(run.Home, "ssh");
        await File.WriteAllTextAsync(ssh, $"#!/bin/sh\nprintf '%s\\n' \"$@\" >{run.Home}/asked\nexit 7\n");
        File.SetUnixFileMode(ssh, (UnixFileMode)0b111_101_101);
        run.Variables["PATH"] = run.Home;
        Assert.Equal(7, await run.RunAsync("--host", "lab", "bundle", "check", "--host", "other"));
        Assert.EndsWith("exec charly bundle check '--host' other\n", await File.ReadAllTextAsync(Path.Combine(run.Home, "asked")), StringComparison.Ordinal);
        Assert.Equal(2, await run.RunAsync("--host=lab", "settings", "list"));
        Assert.Contains("is about this machine", run.Error, StringComparison.Ordinal);
        Assert.Equal(2, await run.RunAsync("--verbose", "--host", "lab", "status"));
        Assert.Contains("--host has to come first", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "4G", 2)]
    [InlineData("ram: 2G, cpu: 1, ", "2G", 1)]
    public async Task Memory_and_processors_that_an_entity_leaves_open_are_the_users_to_choose(string fields, string ram, int cpus)
    {
        Directory.CreateDirectory(_host.Environment.WorkingDirectory);
        await File.WriteAllTextAsync(Path.Combine(_host.Environment.WorkingDirectory, "charly.yml"), $"version: 2026.163.0928\nvm: {{a: {{{fields}source: {{kind: cloud_image, url: \"https://example.org/a.qcow2\"}}}}}}\n");
        var before = (await new ProjectVms(_host.Context).FindAsync("a", CancellationToken.None))!;
        Assert.Equal((ram, cpus), (before.Ram.ToString(), before.Cpus));
        var settings = new Settings(_host.Environment, _host.Context.Paths);
        await settings.SetAsync("vm.ram", "6G");
        await settings.SetAsync("vm.cpus", "3");
        var after = (await new ProjectVms(_host.Context).FindAsync("a", CancellationToken.None))!;
        Assert.Equal(fields.Length > 0 ? (ram, cpus) : ("6G", 3), (after.Ram.ToString(), after.Cpus));
        Assert.Equal(after.Ram, (await new ProjectVms(_host.Context).AllAsync(CancellationToken.None))[0].Ram);
    }
}
