using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace OpenCharly.Vms.Transfer;

/// <summary>
/// Serves one exported image to one guest, as a registry would (OCI distribution, reading only), over a Unix socket that ssh
/// forwards to the guest's loopback address. The repository's name is random, so nobody else in the guest can ask for it.
/// </summary>
internal sealed class LayerServer : IAsyncDisposable
{
    private const int LongestHead = 16 * 1024;

    private readonly ImageExport _image;
    private readonly string _tag;
    private readonly Action<long> _sent;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _stop = new();
    private readonly HashSet<string> _served = new(StringComparer.Ordinal);
    private readonly List<Task> _talks = [];
    private readonly Task _accepting;
    private long _bytes;

    /// <summary>Begins to listen.</summary>
    /// <param name="image">What is served.</param>
    /// <param name="tag">Under which tag.</param>
    /// <param name="socket">Path of the socket; it is made, for its owner alone.</param>
    /// <param name="sent">Called with the bytes sent so far, as they go; calls may overlap.</param>
    public LayerServer(ImageExport image, string tag, string socket, Action<long> sent)
    {
        _image = image;
        _tag = tag;
        _sent = sent;
        SocketPath = socket;
        _listener.Bind(new UnixDomainSocketEndPoint(socket));
        File.SetUnixFileMode(socket, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    /// <summary>The socket.</summary>
    public string SocketPath { get; }

    /// <summary>Name of the repository.</summary>
    public string Repository { get; } = RandomNumberGenerator.GetHexString(32, lowercase: true);

    /// <summary>Bytes of manifest, configuration and layers that went out.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>How many layers went out whole.</summary>
    public int LayersSent
    {
        get
        {
            lock (_served) return _image.Layers.Select(l => l.Digest).Distinct(StringComparer.Ordinal).Count(_served.Contains);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        File.Delete(SocketPath);
        await _accepting.ConfigureAwait(false);
        await Task.WhenAll(_talks).ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var connection = await _listener.AcceptAsync(_stop.Token).ConfigureAwait(false);
                _talks.Add(TalkAsync(connection));
            }
        }
        catch (Exception e) when (_stop.IsCancellationRequested && e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It was stopped.
        }
    }

    private async Task TalkAsync(Socket connection)
    {
        var stream = new NetworkStream(connection, ownsSocket: true);
        await using var _ = stream.ConfigureAwait(false);
        try
        {
            while (await ReadHeadAsync(stream, _stop.Token).ConfigureAwait(false) is { } head && await AnswerAsync(stream, head).ConfigureAwait(false))
            {
                // The next request comes on the same connection.
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
        {
            // The guest went away, or the server was stopped: the guest's own error tells what came of it.
        }
    }

    /// <summary>Answers a request; false if the connection is to be closed.</summary>
    private async Task<bool> AnswerAsync(NetworkStream stream, string head)
    {
        var lines = head.Split("\r\n");
        if (lines[0].Split(' ') is not [var verb, var path, "HTTP/1.1" or "HTTP/1.0"]) return await RefuseAsync(stream, "400 Bad Request").ConfigureAwait(false);
        if (verb is not ("GET" or "HEAD")) return await RefuseAsync(stream, "405 Method Not Allowed").ConfigureAwait(false);
        var hasBody = verb == "GET";
        if (path is "/v2/" or "/v2") return await SendAsync(stream, "200 OK", "application/json", null, "{}"u8.ToArray(), hasBody).ConfigureAwait(false);
        if (path == $"/v2/{Repository}/manifests/{_tag}" || path == $"/v2/{Repository}/manifests/{_image.ManifestDigest}")
        {
            return await SendAsync(stream, "200 OK", _image.MediaType, _image.ManifestDigest, _image.Manifest, hasBody).ConfigureAwait(false);
        }

        var blobs = $"/v2/{Repository}/blobs/";
        if (path.StartsWith(blobs, StringComparison.Ordinal) && _image.FileOf(path[blobs.Length..]) is { } file)
        {
            return await SendFileAsync(stream, path[blobs.Length..], file, RangeBegin(lines), hasBody).ConfigureAwait(false);
        }

        return await SendAsync(stream, "404 Not Found", "application/json", null, "{\"errors\":[{\"code\":\"NAME_UNKNOWN\"}]}"u8.ToArray(), hasBody).ConfigureAwait(false);
    }

    private async Task<bool> SendAsync(NetworkStream stream, string status, string type, string? digest, byte[] body, bool hasBody)
    {
        await WriteHeadAsync(stream, status, type, digest, body.Length, "").ConfigureAwait(false);
        if (!hasBody) return true;
        await stream.WriteAsync(body, _stop.Token).ConfigureAwait(false);
        if (digest is not null) Count(body.Length);
        return true;
    }

    private async Task<bool> SendFileAsync(NetworkStream stream, string digest, string path, long? begin, bool hasBody)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
        await using var _ = file.ConfigureAwait(false);
        var length = file.Length;
        if (begin is { } at && at >= length) return await RefuseAsync(stream, "416 Range Not Satisfiable").ConfigureAwait(false);
        var from = begin ?? 0;
        await WriteHeadAsync(
            stream, begin is null ? "200 OK" : "206 Partial Content", "application/octet-stream", digest, length - from,
            begin is null ? "" : $"Content-Range: bytes {from}-{length - 1}/{length}\r\n").ConfigureAwait(false);
        if (!hasBody) return true;
        file.Position = from;
        var block = new byte[256 * 1024];
        while (await file.ReadAsync(block, _stop.Token).ConfigureAwait(false) is var count and > 0)
        {
            await stream.WriteAsync(block.AsMemory(0, count), _stop.Token).ConfigureAwait(false);
            Count(count);
        }

        lock (_served) _served.Add(digest);
        return true;
    }

    private Task<bool> RefuseAsync(NetworkStream stream, string status) => CloseAfterAsync(WriteHeadAsync(stream, status, "text/plain", null, 0, "Connection: close\r\n"));

    private static async Task<bool> CloseAfterAsync(Task last)
    {
        await last.ConfigureAwait(false);
        return false;
    }

    private async Task WriteHeadAsync(NetworkStream stream, string status, string type, string? digest, long length, string more)
    {
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"HTTP/1.1 {status}\r\nContent-Type: {type}\r\nContent-Length: {length}\r\nDocker-Distribution-API-Version: registry/2.0\r\nAccept-Ranges: bytes\r\n{(digest is null ? "" : $"Docker-Content-Digest: {digest}\r\n")}{more}\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), _stop.Token).ConfigureAwait(false);
    }

    private void Count(int bytes) => _sent(Interlocked.Add(ref _bytes, bytes));

    /// <summary>The head of the next request, without the empty line; null at the end of the connection.</summary>
    private static async Task<string?> ReadHeadAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        // Requests have no bodies and come one after the other, so what follows an empty line is the next request; reading byte
        // by byte keeps it in the socket. Heads are a few hundred bytes.
        var head = new List<byte>(512);
        var one = new byte[1];
        while (head.Count < LongestHead)
        {
            if (await stream.ReadAsync(one, cancellationToken).ConfigureAwait(false) == 0) return null;

            // A client that tries TLS first is told at once that there is none.
            if (head.Count == 0 && !char.IsAsciiLetterUpper((char)one[0])) return "no HTTP";
            head.Add(one[0]);
            if (head is [.., 13, 10, 13, 10]) return Encoding.ASCII.GetString([.. head[..^4]]);
        }

        return "too long";
    }

    private static long? RangeBegin(string[] lines)
    {
        var range = lines.FirstOrDefault(l => l.StartsWith("Range:", StringComparison.OrdinalIgnoreCase))?["Range:".Length..].Trim();
        return range is not null && range.StartsWith("bytes=", StringComparison.Ordinal) && range.EndsWith('-')
            && long.TryParse(range.AsSpan("bytes=".Length, range.Length - "bytes=".Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var begin) ? begin : null;
    }
}
