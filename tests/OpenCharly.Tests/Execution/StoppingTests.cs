using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Tests.Execution;

public sealed class StoppingTests : IDisposable
{
    private readonly LocalMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Theory]
    [InlineData("sleep 300 & echo $!; wait")]
    [InlineData("sleep 300 & echo $!; sleep 300")]
    [InlineData("(sleep 300 & echo $!); sleep 300")]
    [InlineData("setsid -f bash -c 'echo $$; sleep 300'; sleep 300")]
    [InlineData("(trap '' TERM; echo $BASHPID; while :; do sleep 300; done)")]
    public async Task Cancelling_kills_the_script_and_everything_it_started(string script)
    {
        using var stop = new CancellationTokenSource();
        await using var session = await _machine.Executor.OpenSessionAsync();
        var started = 0;
        var request = new ScriptRequest(script)
        {
            Output = line =>
            {
                started = int.Parse(line.Text);
                stop.CancelAfter(50);
            },
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => session.RunAsync(request, stop.Token));
        Assert.NotEqual(0, started);
        Assert.False(IsAlive(started));
        Assert.True((await _machine.Executor.RunAsync(new ScriptRequest("true"))).Succeeded);
    }

    [Fact]
    public async Task A_stopped_script_does_not_go_on_to_its_next_command()
    {
        using var stop = new CancellationTokenSource();
        var trace = _machine.At("trace");
        var request = new ScriptRequest($"echo on; sleep 300; touch {trace}") { Output = _ => stop.Cancel() };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _machine.Executor.RunAsync(request, stop.Token));
        Assert.False(File.Exists(trace));
    }

    [Fact]
    public async Task A_script_over_its_limit_is_killed_and_the_limit_named()
    {
        await using var session = await _machine.Executor.OpenSessionAsync();
        var started = 0;
        var request = new ScriptRequest("sleep 300 & echo $!; wait")
        {
            Output = line => started = int.Parse(line.Text),
            Timeout = TimeSpan.FromSeconds(0.5),
        };
        var error = await Assert.ThrowsAsync<CharlyException>(() => session.RunAsync(request));
        Assert.Equal(Errors.Io, error.Code);
        Assert.Contains("0.5 s", error.Message);
        Assert.False(IsAlive(started));
        Assert.Equal(Errors.RunLost, (await Assert.ThrowsAsync<CharlyException>(() => session.RunAsync(new ScriptRequest("true")))).Code);
    }

    [Fact]
    public async Task A_script_that_reads_none_of_its_large_input_can_be_stopped()
    {
        using var stop = new CancellationTokenSource();
        await using var session = (ShellSession)await _machine.Executor.OpenSessionAsync();
        var request = new ScriptRequest("echo on; sleep 300") { Output = _ => stop.CancelAfter(100) };
        var input = new MemoryStream(new byte[10_000_000]);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => session.RunLastAsync(request, input, stop.Token));
        Assert.True(input.Position < input.Length);
    }

    [Fact]
    public async Task A_script_may_end_before_it_has_read_its_input()
    {
        await using var session = (ShellSession)await _machine.Executor.OpenSessionAsync();
        var result = await session.RunLastAsync(new ScriptRequest("head -c 3; exit 5"), new MemoryStream(new byte[10_000_000]), default);
        Assert.Equal(("\0\0\0", 5), (result.StandardOutput, result.ExitCode));
    }

    [Fact]
    public async Task Nothing_runs_for_a_caller_who_cancelled_before()
    {
        await using var session = await _machine.Executor.OpenSessionAsync();
        var trace = _machine.At("trace");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => session.RunAsync(new ScriptRequest($"touch {trace}"), new CancellationToken(canceled: true)));
        Assert.True((await session.RunAsync(new ScriptRequest($"[ ! -e {trace} ]"))).Succeeded);
    }

    private static bool IsAlive(int process) =>
        File.Exists($"/proc/{process}/stat") && !File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);
}
