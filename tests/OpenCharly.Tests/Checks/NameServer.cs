using System.Net;
using System.Net.Sockets;

namespace OpenCharly.Tests.Checks;

/// <summary>A name server on loopback that knows one name.</summary>
internal sealed class NameServer : IAsyncDisposable
{
    private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _work;

    public NameServer(string name, string v4, string v6) => _work = ServeAsync(name, IPAddress.Parse(v4), IPAddress.Parse(v6));

    public int Port => ((IPEndPoint)_socket.Client.LocalEndPoint!).Port;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _work;
        _socket.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync(string known, IPAddress v4, IPAddress v6)
    {
        try
        {
            while (true)
            {
                var question = await _socket.ReceiveAsync(_stop.Token);
                await _socket.SendAsync(Answer(question.Buffer, known, v4, v6), question.RemoteEndPoint, _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private static byte[] Answer(byte[] question, string known, IPAddress v4, IPAddress v6)
    {
        var at = 12;
        var labels = new List<string>();
        for (; question[at] != 0; at += question[at] + 1) labels.Add(System.Text.Encoding.ASCII.GetString(question, at + 1, question[at]));
        var type = (question[at + 1] << 8) | question[at + 2];
        var isKnown = string.Join('.', labels) == known;
        byte[] address = (type == 28 ? v6 : v4).GetAddressBytes();
        byte[] header = [question[0], question[1], 0x81, (byte)(isKnown ? 0x80 : 0x83), 0, 1, 0, (byte)(isKnown ? 1 : 0), 0, 0, 0, 0];
        byte[] record = [0xC0, 12, 0, (byte)type, 0, 1, 0, 0, 0, 10, 0, (byte)address.Length, .. address];
        return [.. header, .. question[12..(at + 5)], .. isKnown ? record : []];
    }
}
