using System.Diagnostics;
using System.Security.Cryptography;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;
using Xunit.Abstractions;

namespace OpenCharly.LiveTests.Execution;

public sealed class SudoTests(SudoUsers users, ITestOutputHelper log) : IClassFixture<SudoUsers>
{
    private const string WhoAmI = "id -un; echo \"$HOME\"; echo warn >&2; exit 4";

    [SudoTheory]
    [InlineData("plain")]
    [InlineData("pty")]
    [InlineData("logged")]
    public async Task Scripts_run_as_root_and_as_the_user_in_turn(string kind)
    {
        await using var session = await users.Executor(kind).OpenSessionAsync();
        var user = users.Name(kind);
        for (var i = 0; i < 3; i++)
        {
            var root = await session.RunAsync(new ScriptRequest(WhoAmI) { AsRoot = true });
            Assert.Equal(("root\n/root\n", "warn\n", 4), (root.StandardOutput, root.StandardError, root.ExitCode));
            Assert.Equal("again", (await session.RunAsync(new ScriptRequest("printf again") { AsRoot = true })).StandardOutput);
            var plain = await session.RunAsync(new ScriptRequest(WhoAmI));
            Assert.Equal(($"{user}\n/home/{user}\n", "warn\n", 4), (plain.StandardOutput, plain.StandardError, plain.ExitCode));
        }
    }

    [SudoTheory]
    [InlineData("plain")]
    [InlineData("pty")]
    [InlineData("logged")]
    public async Task A_root_script_has_empty_input_and_streams_large_output(string kind)
    {
        await using var session = await users.Executor(kind).OpenSessionAsync();
        var result = await session.RunAsync(new ScriptRequest("cat; yes 123456789 | head -c 5000000") { AsRoot = true, Timeout = TimeSpan.FromMinutes(1) });
        Assert.Equal(5_000_000, result.StandardOutput.Length);
    }

    [SudoTheory]
    [InlineData("plain")]
    [InlineData("pty")]
    [InlineData("logged")]
    public async Task A_file_placed_as_root_is_roots_and_only_root_reads_it_back(string kind)
    {
        var executor = users.Executor(kind);
        var content = RandomNumberGenerator.GetBytes(2_000_000);
        var path = users.Server.At($"{kind}/root file");
        await executor.PutAsync(new MemoryStream(content), path, new PlacementOptions(AtomicFile.Private, AsRoot: true));
        Assert.Equal(content, await executor.GetAsync(path, asRoot: true));
        var facts = await executor.RunAsync(new ScriptRequest($"stat -c '%U:%G %a' '{path}' '{Path.GetDirectoryName(path)}'"));
        Assert.Equal("root:root 600\nroot:root 755\n", facts.StandardOutput);
        var error = await Assert.ThrowsAsync<CharlyException>(() => executor.GetAsync(path, asRoot: false));
        Assert.Equal(Errors.Io, error.Code);
        Assert.Contains("Permission denied", error.Message);
    }

    [SudoTheory]
    [InlineData("plain")]
    public async Task A_file_placed_as_the_user_is_the_users(string kind)
    {
        var executor = users.Executor(kind);
        var home = await executor.ResolveHomeAsync(null);
        Assert.Equal(home, await executor.ResolveHomeAsync(users.Name(kind)));
        await executor.PutAsync(new MemoryStream([1, 2]), $"{home}/.config/x", new PlacementOptions(AtomicFile.Shared));
        var facts = await executor.RunAsync(new ScriptRequest($"stat -c '%U %a' {home}/.config/x"));
        Assert.Equal($"{users.Name(kind)} 644\n", facts.StandardOutput);
        var error = await Assert.ThrowsAsync<CharlyException>(
            () => executor.PutAsync(new MemoryStream([1]), "/etc/charly-lab-not-mine", new PlacementOptions(AtomicFile.Shared)));
        Assert.Contains("Permission denied", error.Message);
    }

    [SudoTheory]
    [InlineData("none")]
    public async Task Sudo_that_asks_for_a_password_is_an_error_of_its_own(string kind)
    {
        await using var session = await users.Executor(kind).OpenSessionAsync();
        Assert.True((await session.RunAsync(new ScriptRequest("true"))).Succeeded);
        var error = await Assert.ThrowsAsync<CharlyException>(() => session.RunAsync(new ScriptRequest("true") { AsRoot = true }));
        Assert.Equal(Errors.SudoMissing, error.Code);
        Assert.Contains("password", error.Message);
    }

    [SudoTheory]
    [InlineData("plain")]
    [InlineData("pty")]
    [InlineData("logged")]
    public async Task Cancelling_kills_what_root_started(string kind)
    {
        using var stop = new CancellationTokenSource();
        await using var session = await users.Executor(kind).OpenSessionAsync();
        var remote = 0;
        var stopped = 0L;
        var request = new ScriptRequest("(sleep 300 & echo $!); sleep 300")
        {
            AsRoot = true,
            Output = line =>
            {
                remote = int.Parse(line.Text);
                stopped = Stopwatch.GetTimestamp();
                stop.Cancel();
            },
        };
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => session.RunAsync(request, stop.Token));
        log.WriteLine($"stopped after {Stopwatch.GetElapsedTime(stopped).TotalMilliseconds:0} ms");
        Assert.Null(error.InnerException);
        Assert.True(remote > 0);
        Assert.False(Need.IsAlive(remote));
    }

    [SudoTheory]
    [InlineData("plain")]
    [InlineData("pty")]
    public async Task A_lock_of_the_user_outlives_its_ssh_client_as_long_as_the_root_script(string kind)
    {
        var executor = users.Executor(kind);
        var folder = await executor.ResolveHomeAsync(null);
        await using var session = await executor.OpenSessionAsync();
        await session.RunInShellAsync(new ScriptRequest($"exec 9>{folder}/lock; flock -n 9"));
        var request = new ScriptRequest($"echo on; until [ -e {folder}/go ] || ((SECONDS > 120)); do sleep 0.05; done; touch {folder}/went")
        {
            AsRoot = true,
            Output = _ => Process.GetProcessById(((ShellSession)session).ProcessId).Kill(),
        };
        Assert.Equal(Errors.RunLost, (await Assert.ThrowsAsync<CharlyException>(() => session.RunAsync(request))).Code);
        Assert.False((await executor.RunAsync(new ScriptRequest($"flock -n {folder}/lock true"))).Succeeded);
        await executor.RunAsync(new ScriptRequest($"touch {folder}/go"));
        Assert.True((await executor.RunAsync(new ScriptRequest($"flock -w 5 {folder}/lock true && [ -e {folder}/went ]"))).Succeeded);
    }
}
