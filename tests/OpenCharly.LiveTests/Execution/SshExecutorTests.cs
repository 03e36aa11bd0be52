using System.Diagnostics;
using System.Security.Cryptography;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;
using Xunit.Abstractions;

namespace OpenCharly.LiveTests.Execution;

public sealed class SshExecutorTests(LoopbackSshd server, ITestOutputHelper log) : IClassFixture<LoopbackSshd>
{
    [LiveFact("sshd")]
    public async Task Sessions_share_one_connection()
    {
        var executor = server.Executor();
        await executor.RunAsync(new ScriptRequest("true"));
        var before = Connections();
        var first = await executor.RunAsync(new ScriptRequest("echo $SSH_CONNECTION"));
        var second = await server.Executor().RunAsync(new ScriptRequest("echo $SSH_CONNECTION"));
        Assert.Equal(first.StandardOutput, second.StandardOutput);
        Assert.Equal(before, Connections());
        Assert.Equal(1, before);
        Assert.Equal(AtomicFile.PrivateFolder, File.GetUnixFileMode(server.Paths.SshControl));
    }

    [LiveFact("sshd")]
    public async Task The_home_of_the_log_in_is_what_the_machine_says()
    {
        Assert.Equal(server.LoginHome, await server.Executor().ResolveHomeAsync(null));
        Assert.Equal("/root", await server.Executor().ResolveHomeAsync("root"));
    }

    [LiveFact("sshd")]
    public async Task Streams_exit_codes_and_odd_bytes_come_through()
    {
        await using var session = await server.Executor().OpenSessionAsync();
        var result = await session.RunAsync(new ScriptRequest("printf 'a\\nb'; printf '\\377' >&2; exit 255"));
        Assert.Equal(("a\nb", "\ufffd", 255), (result.StandardOutput, result.StandardError, result.ExitCode));
        Assert.True((await session.RunAsync(new ScriptRequest("true"))).Succeeded);
    }

