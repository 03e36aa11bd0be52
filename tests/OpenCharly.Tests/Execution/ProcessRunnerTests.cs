using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Tests.Execution;

public sealed class ProcessRunnerTests : IDisposable
{
    private readonly LocalMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public async Task Lines_and_text_arrive_as_printed()
    {
        var lines = new List<string>();
        var request = new ProcessRequest("bash", "-c", "cat; printf 'last'") { Input = "first\n\n", Output = l => lines.Add(l.Text) };
        Assert.Equal("first\n\nlast", (await _machine.Processes.RunAsync(request)).StandardOutput);
        Assert.Equal(["first", "", "last"], lines);
    }

    [Fact]
    public async Task A_service_left_behind_does_not_hold_up_its_starter()
    {
        var request = new ProcessRequest("bash", "-c", "sleep 300 & echo $!") { Timeout = TimeSpan.FromSeconds(60) };
        var result = await _machine.Processes.RunAsync(request);
        System.Diagnostics.Process.GetProcessById(int.Parse(result.StandardOutput)).Kill();
    }

    [Fact]
    public async Task A_program_over_its_limit_is_killed()
    {
        var error = await Assert.ThrowsAsync<CharlyException>(
            () => _machine.Processes.RunAsync(new ProcessRequest("sleep", "300") { Timeout = TimeSpan.FromSeconds(1) }));
        Assert.Equal(Errors.Io, error.Code);
        Assert.Contains("sleep did not end within 1 s", error.Message);
    }

    [Fact]
    public async Task A_missing_program_is_named()
    {
        var error = await Assert.ThrowsAsync<CharlyException>(() => _machine.Processes.RunAsync(new ProcessRequest("no-such-program")));
        Assert.Equal((Errors.ToolMissing, "no-such-program"), (error.Code, error.Target));
    }
}
