using System.Net;
using System.Net.Sockets;

namespace OpenCharly.LiveTests.Support;

/// <summary>
/// A loopback port that passes bytes on to another one, and drops all connections after a chosen number of them: a
/// network that goes away in the middle.
/// </summary>
public sealed class TcpRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<TcpClient> _clients = [];
    private readonly Func<int> _to;
    private readonly Task _serving;
    private long _left = long.MaxValue;
    private long _passed;

    /// <summary>Starts it.</summary>
    /// <param name="to">The port behind it, asked anew for each connection.</param>
    public TcpRelay(Func<int> to)
    {
        _to = to;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _serving = Task.Run(ServeAsync);
    }

    /// <summary>Its port.</summary>
    public int Port { get; }

    /// <summary>Bytes that passed since <see cref="Reset"/>, in both directions.</summary>
    public long Passed => Interlocked.Read(ref _passed);

    /// <summary>Whether connections were dropped since <see cref="Reset"/>.</summary>
    public bool WasCut { get; private set; }

    /// <summary>Lets everything through again, or only so many bytes.</summary>
    public void Reset(long bytes = long.MaxValue)
    {
        WasCut = false;
        Interlocked.Exchange(ref _passed, 0);
        Interlocked.Exchange(ref _left, bytes);
    }

    /// <summary>Drops all connections, and lets none in until <see cref="Reset"/>.</summary>
    public void Cut()
    {
        WasCut = true;
        Drop();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        Drop();
        await _serving;
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                if (WasCut)
                {
                    client.Dispose();
                    continue;
                }

                var server = new TcpClient();
                lock (_clients) _clients.AddRange([client, server]);
                await server.ConnectAsync(IPAddress.Loopback, _to(), _stop.Token);
                _ = PumpAsync(client, server);
                _ = PumpAsync(server, client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It was stopped, or what is behind it is gone; those who connect see that.
        }
    }

    private async Task PumpAsync(TcpClient from, TcpClient to)
    {
        try
        {
            var block = new byte[512];
            while (await from.GetStream().ReadAsync(block, _stop.Token) is var count and > 0)
            {
                Interlocked.Add(ref _passed, count);
                if (Interlocked.Add(ref _left, -count) < 0)
                {
                    WasCut = true;
                    Drop();
                    return;
                }

                await to.GetStream().WriteAsync(block.AsMemory(0, count), _stop.Token);
            }

            to.Client.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            // The other side went away.
        }
    }

    private void Drop()
    {
        lock (_clients)
        {
            foreach (var client in _clients) client.Dispose();
            _clients.Clear();
        }
    }
}