    [LiveFact("sshd")]
    public async Task Two_hundred_scripts_run_in_one_session()
    {
        await using var session = await server.Executor().OpenSessionAsync();
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < 200; i++) Assert.Equal(i, (await session.RunAsync(new ScriptRequest($"exit {i}"))).ExitCode);
        log.WriteLine($"200 scripts: {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0} ms");
    }

    [LiveFact("sshd")]
    public async Task A_file_comes_back_byte_for_byte()
    {
        var executor = server.Executor();
        var content = RandomNumberGenerator.GetBytes(20_000_000);
        var path = server.At("sub folder/file");
        await executor.PutAsync(new MemoryStream(content), path, new PlacementOptions(AtomicFile.Private, AsRoot: false));
        Assert.Equal(content, await executor.GetAsync(path, asRoot: false));
        Assert.Null(await executor.GetAsync(path + "2", asRoot: false));
    }

    [LiveFact("sshd")]
    public async Task Fifty_megabytes_of_output_arrive_whole()
    {
        await using var session = await server.Executor().OpenSessionAsync();
        var lines = 0;
        var result = await session.RunAsync(new ScriptRequest("yes 123456789 | head -c 50000000; echo 'end of it' >&2") { Output = _ => lines++ });
        Assert.Equal(50_000_000, result.StandardOutput.Length);
        Assert.Equal(5_000_001, lines);
        Assert.Equal("end of it\n", result.StandardError);
    }

    [LiveTheory("sshd")]
    [InlineData("sleep 300 & echo $!; wait")]
    [InlineData("(sleep 300 & echo $!); sleep 300")]
    [InlineData("setsid -f bash -c 'echo $$; sleep 300'; sleep 300")]
    public async Task Cancelling_kills_what_runs_on_the_machine(string script)
    {
        using var stop = new CancellationTokenSource();
        await using var session = await server.Executor().OpenSessionAsync();
        var remote = 0;
        var stopped = 0L;
        var request = new ScriptRequest(script)
        {
            Output = line =>
            {
                remote = int.Parse(line.Text);
                stopped = Stopwatch.GetTimestamp();
                stop.Cancel();
            },
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => session.RunAsync(request, stop.Token));
        log.WriteLine($"stopped after {Stopwatch.GetElapsedTime(stopped).TotalMilliseconds:0} ms");
        Assert.True(remote > 0);
        Assert.False(Need.IsAlive(remote));
        Assert.True((await server.Executor().RunAsync(new ScriptRequest("true"))).Succeeded);
    }

    [LiveFact("sshd")]
    public async Task Losing_the_ssh_client_is_told_and_survived()
    {
        var executor = server.Executor();
        await using var session = await executor.OpenSessionAsync();
        var client = ((ShellSession)session).ProcessId;
        var request = new ScriptRequest("echo on; sleep 2; exit 255") { Output = _ => Process.GetProcessById(client).Kill() };
        var error = await Assert.ThrowsAsync<CharlyException>(() => session.RunAsync(request));
        Assert.Equal(Errors.RunLost, error.Code);
        Assert.True((await executor.RunAsync(new ScriptRequest("true"))).Succeeded);
    }

    [LiveFact("sshd")]
    public async Task A_lock_ends_with_its_session()
    {
        var executor = server.Executor();
        var file = server.At("lock-a");
        await using (var session = await executor.OpenSessionAsync())
        {
            Assert.True((await session.RunInShellAsync(new ScriptRequest($"exec 9>{file}; flock -n 9"))).Succeeded);
            Assert.False((await executor.RunAsync(new ScriptRequest($"flock -n {file} true"))).Succeeded);
        }

        Assert.True((await executor.RunAsync(new ScriptRequest($"flock -w 5 {file} true"))).Succeeded);
    }

    [LiveFact("sshd")]
    public async Task A_lock_outlives_its_ssh_client_only_as_long_as_the_script()
    {
        var executor = server.Executor();
        var file = server.At("lock-b");
        var going = server.At("going");
        var go = server.At("go");
        await using var session = await executor.OpenSessionAsync();
        await session.RunInShellAsync(new ScriptRequest($"exec 9>{file}; flock -n 9"));
        var request = new ScriptRequest($"echo on; until [ -e {go} ] || ((SECONDS > 120)); do sleep 0.05; done; touch {going}")
        {
            Output = _ => Process.GetProcessById(((ShellSession)session).ProcessId).Kill(),
        };
        await Assert.ThrowsAsync<CharlyException>(() => session.RunAsync(request));
        Assert.False((await executor.RunAsync(new ScriptRequest($"flock -n {file} true"))).Succeeded);
        await File.WriteAllTextAsync(go, "");
        Assert.True((await executor.RunAsync(new ScriptRequest($"flock -w 5 {file} true && [ -e {going} ]"))).Succeeded);
    }

    [LiveTheory("sshd", "zsh")]
    [InlineData("zsh")]
    public Task Zsh_can_run_the_command_that_starts_a_session(string shell) => RunBy(shell);

    [LiveTheory("sshd")]
    [InlineData("sh")]
    [InlineData("bash")]
    public Task Any_shell_can_run_the_command_that_starts_a_session(string shell) => RunBy(shell);

    [LiveFact("sshd", "fish")]
    public Task Fish_can_run_the_command_that_starts_a_session() => RunBy("fish");

    [LiveFact("sshd", "tcsh")]
    public Task Tcsh_can_run_the_plain_command() => RunBy("tcsh", ShellLoop.PlainCommand);

    [LiveFact("sshd", "tcsh")]
    public async Task A_log_in_shell_that_can_not_read_the_command_gets_the_plain_one() =>
        Assert.Equal("hBc\n", await RunThroughAsync("exec tcsh -c \"${@: -1}\"", "echo $-"));

    [LiveTheory("sshd")]
    [InlineData("stat() { echo not this one; }")]
    [InlineData("set -f")]
    [InlineData("shopt -s nullglob")]
    [InlineData("trap 'echo bye' EXIT")]
    [InlineData("IFS=:")]
    [InlineData(":")]
    public async Task What_the_start_up_file_of_bash_did_does_not_reach_scripts(string startup) =>
        Assert.Equal("hBc\n0\n", await RunThroughAsync(
            $"exec bash -c {Shell.Quote(startup)}$'\\n'\"${{@: -1}}\"",
            "echo $-; { declare -F | grep -v __charly; trap | grep bye; shopt nullglob | grep on; } | wc -l; [[ $IFS == $' \\t\\n' ]]"));

    /// <summary>What a script prints when ssh is a program that hands its last word, the command, to a log-in shell.</summary>
    private async Task<string> RunThroughAsync(string program, string script)
    {
        var folder = Directory.CreateTempSubdirectory("charly-ssh-");
        try
        {
            var stub = Path.Combine(folder.FullName, "ssh");
            await File.WriteAllTextAsync(stub, $"#!/bin/bash\n{program}\n");
            File.SetUnixFileMode(stub, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            var variables = new Dictionary<string, string>(server.Environment.Variables) { ["PATH"] = $"{folder.FullName}:{server.Environment.Variables["PATH"]}" };
            var environment = server.Environment with { Variables = variables };
            await using var executor = new SshExecutor(new SshDestination("shop.example"), environment, server.Paths, new ProcessRunner(environment));
            var result = await executor.RunAsync(new ScriptRequest(script));
            Assert.True(result.Succeeded, result.StandardError);
            return result.StandardOutput;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private Task RunBy(string shell) => RunBy(shell, ShellLoop.RemoteCommand);

    private async Task RunBy(string shell, string command)
    {
        const string Script = "echo \"it's\" fine";
        var programs = new ProcessRunner(server.Environment);
        var result = await programs.RunAsync(new ProcessRequest(shell, "-c", command) { Input = $"{Script.Length}\n{Script}" });
        Assert.Equal("it's fine\n", result.StandardOutput);
    }

    private int Connections() => server.Log.Split('\n').Count(l => l.Contains("Accepted publickey", StringComparison.Ordinal));
}
