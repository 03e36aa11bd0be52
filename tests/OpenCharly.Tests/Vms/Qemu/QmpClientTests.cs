using System.Net.Sockets;
using System.Text;
using OpenCharly.Foundation;
using OpenCharly.Vms.Qemu;

namespace OpenCharly.Tests.Vms.Qemu;

public sealed class QmpClientTests : IDisposable
{
    private const string Greeting = """{"QMP": {"version": {}, "capabilities": []}}""";

    private readonly string _folder = Directory.CreateTempSubdirectory("charly-qmp-").FullName;

    private string SocketPath => Path.Combine(_folder, "qmp.sock");

    [Fact]
    public async Task It_greets_negotiates_and_skips_events()
    {
        var server = ServeAsync(Greeting, ["""{"event": "A"}""", """{"return": {}}"""], ["""{"event": "B"}""", "", """{"return": {"status": "paused"}}"""]);
        using (var client = await QmpClient.ConnectAsync(SocketPath, TimeSpan.FromSeconds(10)))
        {
            Assert.Equal("paused", (await client.ExecuteAsync("query-status")).GetProperty("status").GetString());
        }

        Assert.Equal(["""{"execute":"qmp_capabilities"}""", """{"execute":"query-status"}"""], await server);
    }

    [Fact]
    public async Task A_refusal_is_an_error_with_qemu_s_words()
    {
        var server = ServeAsync(Greeting, ["""{"return": {}}"""], ["""{"error": {"class": "GenericError", "desc": "not now"}}"""]);
        using var client = await QmpClient.ConnectAsync(SocketPath, TimeSpan.FromSeconds(10));
        var error = await Assert.ThrowsAsync<CharlyException>(() => client.ExecuteAsync("cont"));
        Assert.Equal(Errors.QmpCommand, error.Code);
        Assert.Contains("not now", error.Message, StringComparison.Ordinal);
        await server;
    }

    [Fact]
    public async Task The_end_of_the_stream_is_fine_after_quit_only()
    {
        var server = ServeAsync(Greeting, ["""{"return": {}}"""], []);
        using (var client = await QmpClient.ConnectAsync(SocketPath, TimeSpan.FromSeconds(10))) await client.ExecuteAsync("quit");
        await server;

        server = ServeAsync(Greeting, ["""{"return": {}}"""], []);
        using (var client = await QmpClient.ConnectAsync(SocketPath, TimeSpan.FromSeconds(10)))
        {
            Assert.Equal(Errors.QmpCommand, (await Assert.ThrowsAsync<CharlyException>(() => client.ExecuteAsync("cont"))).Code);
        }

        await server;
    }

    [Fact]
    public async Task A_socket_that_comes_late_is_waited_for()
    {
        var connecting = QmpClient.ConnectAsync(SocketPath, TimeSpan.FromSeconds(20));
        var server = ServeAsync(Greeting, ["""{"return": {}}"""]);
        using var client = await connecting;
        await server;
    }

    [Fact]
    public async Task A_socket_that_stays_away_is_an_error_that_tells_what_was_seen()
    {
        var error = await Assert.ThrowsAsync<CharlyException>(() => QmpClient.ConnectAsync(SocketPath, TimeSpan.FromMilliseconds(150)));
        Assert.Equal(Errors.QmpConnect, error.Code);
        Assert.Contains("last seen: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(SocketPath, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_is_waited_for_who_is_dead()
    {
        var error = await Assert.ThrowsAsync<CharlyException>(() => QmpClient.ConnectAsync(SocketPath, TimeSpan.FromMinutes(5), () => Task.FromResult(false)));
        Assert.Contains("QEMU has ended", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silent_server_does_not_hold_up_the_user()
    {
        using var listener = Listen();
        using var stop = new CancellationTokenSource();
        var connecting = QmpClient.ConnectAsync(SocketPath, TimeSpan.FromMinutes(5), null, stop.Token);
        using var accepted = await listener.AcceptAsync();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting);
    }

    [Fact]
    public async Task Something_else_behind_the_socket_is_not_taken_for_qemu()
    {
        var server = ServeAsync("""{"hello": 1}""");
        var error = await Assert.ThrowsAsync<CharlyException>(() => QmpClient.ConnectAsync(SocketPath, TimeSpan.FromSeconds(3)));
        Assert.Equal(Errors.QmpConnect, error.Code);
        await server;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Socket Listen()
    {
        File.Delete(SocketPath);
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        listener.Listen(4);
        return listener;
    }

    /// <summary>Serves one client: the greeting, then one answer a command, then it hangs up. Returns the commands.</summary>
    private async Task<IReadOnlyList<string>> ServeAsync(string greeting, params string[][] answers)
    {
        using var listener = Listen();
        using var socket = await listener.AcceptAsync();
        using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream);
        await stream.WriteAsync(Encoding.UTF8.GetBytes(greeting + "\r\n"));
        var commands = new List<string>();
        foreach (var answer in answers)
        {
            commands.Add(await reader.ReadLineAsync() ?? "");
            foreach (var line in answer) await stream.WriteAsync(Encoding.UTF8.GetBytes(line + "\r\n"));
        }

        return commands;
    }
}
