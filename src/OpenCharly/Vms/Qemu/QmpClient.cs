using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.Qemu;

/// <summary>
/// A connection to QEMU's control socket (vm.md §3.5): one JSON object a line, greeting and capabilities first, events
/// skipped. For one caller at a time.
/// </summary>
public sealed class QmpClient : IDisposable
{
    private static readonly TimeSpan CommandLimit = TimeSpan.FromSeconds(10);

    private readonly Socket _socket;
    private readonly StreamReader _reader;
    private readonly string _path;

    private QmpClient(Socket socket, string path)
    {
        _socket = socket;
        _path = path;
        _reader = new StreamReader(new NetworkStream(socket, ownsSocket: false), Encoding.UTF8);
    }

    /// <summary>Connects and negotiates, trying again until <paramref name="limit"/> is over.</summary>
    /// <param name="path">The socket.</param>
    /// <param name="limit">How long in all.</param>
    /// <param name="isAlive">Asked before each new try; false ends the attempts, since nobody will ever answer. Null to go on regardless.</param>
    /// <param name="cancellationToken">Ends the attempts.</param>
    /// <exception cref="CharlyException"><see cref="Errors.QmpConnect"/> with what was seen last.</exception>
    public static async Task<QmpClient> ConnectAsync(
        string path, TimeSpan limit, Func<Task<bool>>? isAlive = null, CancellationToken cancellationToken = default)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(limit);
        var last = "nothing";
        for (var pause = 100; ; pause = Math.Min(pause * 2, 1000))
        {
            try
            {
                return await OpenAsync(path, deadline.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is SocketException or IOException or JsonException)
            {
                last = e.Message;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw Silent(path, $"within {limit.TotalSeconds:0.#} s; last seen: {last}");
            }

            if (isAlive is not null && !await isAlive().ConfigureAwait(false)) throw Silent(path, $"and QEMU has ended; last seen: {last}");
            try
            {
                await Task.Delay(pause, deadline.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw Silent(path, $"within {limit.TotalSeconds:0.#} s; last seen: {last}");
            }
        }
    }

    /// <summary>Sends a command and waits up to 10 s for its answer.</summary>
    /// <param name="command">The command, such as <c>query-status</c>.</param>
    /// <param name="cancellationToken">Ends the wait; the connection is then of no further use.</param>
    /// <returns>What the command returned; an undefined element where QEMU hung up on <c>quit</c>.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.QmpCommand"/> if QEMU says no, hangs up or says nothing.</exception>
    public Task<JsonElement> ExecuteAsync(string command, CancellationToken cancellationToken = default) => ExecuteAsync(command, null, cancellationToken);

    /// <summary>As <see cref="ExecuteAsync(string, CancellationToken)"/>, with arguments.</summary>
    /// <param name="command">The command, such as <c>migrate</c>.</param>
    /// <param name="arguments">Its arguments; null for none.</param>
    /// <param name="cancellationToken">Ends the wait; the connection is then of no further use.</param>
    /// <returns>What the command returned.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.QmpCommand"/> if QEMU says no, hangs up or says nothing.</exception>
    public async Task<JsonElement> ExecuteAsync(string command, JsonObject? arguments, CancellationToken cancellationToken = default)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(CommandLimit);
        try
        {
            var words = arguments is null ? "" : $",\"arguments\":{arguments.ToJsonString()}";
            var line = Encoding.UTF8.GetBytes($"{{\"execute\":\"{JsonEncodedText.Encode(command)}\"{words}}}\n");
            await _socket.SendAsync(line, deadline.Token).ConfigureAwait(false);
            while (await ReadAsync(deadline.Token).ConfigureAwait(false) is { } reply)
            {
                if (reply.TryGetProperty("return", out var result)) return result;
                if (reply.TryGetProperty("error", out var error))
                {
                    throw Failed(command, error.TryGetProperty("desc", out var text) ? text.ToString() : error.ToString());
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Failed(command, $"no answer within {CommandLimit.TotalSeconds:0} s");
        }
        catch (Exception e) when (e is SocketException or IOException && command == "quit")
        {
            // QEMU may be gone before it has answered; that is what was asked for.
            return default;
        }
        catch (Exception e) when (e is SocketException or IOException or JsonException)
        {
            throw Failed(command, e.Message);
        }

        return command == "quit" ? default : throw Failed(command, "QEMU closed the connection");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _reader.Dispose();
        _socket.Dispose();
    }

    private static async Task<QmpClient> OpenAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken).ConfigureAwait(false);
            var client = new QmpClient(socket, path);
            if (await client.ReadAsync(cancellationToken).ConfigureAwait(false) is not { } greeting || !greeting.TryGetProperty("QMP", out _))
            {
                throw new IOException("the socket does not greet as QEMU does");
            }

            await client.ExecuteAsync("qmp_capabilities", cancellationToken).ConfigureAwait(false);
            return client;
        }
        catch (CharlyException e)
        {
            socket.Dispose();
            throw new IOException(e.Message, e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The next object that is no event; null at the end of the stream.</summary>
    private async Task<JsonElement?> ReadAsync(CancellationToken cancellationToken)
    {
        while (await _reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            if (line.Length == 0) continue;
            using var document = JsonDocument.Parse(line);
            if (!document.RootElement.TryGetProperty("event", out _)) return document.RootElement.Clone();
        }

        return null;
    }

    private CharlyException Failed(string command, string why) => new(
        Errors.QmpCommand, $"QEMU refused {command} on {_path}: {why}", "Look at the machine's console log.", target: _path);

    private static CharlyException Silent(string path, string why) => new(
        Errors.QmpConnect,
        $"QEMU's control socket {path} did not answer {why}",
        "QEMU may have crashed: look at the logs in the machine's state folder.",
        target: path);
}
