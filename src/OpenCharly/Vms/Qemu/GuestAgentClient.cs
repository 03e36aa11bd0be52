using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using OpenCharly.Execution;

namespace OpenCharly.Vms.Qemu;

/// <summary>
/// Runs scripts in a guest through its agent: as root, without a log-in, before the guest's network or sshd are of any use. For one
/// caller at a time. Whoever can open the socket could do anything in the guest, so it lies in a private folder.
/// </summary>
internal sealed class GuestAgentClient : IDisposable
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(20);

    // Each question wakes a process in the guest, which under emulation takes time from what is asked about.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(40);

    private readonly Socket _socket;
    private readonly StreamReader _reader;

    /// <param name="socket">Connected; it is closed with this.</param>
    private GuestAgentClient(Socket socket)
    {
        _socket = socket;
        _reader = new StreamReader(new NetworkStream(socket, ownsSocket: false), Encoding.UTF8);
    }

    /// <summary>Connects, and waits until the agent answers.</summary>
    /// <param name="path">The host's end of the channel.</param>
    /// <param name="limit">How long it may be silent.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">Nobody answers, with what was seen; nothing was done in the guest.</exception>
    public static async Task<GuestAgentClient> ConnectAsync(string path, TimeSpan limit, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(limit);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), deadline.Token).ConfigureAwait(false);
            var client = new GuestAgentClient(socket);
            await client.SynchroniseAsync(deadline.Token).ConfigureAwait(false);
            return client;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            socket.Dispose();
            throw new IOException($"it does not answer within {limit.TotalSeconds:0.#} s");
        }
        catch (Exception e)
        {
            socket.Dispose();
            if (e is SocketException or JsonException) throw new IOException(e.Message, e);
            throw;
        }
    }

    /// <summary>Runs a shell script, which travels beside the command line, and waits for its end.</summary>
    /// <param name="script">POSIX shell.</param>
    /// <param name="limit">How long it may run; it is not ended then, only no longer waited for.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>What it left behind; null if the agent runs no programs, in which case nothing was done.</returns>
    /// <exception cref="IOException">The agent fell silent; the script may have run or not.</exception>
    public async Task<CommandResult?> RunAsync(string script, TimeSpan limit, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            var begun = await AskAsync(
                "guest-exec",
                new JsonObject
                {
                    ["path"] = "/bin/sh",
                    ["arg"] = new JsonArray("-s"),
                    ["input-data"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(script)),
                    ["capture-output"] = true,
                },
                cancellationToken).ConfigureAwait(false);
            if (!begun.TryGetProperty("return", out var started)) return null;
            var pid = started.GetProperty("pid").GetInt64();
            while (true)
            {
                var answer = await AskAsync("guest-exec-status", new JsonObject { ["pid"] = pid }, cancellationToken).ConfigureAwait(false);
                if (!answer.TryGetProperty("return", out var status)) throw new IOException($"it says {answer}");
                if (status.GetProperty("exited").GetBoolean()) return Result(status, Stopwatch.GetElapsedTime(start));
                if (Stopwatch.GetElapsedTime(start) > limit) throw new IOException($"the script did not end within {limit.TotalSeconds:0} s");
                await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is SocketException or JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new IOException(e.Message, e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _reader.Dispose();
        _socket.Dispose();
    }

    /// <summary>Skips what it had to say to whoever asked before.</summary>
    private async Task SynchroniseAsync(CancellationToken cancellationToken)
    {
        long id = Random.Shared.Next();
        await SendAsync("guest-sync", new JsonObject { ["id"] = id }, cancellationToken).ConfigureAwait(false);
        while (true)
        {
            var answer = await ReadAsync(cancellationToken).ConfigureAwait(false);
            if (answer.TryGetProperty("return", out var echo) && echo.ValueKind == JsonValueKind.Number && echo.TryGetInt64(out var number) && number == id) return;
        }
    }

    private static CommandResult Result(JsonElement status, TimeSpan duration)
    {
        const int signalled = 128;
        var code = status.TryGetProperty("signal", out var signal) ? signalled + signal.GetInt32() : status.GetProperty("exitcode").GetInt32();
        return new CommandResult(Text(status, "out-data"), Text(status, "err-data"), code, duration);
    }

    private static string Text(JsonElement status, string key) =>
        status.TryGetProperty(key, out var data) ? Encoding.UTF8.GetString(Convert.FromBase64String(data.GetString() ?? "")) : "";

    private async Task<JsonElement> AskAsync(string command, JsonObject arguments, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(AnswerLimit);
        try
        {
            await SendAsync(command, arguments, deadline.Token).ConfigureAwait(false);
            return await ReadAsync(deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"no answer to {command} within {AnswerLimit.TotalSeconds:0} s");
        }
    }

    private async Task SendAsync(string command, JsonObject arguments, CancellationToken cancellationToken)
    {
        var line = Encoding.UTF8.GetBytes(new JsonObject { ["execute"] = command, ["arguments"] = arguments }.ToJsonString() + "\n");
        for (var sent = 0; sent < line.Length;) sent += await _socket.SendAsync(line.AsMemory(sent), cancellationToken).ConfigureAwait(false);
    }

    private async Task<JsonElement> ReadAsync(CancellationToken cancellationToken)
    {
        var line = await _reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) ?? throw new IOException("it hung up");
        using var document = JsonDocument.Parse(line);
        return document.RootElement.Clone();
    }
}
