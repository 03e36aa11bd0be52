using System.Text.Json.Nodes;
using OpenCharly.Vms.Qemu;

namespace OpenCharly.Tests.Vms.Qemu;

public sealed class GuestAgentClientTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("charly-qga-").FullName;

    private string Channel => Path.Combine(_folder, "qga.sock");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_script_runs_on_standard_input_and_gives_back_what_it_said()
    {
        var scripts = new List<string>();
        await using var agent = new PlayedAgent(Channel, PlayedAgent.Running(3, "oh no\n", scripts));
        using var client = await GuestAgentClient.ConnectAsync(Channel, Patience, CancellationToken.None);
        var result = await client.RunAsync("a secret", Patience, CancellationToken.None);
        Assert.Equal((3, "oh no\n", ""), (result!.ExitCode, result.StandardError, result.StandardOutput));
        Assert.Equal(["a secret"], scripts);
        var arguments = JsonNode.Parse(agent.Heard[1])!["arguments"]!;
        Assert.Equal(("/bin/sh", """["-s"]"""), ((string)arguments["path"]!, arguments["arg"]!.ToJsonString()));
    }

    [Fact]
    public async Task A_signal_that_ends_the_script_is_told_as_a_shell_tells_it()
    {
        await using var agent = new PlayedAgent(Channel, (command, arguments) => command == "guest-exec-status" ? """{"return": {"exited": true, "signal": 9}}""" : PlayedAgent.Running(0)(command, arguments));
        using var client = await GuestAgentClient.ConnectAsync(Channel, Patience, CancellationToken.None);
        Assert.Equal(137, (await client.RunAsync("", Patience, CancellationToken.None))!.ExitCode);
    }

    [Fact]
    public async Task What_the_agent_had_to_say_to_somebody_else_is_skipped()
    {
        var running = PlayedAgent.Running(0);
        await using var agent = new PlayedAgent(Channel, (command, arguments) => (command == "guest-sync" ? "{\"return\": {}}\n{\"error\": {}}\n{\"return\": 12}\n" : "") + running(command, arguments));
        using var client = await GuestAgentClient.ConnectAsync(Channel, Patience, CancellationToken.None);
        Assert.True((await client.RunAsync("", Patience, CancellationToken.None))!.Succeeded);
    }

    [Fact]
    public async Task A_silent_agent_is_given_up_in_time()
    {
        await using var agent = new PlayedAgent(Channel, (_, _) => "");
        var error = await Assert.ThrowsAsync<IOException>(() => GuestAgentClient.ConnectAsync(Channel, TimeSpan.FromMilliseconds(100), CancellationToken.None));
        Assert.Equal("it does not answer within 0.1 s", error.Message);
    }

    [Fact]
    public async Task No_agent_is_an_error_at_once() =>
        await Assert.ThrowsAsync<IOException>(() => GuestAgentClient.ConnectAsync(Channel, TimeSpan.FromMinutes(5), CancellationToken.None));

    [Fact]
    public async Task An_agent_that_runs_no_programs_has_done_nothing()
    {
        await using var agent = new PlayedAgent(Channel, (command, arguments) => command == "guest-exec" ? """{"error": {"class": "CommandNotFound", "desc": "disabled"}}""" : PlayedAgent.Running(0)(command, arguments));
        using var client = await GuestAgentClient.ConnectAsync(Channel, Patience, CancellationToken.None);
        Assert.Null(await client.RunAsync("", Patience, CancellationToken.None));
    }

    [Fact]
    public async Task An_agent_that_hangs_up_under_a_script_is_an_error()
    {
        await using var agent = new PlayedAgent(Channel, (command, arguments) => command == "guest-exec-status" ? null : PlayedAgent.Running(0)(command, arguments));
        using var client = await GuestAgentClient.ConnectAsync(Channel, Patience, CancellationToken.None);
        Assert.Equal("it hung up", (await Assert.ThrowsAsync<IOException>(() => client.RunAsync("", Patience, CancellationToken.None))).Message);
    }

    [Fact]
    public async Task A_script_that_does_not_end_is_given_up()
    {
        await using var agent = new PlayedAgent(Channel, (command, arguments) => command == "guest-exec-status" ? """{"return": {"exited": false}}""" : PlayedAgent.Running(0)(command, arguments));
        using var client = await GuestAgentClient.ConnectAsync(Channel, Patience, CancellationToken.None);
        var error = await Assert.ThrowsAsync<IOException>(() => client.RunAsync("", TimeSpan.Zero, CancellationToken.None));
        Assert.Equal("the script did not end within 0 s", error.Message);
    }
}
