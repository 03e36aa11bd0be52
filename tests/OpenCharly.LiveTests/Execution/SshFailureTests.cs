using System.Diagnostics;
using System.Net.Sockets;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;

namespace OpenCharly.LiveTests.Execution;

public sealed class SshFailureTests : IAsyncLifetime
{
    private readonly LoopbackSshd _server = new();

    public Task InitializeAsync() => _server.InitializeAsync();

    public Task DisposeAsync() => _server.DisposeAsync();

    [LiveFact("sshd")]
    public async Task A_changed_host_key_is_refused_and_never_trusted_again()
    {
        await RunAsync();
        var known = await File.ReadAllTextAsync(_server.KnownHosts);
        await _server.ChangeHostKeyAsync();
        var error = await Assert.ThrowsAsync<CharlyException>(RunAsync);
        Assert.Equal(Errors.SshHostKey, error.Code);
        Assert.Contains(LoopbackSshd.Alias, error.Message);
        Assert.Contains($"{_server.KnownHosts}, line 1", error.Message);
        Assert.Equal(known, await File.ReadAllTextAsync(_server.KnownHosts));
        await _server.TrustHostKeyAsync();
        await RunAsync();
    }

    [LiveFact("sshd")]
    public async Task An_unknown_host_key_is_refused_naming_the_file_it_is_not_in()
    {
        await File.WriteAllTextAsync(_server.KnownHosts, "");
        var error = await Assert.ThrowsAsync<CharlyException>(RunAsync);
        Assert.Equal(Errors.SshHostKey, error.Code);
        Assert.Contains(_server.KnownHosts, error.Message);
        Assert.Equal("", await File.ReadAllTextAsync(_server.KnownHosts));
    }

    [LiveFact("sshd")]
    public async Task A_refused_log_in_says_so()
    {
        await File.WriteAllTextAsync(_server.At("authorized_keys"), "");
        var error = await Assert.ThrowsAsync<CharlyException>(RunAsync);
        Assert.Equal(Errors.SshFailed, error.Code);
        Assert.Contains("refuses the log-in", error.Message);
    }

    [LiveFact("sshd")]
    public async Task A_machine_that_is_off_can_not_be_reached()
    {
        await _server.StopAsync();
        var error = await Assert.ThrowsAsync<CharlyException>(RunAsync);
        Assert.Equal(Errors.SshFailed, error.Code);
        Assert.Contains("can't be reached", error.Message);
        Assert.Contains("refused", error.Message);
    }

    [LiveFact("sshd")]
    public async Task A_restarted_machine_is_reached_over_a_new_connection()
    {
        await RunAsync();
        await _server.StopAsync();
        await _server.StartAsync();
        await RunAsync();
    }

    [LiveFact("sshd")]
    public async Task A_connection_closed_on_purpose_is_made_anew()
    {
        await using var executor = _server.Executor();
        await executor.CloseConnectionAsync();
        await RunAsync();
        var before = await MasterAsync();
        await executor.CloseConnectionAsync();
        Assert.False(File.Exists(executor.CommandLine.ControlSocket));
        await RunAsync();
        Assert.NotEqual(before, await MasterAsync());
    }

    [LiveFact("sshd")]
    public async Task A_control_socket_without_its_master_is_survived()
    {
        await RunAsync();
        Process.GetProcessById(await MasterAsync()).Kill();
        await RunAsync();
        Assert.True(await MasterAsync() > 0);
    }

    [LiveFact("sshd")]
    public async Task A_control_socket_that_is_no_socket_is_survived()
    {
        var executor = _server.Executor();
        await File.WriteAllTextAsync(executor.CommandLine.ControlSocket!, "");
        await RunAsync();
    }

