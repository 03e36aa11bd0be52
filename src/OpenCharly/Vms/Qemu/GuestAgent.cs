using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.Qemu;

/// <summary>The guest's file systems, frozen by its agent until this is disposed of.</summary>
internal sealed class GuestAgent : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly Socket _socket;

    private GuestAgent(Socket socket) => _socket = socket;

    /// <summary>Asks the agent to freeze. A guest without one, or whose agent refuses, is told of, and nothing is frozen.</summary>
    public static async Task<GuestAgent?> FreezeAsync(string path, Action<string> warn, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = (int)Limit.TotalMilliseconds };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), limit.Token).ConfigureAwait(false);
            var answer = await AskAsync(socket, "guest-fsfreeze-freeze", limit.Token).ConfigureAwait(false);
            if (answer.TryGetProperty("return", out _)) return new GuestAgent(socket);
            warn($"the guest's file systems are not frozen: its agent says {answer}");
        }
        catch (Exception e) when (e is SocketException or IOException or JsonException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            warn($"the guest's file systems are not frozen: its agent does not answer ({(e is OperationCanceledException ? $"within {Limit.TotalSeconds:0} s" : e.Message)})");

            // The agent may have heard it all the same and answer too late.
            Thaw(socket);
        }
        catch
        {
            Thaw(socket);
            socket.Dispose();
            throw;
        }

        socket.Dispose();
        return null;
    }

    /// <summary>Lets the file systems go on. The guest runs again by now, so that its agent can hear it.</summary>
    public void Dispose()
    {
        if (Thaw(_socket)) Receive(_socket);
        _socket.Dispose();
    }

    private static bool Thaw(Socket socket)
    {
        try
        {
            return socket.Connected && socket.Send(Encoding.UTF8.GetBytes("{\"execute\":\"guest-fsfreeze-thaw\"}\n")) > 0;
        }
        catch (SocketException)
        {
            // QEMU is gone, and the guest with it.
            return false;
        }
    }

    private static void Receive(Socket socket)
    {
        try
        {
            socket.Receive(new byte[256]);
        }
        catch (SocketException)
        {
            // The command is on its way; only its answer is late.
        }
    }

    private static async Task<JsonElement> AskAsync(Socket socket, string command, CancellationToken cancellationToken)
    {
        await socket.SendAsync(Encoding.UTF8.GetBytes($"{{\"execute\":\"{command}\"}}\n"), cancellationToken).ConfigureAwait(false);
        using var reader = new StreamReader(new NetworkStream(socket, ownsSocket: false));
        var line = await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) ?? throw new IOException("it hung up");
        return JsonDocument.Parse(line).RootElement.Clone();
    }
}
