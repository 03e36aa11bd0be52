using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Vms.Images;

namespace OpenCharly.Tests.Vms.Images;

/// <summary>Images in registries that misbehave; the real one is tested live.</summary>
public sealed class OciImageTests : IDisposable
{
    private const string ImageType = "application/vnd.cloudnebula.qcow2.layer.v1";

    private readonly TemporaryFolder _folder = new();
    private readonly ImageServer _server = new();
    private readonly Recorder _events = new();
    private readonly byte[] _image = RandomNumberGenerator.GetBytes(500_000);

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("oci://registry.example.org/team/image", "registry.example.org", "team/image", "latest", "registry.example.org_team_image_latest")]
    [InlineData("oci://registry.example.org:5000/image:13.1", "registry.example.org:5000", "image", "13.1", "registry.example.org_5000_image_13.1")]
    [InlineData("oci://[::1]:5000/a/b_c:x", "[::1]:5000", "a/b_c", "x", "[__1]_5000_a_b_c_x")]
    public void A_reference_is_read_and_gives_a_file_name(string url, string host, string repository, string tag, string file)
    {
        var reference = OciReference.Parse(url);
        Assert.Equal((host, repository, tag, file), (reference.Host, reference.Repository, reference.Tag, reference.FileName));
    }

    [Theory]
    [InlineData("oci://host")]
    [InlineData("oci://host/")]
    [InlineData("oci://host/UPPER")]
    [InlineData("oci://host/a b")]
    [InlineData("oci://host/a/../b")]
    [InlineData("oci://host/a@sha256:12")]
    [InlineData("oci://host/a:")]
    [InlineData("oci://me:secret@host/a")]
    public void What_is_no_reference_is_told(string url) => Assert.Equal(Errors.OciPull, Assert.Throws<CharlyException>(() => OciReference.Parse(url)).Code);

    [Fact]
    public void Only_registries_of_this_machine_are_spoken_to_without_encryption()
    {
        foreach (var host in (string[])["localhost", "localhost:5000", "127.0.0.1:5000", "[::1]:5000"]) Assert.Equal("http", OciReference.Parse($"oci://{host}/a").At("x").Scheme);
        foreach (var host in (string[])["registry.example.org", "localhost.example.org", "127.0.0.1.example.org:80", "10.0.0.1"]) Assert.Equal("https", OciReference.Parse($"oci://{host}/a").At("x").Scheme);
    }

    [Fact]
    public async Task A_pull_that_was_cut_goes_on_where_it_ended()
    {
        var blob = Serve("1.0", _image);
        _server.Cuts.Enqueue(int.MaxValue);
        _server.Cuts.Enqueue(200_000);
        var source = Source("1.0");
        var image = await Store().EnsureAsync(source, refresh: false);
        Assert.Equal(_image, File.ReadAllBytes(image.Path));
        Assert.Equal(["-", "200000-"], _server.RequestsFor(blob));
        var done = _events.Events.OfType<ProgressEvent>().Where(e => e.Unit == "bytes").ToArray();
        Assert.True(done.Length > 3);
        Assert.Equal((_image.Length, true), (done[^1].Done, done[^1].IsCompleted));
    }

    [Fact]
    public async Task A_pull_that_was_given_up_goes_on_in_the_next_one()
    {
        var blob = Serve("1.0", _image);
        Directory.CreateDirectory(Images().Folder);
        var name = OciReference.Parse(Url("1.0")).FileName;
        File.WriteAllBytes(Path.Combine(Images().Folder, name + ".part"), _image[..1000]);
        var image = await Images().EnsureAsync(Url("1.0"));
        Assert.Equal(_image, File.ReadAllBytes(image.Path));
        Assert.Equal(["1000-"], _server.RequestsFor(blob));
        Assert.Equal([name], Images().List());
        _server.Requests.Clear();
        await Images().EnsureAsync(Url("1.0"));
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task Bytes_with_another_digest_are_deleted()
    {
        var blob = Serve("1.0", _image);
        _server.Files[blob] = RandomNumberGenerator.GetBytes(1000);
        var error = await Assert.ThrowsAsync<CharlyException>(() => Images().EnsureAsync(Url("1.0")));
        Assert.Equal(Errors.ImageChecksum, error.Code);
        Assert.DoesNotContain(Directory.EnumerateFiles(Images().Folder), f => f.EndsWith(".part", StringComparison.Ordinal) || !f.Contains(".lock", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_manifest_that_is_not_the_one_of_its_digest_is_refused()
    {
        var digest = new string('a', 64);
        Serve("sha256:" + digest, _image);
        var error = await Assert.ThrowsAsync<CharlyException>(() => Images().EnsureAsync($"oci://{Host}/team/image@sha256:{digest}"));
        Assert.Equal(Errors.ImageChecksum, error.Code);
        Assert.Contains(digest, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_list_the_image_for_this_machine_is_taken()
    {
        var wanted = System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64";
        var manifest = Manifest(_image, ImageType);
        Serve("sha256:" + Hex(manifest), _image);
        ServeText("1.0", $$$"""{"manifests": [{"digest": "sha256:{{{new string('b', 64)}}}", "platform": {"architecture": "riscv64"}}, {"digest": "sha256:{{{Hex(manifest)}}}", "platform": {"architecture": "{{{wanted}}}"}}]}""");
        Assert.Equal(_image, File.ReadAllBytes((await Images().EnsureAsync(Url("1.0"))).Path));
        ServeText("2.0", $$$"""{"manifests": [{"digest": "sha256:{{{new string('b', 64)}}}", "platform": {"architecture": "riscv64"}}, {"digest": "sha256:{{{new string('c', 64)}}}", "platform": {"architecture": "s390x"}}]}""");
        await FailsAsync("2.0", wanted);
    }

    [Theory]
    [InlineData("no json", "no JSON")]
    [InlineData("{}", "no layers")]
    [InlineData("""{"layers": []}""", "no layers")]
    [InlineData("""{"layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": "sha256:00"}]}""", "tar+gzip")]
    [InlineData("""{"layers": [{"digest": "sha256:00"}]}""", "(none)")]
    [InlineData("""{"layers": [{"mediaType": "application/octet-stream", "digest": "sha256:../../x"}]}""", "no SHA-256")]
    [InlineData("""{"layers": [{"mediaType": "application/octet-stream"}]}""", "no SHA-256")]
    public async Task A_manifest_without_an_image_is_told(string manifest, string part)
    {
        ServeText("1.0", manifest);
        await FailsAsync("1.0", part);
    }

    [Fact]
    public async Task A_registry_that_is_busy_is_asked_again_and_one_that_has_nothing_is_not()
    {
        Serve("1.0", _image);
        _server.Failures.Enqueue(503);
        await Store().EnsureAsync(Source("1.0"), refresh: false);
        Assert.Equal(2, _server.RequestsFor("/v2/team/image/manifests/1.0").Length);
        await FailsAsync("none", "no such image");
        Assert.Single(_server.RequestsFor("/v2/team/image/manifests/none"));
        Serve("2.0", RandomNumberGenerator.GetBytes(10));
        _server.Files.Keys.Where(k => k.Contains("/blobs/", StringComparison.Ordinal)).ToList().ForEach(k => _server.Files.TryRemove(k, out _));
        await FailsAsync("2.0", "404");
    }

    [Fact]
    public async Task A_registry_that_wants_a_token_gets_it_with_the_account_that_podman_knows()
    {
        using var registry = new TokenRegistry(_image);
        var account = Convert.ToBase64String("ada:s3cret"u8);
        Directory.CreateDirectory(_folder.File(".config/containers"));
        File.WriteAllText(_folder.File(".config/containers/auth.json"), $$$$"""{"auths": {"{{{{registry.Host}}}}": {"auth": "{{{{account}}}}"}, "other.example.org": {"auth": "xxx"}}}""");
        var image = await Images().EnsureAsync($"oci://{registry.Host}/team/image:1.0");
        Assert.Equal(_image, File.ReadAllBytes(image.Path));
        Assert.Equal(
            ["/v2/team/image/manifests/1.0 -", $"/token?service=lab&scope=repository%3Ateam%2Fimage%3Apull Basic {account}", "/v2/team/image/manifests/1.0 Bearer t0ken", $"/v2/team/image/blobs/sha256:{Hex(_image)} Bearer t0ken"],
            registry.Requests);
        Assert.DoesNotContain(_events.Events, e => e.ToString()!.Contains("t0ken", StringComparison.Ordinal) || e.ToString()!.Contains(account, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_registry_that_refuses_is_told_without_secrets()
    {
        using var registry = new TokenRegistry(_image) { Refuses = true };
        File.WriteAllText(_folder.File("auth.json"), $$$$"""{"auths": {"{{{{registry.Host}}}}": {"auth": "c2VjcmV0"}}}""");
        var environment = TemporaryFolder.Environment(_folder.Path, ("REGISTRY_AUTH_FILE", "auth.json"));
        var error = await Assert.ThrowsAsync<CharlyException>(() => new NamedImages(new HostPaths(environment), new Info(), _events, environment: environment).EnsureAsync($"oci://{registry.Host}/team/image:1.0"));
        Assert.Equal(Errors.OciPull, error.Code);
        Assert.DoesNotContain("c2VjcmV0", error.ToString(), StringComparison.Ordinal);
        File.WriteAllText(_folder.File("auth.json"), "{");
        error = await Assert.ThrowsAsync<CharlyException>(() => new NamedImages(new HostPaths(environment), new Info(), _events, environment: environment).EnsureAsync($"oci://{registry.Host}/team/image:1.0"));
        Assert.Contains("auth.json", error.Message, StringComparison.Ordinal);
    }

    private string Host => new Uri(_server.Url("/")).Authority;

    private string Url(string tag) => $"oci://{Host}/team/image:{tag}";

    private CharlyEnvironment Environment => TemporaryFolder.Environment(_folder.Path);

    private CloudImageSource Source(string tag) => new() { Url = Url(tag) };

    private ImageStore Store() => new(Environment, new HostPaths(Environment), new Info(), _events) { RetryDelay = TimeSpan.FromMilliseconds(1) };

    private NamedImages Images() => new(new HostPaths(Environment), new Info(), _events, environment: Environment);

    /// <summary>Serves an image of one layer, and gives the path of its bytes.</summary>
    private string Serve(string tag, byte[] image)
    {
        var blob = $"/v2/team/image/blobs/sha256:{Hex(image)}";
        _server.Files[$"/v2/team/image/manifests/{tag}"] = Manifest(image, ImageType);
        _server.Files[blob] = image;
        return blob;
    }

    private void ServeText(string tag, string manifest) => _server.Files[$"/v2/team/image/manifests/{tag}"] = Encoding.UTF8.GetBytes(manifest);

    private async Task FailsAsync(string tag, string part)
    {
        var error = await Assert.ThrowsAsync<CharlyException>(() => Images().EnsureAsync(Url(tag)));
        Assert.Equal(Errors.OciPull, error.Code);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.Contains("GITHUB_TOKEN", error.Help, StringComparison.Ordinal);
    }

    private static byte[] Manifest(byte[] image, string type) =>
        Encoding.UTF8.GetBytes($$"""{"schemaVersion": 2, "layers": [{"mediaType": "{{type}}", "digest": "sha256:{{Hex(image)}}", "size": {{image.Length}}}]}""");

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private sealed class Info : IProcessRunner
    {
        public string? Find(string program) => "/usr/bin/" + program;

        public Task<CommandResult> RunAsync(ProcessRequest request, CancellationToken cancellationToken = default) =>
            Task.FromResult(new CommandResult("""{"format": "qcow2", "virtual-size": 512}""", "", 0, TimeSpan.Zero));
    }

    /// <summary>A registry that wants a bearer token, and gives one.</summary>
    private sealed class TokenRegistry : IDisposable
    {
        private readonly HttpListener _listener = new();
        private readonly byte[] _image;

        public TokenRegistry(byte[] image)
        {
            _image = image;
            using var probe = new TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            Host = $"127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}";
            probe.Stop();
            _listener.Prefixes.Add($"http://{Host}/");
            _listener.Start();
            _ = ServeAsync();
        }

        public string Host { get; }

        public bool Refuses { get; init; }

        public List<string> Requests { get; } = [];

        public void Dispose() => _listener.Close();

        private async Task ServeAsync()
        {
            try
            {
                while (true) Answer(await _listener.GetContextAsync());
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private void Answer(HttpListenerContext context)
        {
            var authorization = context.Request.Headers["Authorization"] ?? "-";
            Requests.Add($"{context.Request.RawUrl} {authorization}");
            var path = context.Request.Url!.AbsolutePath;
            byte[] body = [];
            if (Refuses && path == "/token") context.Response.StatusCode = 403;
            else if (path == "/token") body = """{"token": "t0ken"}"""u8.ToArray();
            else if (authorization != "Bearer t0ken") Refuse(context);
            else body = path.Contains("/manifests/", StringComparison.Ordinal) ? Manifest(_image, ImageType) : _image;
            context.Response.ContentLength64 = body.Length;
            context.Response.OutputStream.Write(body);
            context.Response.Close();
        }

        private void Refuse(HttpListenerContext context)
        {
            context.Response.StatusCode = 401;
            context.Response.AddHeader("WWW-Authenticate", $"Bearer realm=\"http://{Host}/token\",service=\"lab\",scope=\"repository:team/image:pull\"");
        }
    }
}