    [LiveFact("sshd")]
    public async Task A_control_socket_whose_master_hangs_up_is_survived()
    {
        var executor = _server.Executor();
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(executor.CommandLine.ControlSocket!));
        listener.Listen();
        var hangUp = Task.Run(async () =>
        {
            while (true) (await listener.AcceptAsync()).Dispose();
        });
        await RunAsync();
        Assert.False(hangUp.IsCompletedSuccessfully);
    }

    [LiveFact("sshd")]
    public async Task A_machine_that_goes_away_in_the_middle_of_a_script_is_a_lost_run()
    {
        var executor = _server.Executor();
        await using var session = await executor.OpenSessionAsync();
        var stop = Task.CompletedTask;
        var request = new ScriptRequest("echo on; sleep 30") { Output = _ => stop = _server.StopAsync() };
        Assert.Equal(Errors.RunLost, (await Assert.ThrowsAsync<CharlyException>(() => session.RunAsync(request))).Code);
        await stop;
        await _server.StartAsync();
        await RunAsync();
    }

    [LiveFact("sshd")]
    public async Task A_log_in_that_runs_something_else_is_an_error_with_its_words()
    {
        var key = await File.ReadAllTextAsync(_server.At("authorized_keys"));
        await File.WriteAllTextAsync(_server.At("authorized_keys"), $"command=\"echo no shells here >&2; exit 9\" {key}");
        var error = await Assert.ThrowsAsync<CharlyException>(RunAsync);
        Assert.Equal(Errors.SshFailed, error.Code);
        Assert.Contains("no shells here", error.Message);
    }

    [LiveFact("sshd")]
    public async Task What_the_log_in_prints_first_is_not_output()
    {
        var key = await File.ReadAllTextAsync(_server.At("authorized_keys"));
        await File.WriteAllTextAsync(
            _server.At("authorized_keys"), $"command=\"echo Welcome; echo Hello >&2; eval \\\"$SSH_ORIGINAL_COMMAND\\\"\" {key}");
        var result = await _server.Executor().RunAsync(new ScriptRequest("echo out; echo err >&2"));
        Assert.Equal(("out\n", "err\n"), (result.StandardOutput, result.StandardError));
    }

    [LiveFact("sshd")]
    public async Task Waiting_goes_on_until_the_machine_lets_us_in()
    {
        await _server.StopAsync();
        var seen = new Seen();
        var waiting = new SshWait(TimeProvider.System, seen)
            .WaitAsync(_server.Executor(), "127.0.0.1", _server.Port, TimeSpan.FromSeconds(60));
        await seen.First(e => e.LastSeen.Contains("refused", StringComparison.Ordinal));
        await _server.StartAsync();
        await waiting;
        Assert.Contains(seen.Events, e => e is { Index: 2, Count: 2 });
    }

    [LiveFact("sshd")]
    public async Task Waiting_ends_at_its_deadline_with_probe_and_last_sight()
    {
        await _server.StopAsync();
        var wait = new SshWait(TimeProvider.System, new Seen());
        var error = await Assert.ThrowsAsync<CharlyException>(
            () => wait.WaitAsync(_server.Executor(), "127.0.0.1", _server.Port, TimeSpan.FromSeconds(1)));
        Assert.Equal(Errors.DeployUnreachable, error.Code);
        Assert.Contains("waited 1 s for probe 1 of 2, 'ssh port answers'", error.Message);
        Assert.Contains("refused", error.Message);
    }

    [LiveFact("sshd")]
    public async Task A_refused_log_in_is_waited_for_but_a_wrong_host_key_is_not()
    {
        var wait = new SshWait(TimeProvider.System, new Seen());
        var key = await File.ReadAllTextAsync(_server.At("authorized_keys"));
        await File.WriteAllTextAsync(_server.At("authorized_keys"), "");
        var error = await Assert.ThrowsAsync<CharlyException>(
            () => wait.WaitAsync(_server.Executor(), "127.0.0.1", _server.Port, TimeSpan.FromSeconds(2)));
        Assert.Equal(Errors.DeployUnreachable, error.Code);
        Assert.Contains("refuses the log-in", error.Message);
        await File.WriteAllTextAsync(_server.At("authorized_keys"), key);
        await _server.ChangeHostKeyAsync();
        error = await Assert.ThrowsAsync<CharlyException>(
            () => wait.WaitAsync(_server.Executor(), "127.0.0.1", _server.Port, TimeSpan.FromMinutes(5)));
        Assert.Equal(Errors.SshHostKey, error.Code);
    }

    private async Task RunAsync() =>
        Assert.Equal("here\n", (await _server.Executor().RunAsync(new ScriptRequest("echo here"))).StandardOutput);

    private async Task<int> MasterAsync()
    {
        var line = _server.Executor().CommandLine;
        var check = await new ProcessRunner(_server.Environment).RunAsync(new ProcessRequest("ssh", line.Control("check")));
        return int.Parse(check.StandardError.Split("pid=")[1].Split(')')[0]);
    }

    private sealed class Seen : IProgress<CharlyEvent>
    {
        private readonly List<WaitEvent> _events = [];

        public IReadOnlyList<WaitEvent> Events
        {
            get
            {
                lock (_events) return [.. _events];
            }
        }

        public void Report(CharlyEvent value)
        {
            lock (_events) _events.Add((WaitEvent)value);
        }

        public async Task First(Func<WaitEvent, bool> condition)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            while (!Events.Any(condition)) await Task.Delay(10, limit.Token);
        }
    }
}
