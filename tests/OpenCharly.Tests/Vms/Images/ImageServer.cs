using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OpenCharly.Tests.Vms.Images;

/// <summary>A small HTTP server on loopback that can be told to misbehave the way real ones do.</summary>
internal sealed class ImageServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();

    public ImageServer()
    {
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>Content by path.</summary>
    public ConcurrentDictionary<string, byte[]> Files { get; } = new();

    /// <summary>Targets by path.</summary>
    public ConcurrentDictionary<string, string> Redirects { get; } = new();

    /// <summary>Every request: path, a blank, and its Range header or a dash.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>For each answer with content in turn: after how many bytes of its body the connection is cut.</summary>
    public ConcurrentQueue<int> Cuts { get; } = new();

    /// <summary>For each request in turn: a status to answer instead.</summary>
    public ConcurrentQueue<int> Failures { get; } = new();

    /// <summary>Whether Range headers are ignored.</summary>
    public bool IgnoresRanges { get; set; }

    /// <summary>ETags by path, without the quotes; a request whose If-Range names another gets the whole.</summary>
    public ConcurrentDictionary<string, string> Tags { get; } = new();

    /// <summary>Whether If-Range headers are ignored.</summary>
    public bool IgnoresIfRange { get; set; }

    public string Url(string path) => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}{path}";

    public string[] RequestsFor(string path) => [.. Requests.Where(r => r.StartsWith(path + " ", StringComparison.Ordinal)).Select(r => r[(path.Length + 1)..])];

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var own = client;
        try
        {
            var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
            var path = (await reader.ReadLineAsync())!.Split(' ')[1];
            var range = "-";
            string? condition = null;
            while (await reader.ReadLineAsync() is { Length: > 0 } header)
            {
                if (header.StartsWith("If-Range: ", StringComparison.OrdinalIgnoreCase)) condition = header["If-Range: ".Length..];
                if (header.StartsWith("Range: bytes=", StringComparison.OrdinalIgnoreCase)) range = header["Range: bytes=".Length..];
            }

            Requests.Enqueue($"{path} {range}");
            if (condition is not null && !IgnoresIfRange && (!Tags.TryGetValue(path, out var tag) || condition != $"\"{tag}\"")) range = "-";
            await AnswerAsync(stream, path, range);
        }
        catch (IOException)
        {
            // The client went away.
        }
    }

    private async Task AnswerAsync(NetworkStream stream, string path, string range)
    {
        if (Redirects.TryGetValue(path, out var target))
        {
            await HeadAsync(stream, 302, 0, $"Location: {target}");
            return;
        }

        if (!Files.TryGetValue(path, out var content))
        {
            await HeadAsync(stream, 404, 0);
            return;
        }

        if (Failures.TryDequeue(out var status))
        {
            await HeadAsync(stream, status, 0);
            return;
        }

        var start = range == "-" || IgnoresRanges ? 0 : int.Parse(range.TrimEnd('-'), CultureInfo.InvariantCulture);
        if (start >= content.Length && start > 0)
        {
            await HeadAsync(stream, 416, 0);
            return;
        }

        var body = content.AsMemory(start);
        string[] tags = Tags.TryGetValue(path, out var tag) ? [$"ETag: \"{tag}\""] : [];
        if (start == 0) await HeadAsync(stream, 200, body.Length, tags);
        else await HeadAsync(stream, 206, body.Length, [$"Content-Range: bytes {start}-{content.Length - 1}/{content.Length}", .. tags]);
        await stream.WriteAsync(Cuts.TryDequeue(out var cut) ? body[..Math.Min(cut, body.Length)] : body);
    }

    private static async Task HeadAsync(NetworkStream stream, int status, int length, params string[] headers)
    {
        var text = $"HTTP/1.1 {status} Test\r\nContent-Length: {length}\r\nConnection: close\r\n{string.Concat(headers.Select(h => h + "\r\n"))}\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(text));
    }
}
