using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using OpenCharly.Vms.Transfer;

namespace OpenCharly.Tests.Vms.Transfer;

/// <summary>The small registry that serves one image, asked by a real HTTP client over its socket.</summary>
public sealed class LayerServerTests : IAsyncDisposable
{
    private readonly byte[] _base = Bytes(700_000, seed: 1);
    private readonly byte[] _top = Bytes(1000, seed: 2);
    private readonly string _folder = Directory.CreateTempSubdirectory("charly-layers-").FullName;
    private readonly ImageExport _image;
    private readonly LayerServer _server;
    private readonly HttpClient _client;
    private long _told;

    public LayerServerTests()
    {
        _image = ExportFolder.Make(_base, _top);
        _server = new LayerServer(_image, "1", Path.Combine(_folder, "s"), bytes => Interlocked.Exchange(ref _told, bytes));
        _client = new HttpClient(new SocketsHttpHandler { ConnectCallback = async (_, token) => await ConnectAsync(token) }) { BaseAddress = new Uri("http://127.0.0.1:4711/") };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
        _image.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_client_finds_manifest_configuration_and_layers_byte_for_byte()
    {
        Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync("v2/")).StatusCode);
        var manifest = await _client.GetAsync($"v2/{_server.Repository}/manifests/1");
        Assert.Equal(ExportFolder.ManifestType, manifest.Content.Headers.ContentType!.MediaType);
        Assert.Equal(_image.ManifestDigest, manifest.Headers.GetValues("Docker-Content-Digest").Single());
        Assert.Equal(_image.Manifest, await manifest.Content.ReadAsByteArrayAsync());
        Assert.Equal(_image.Manifest, await _client.GetByteArrayAsync($"v2/{_server.Repository}/manifests/{_image.ManifestDigest}"));
        Assert.Equal(_base, await BlobAsync(ExportFolder.Digest(_base)));
        Assert.Equal(_top, await BlobAsync(ExportFolder.Digest(_top)));
        Assert.Equal(_image.Id, ExportFolder.Digest(await BlobAsync("sha256:" + _image.Id))["sha256:".Length..]);
    }

    [Fact]
    public async Task It_counts_the_layers_and_bytes_that_went_out()
    {
        Assert.Equal((0, 0L), (_server.LayersSent, _server.Bytes));
        await BlobAsync(ExportFolder.Digest(_top));
        await BlobAsync(ExportFolder.Digest(_top));
        await _client.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"v2/{_server.Repository}/blobs/{ExportFolder.Digest(_base)}"));
        Assert.Equal((1, 2000L), (_server.LayersSent, _server.Bytes));
        Assert.Equal(2000, Interlocked.Read(ref _told));
    }

    [Fact]
    public async Task A_download_that_was_cut_goes_on_where_it_ended()
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"v2/{_server.Repository}/blobs/{ExportFolder.Digest(_base)}");
        request.Headers.Range = new RangeHeaderValue(600_000, null);
        var answer = await _client.SendAsync(request);
        Assert.Equal(HttpStatusCode.PartialContent, answer.StatusCode);
        Assert.Equal("bytes 600000-699999/700000", answer.Content.Headers.ContentRange!.ToString());
        Assert.Equal(_base[600_000..], await answer.Content.ReadAsByteArrayAsync());
        request = new HttpRequestMessage(HttpMethod.Get, request.RequestUri);
        request.Headers.Range = new RangeHeaderValue(700_000, null);
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, (await _client.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task Nothing_is_served_to_who_does_not_know_the_repository()
    {
        foreach (var path in new[]
        {
            "v2/other/manifests/1", $"v2/other/blobs/{ExportFolder.Digest(_top)}", $"v2/{_server.Repository}/manifests/other", "v2/_catalog",
            $"v2/{_server.Repository}/blobs/manifest.json", $"v2/{_server.Repository}/blobs/sha256:..%2f..%2fetc%2fpasswd", "",
        })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await _client.GetAsync(path)).StatusCode);
        }

        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await _client.PutAsync($"v2/{_server.Repository}/manifests/1", new StringContent("x"))).StatusCode);
        Assert.Equal(0, _server.Bytes);
    }

    [Fact]
    public async Task What_is_no_HTTP_is_refused_at_once()
    {
        foreach (var text in new[] { "\u0016\u0003\u0001\u0002", "GET /v2/ HTTP/1.1\r\n" + new string('x', 20_000) })
        {
            await using var stream = await ConnectAsync(CancellationToken.None);
            await stream.WriteAsync(Encoding.Latin1.GetBytes(text));
            var answer = new byte[15];
            await stream.ReadExactlyAsync(answer);
            Assert.Equal("HTTP/1.1 400 Ba", Encoding.ASCII.GetString(answer));
        }

        Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync("v2/")).StatusCode);
    }

    [Fact]
    public async Task The_socket_is_its_owners_alone_and_goes_with_the_server()
    {
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_server.SocketPath));
        var path = Path.Combine(_folder, "t");
        await using (new LayerServer(_image, "1", path, _ => { })) Assert.True(File.Exists(path));
        Assert.False(File.Exists(path));
    }

    private Task<byte[]> BlobAsync(string digest) => _client.GetByteArrayAsync($"v2/{_server.Repository}/blobs/{digest}");

    private async Task<NetworkStream> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(_server.SocketPath), cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private static byte[] Bytes(int count, int seed)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
