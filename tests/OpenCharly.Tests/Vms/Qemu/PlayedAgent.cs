using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace OpenCharly.Tests.Vms.Qemu;

/// <summary>A guest agent's end of a channel: it answers each command with what the test says, and remembers what it was asked.</summary>
internal sealed class PlayedAgent : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Func<string, JsonObject, string?> _answer;
    private readonly Task _serving;

    /// <summary>Listens.</summary>
    /// <param name="path">Socket.</param>
    /// <param name="answer">Lines to answer a command with; empty to stay silent, null to hang up.</param>
    public PlayedAgent(string path, Func<string, JsonObject, string?> answer)
    {
        _answer = answer;
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen(1);
        _serving = ServeAsync();
    }

    public List<string> Heard { get; } = [];

    /// <summary>An agent that is there and runs programs; each ends at the second look, with this code and words.</summary>
    public static Func<string, JsonObject, string?> Running(int code, string error = "", List<string>? scripts = null)
    {
        var looks = 0;
        return (command, arguments) =>
        {
            switch (command)
            {
                case "guest-sync":
                    return $$$"""{"return": {{{arguments["id"]}}}}""";
                case "guest-exec":
                    scripts?.Add(Encoding.UTF8.GetString(Convert.FromBase64String((string)arguments["input-data"]!)));
                    return """{"return": {"pid": 7}}""";
                default:
                    if (looks++ == 0) return """{"return": {"exited": false}}""";
                    return $$$"""{"return": {"exited": true, "exitcode": {{{code}}}, "err-data": "{{{Convert.ToBase64String(Encoding.UTF8.GetBytes(error))}}}"}}""";
            }
        };
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _serving;
    }

    private async Task ServeAsync()
    {
        try
        {
            using var socket = await _listener.AcceptAsync();
            using var stream = new NetworkStream(socket);
            using var reader = new StreamReader(stream);
            while (await reader.ReadLineAsync() is { } line)
            {
                Heard.Add(line);
                var command = JsonNode.Parse(line)!.AsObject();
                if (_answer((string)command["execute"]!, command["arguments"]!.AsObject()) is not { } text) return;
                if (text.Length > 0) await stream.WriteAsync(Encoding.UTF8.GetBytes(text + "\n"));
            }
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
