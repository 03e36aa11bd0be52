using System.Security.Cryptography;
using System.Text;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Vms.Images;

namespace OpenCharly.Tests.Vms.Images;

/// <summary>Against a real HTTP server; <c>qemu-img</c> is the one program that is stood in for.</summary>
public sealed class ImageStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ImageServer _server = new();
    private readonly Recorder _events = new();
    private readonly byte[] _content = RandomNumberGenerator.GetBytes(3_000_000);

    public ImageStoreTests() => _server.Files["/a.qcow2"] = _content;

    private string Cache => _folder.File("cache");

    private string Digest => Convert.ToHexStringLower(SHA256.HashData(_content));

    private string Name => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(_server.Url("/a.qcow2"))));

    private string Part => Path.Combine(Cache, Name + ".qcow2.part");

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_download_gets_the_name_of_its_address_and_its_digest_beside_it()
    {
        var image = await EnsureAsync(Digest);
        Assert.Equal(new BaseImage(Path.Combine(Cache, Name + ".qcow2"), "qcow2", Digest), image);
        Assert.Equal(_content, File.ReadAllBytes(image.Path));
        Assert.StartsWith(Digest, File.ReadAllText(image.Path + ".sha256"), StringComparison.Ordinal);
        Assert.False(File.Exists(Part));
    }

    [Fact]
    public async Task A_second_time_nothing_is_downloaded()
    {
        await EnsureAsync(Digest);
        await EnsureAsync(Digest);
        Assert.Single(_server.RequestsFor("/a.qcow2"));
    }

    [Fact]
    public async Task Progress_is_told_at_least_at_every_twentieth_and_ends_complete()
    {
        await EnsureAsync(Digest);
        var told = _events.Events.OfType<ProgressEvent>().Where(e => e.Unit == "bytes").ToArray();
        Assert.All(told.Zip(told.Skip(1)), pair => Assert.True(pair.Second.Done - pair.First.Done <= (_content.Length / 20) + (1 << 17)));
        Assert.True(told[^1] is { IsCompleted: true } last && last.Done == _content.Length && last.Total == _content.Length);
    }

    [Fact]
    public async Task A_part_is_resumed_where_it_ends()
    {
        Directory.CreateDirectory(Cache);
        File.WriteAllBytes(Part, _content[..1_000_000]);
        await EnsureAsync(Digest);
        Assert.Equal(["1000000-"], _server.RequestsFor("/a.qcow2"));
    }

    [Fact]
    public async Task A_server_without_ranges_sends_it_all_again()
    {
        Directory.CreateDirectory(Cache);
        File.WriteAllBytes(Part, _content[..1_000_000]);
        _server.IgnoresRanges = true;
        Assert.Equal(_content, File.ReadAllBytes((await EnsureAsync(Digest)).Path));
    }

    [Fact]
    public async Task A_part_that_is_no_beginning_of_the_file_is_dropped()
    {
        Directory.CreateDirectory(Cache);
        File.WriteAllBytes(Part, new byte[_content.Length + 1]);
        Assert.Equal(_content, File.ReadAllBytes((await EnsureAsync(Digest)).Path));
        Assert.Equal([$"{_content.Length + 1}-", "-"], _server.RequestsFor("/a.qcow2"));
    }

    [Fact]
    public async Task A_cut_connection_is_resumed_in_the_same_run()
    {
        _server.Cuts.Enqueue(700_000);
        _server.Cuts.Enqueue(500_000);
        Assert.Equal(_content, File.ReadAllBytes((await EnsureAsync(Digest)).Path));
        Assert.Equal(["-", "700000-", "1200000-"], _server.RequestsFor("/a.qcow2"));
    }

    [Fact]
    public async Task A_server_that_is_busy_is_asked_again()
    {
        _server.Failures.Enqueue(503);
        Assert.Equal(Digest, (await EnsureAsync(Digest)).Sha256);
    }

    [Fact]
    public async Task A_connection_that_is_always_cut_leaves_only_a_part_and_its_note_and_the_next_run_resumes()
    {
        for (var i = 0; i < 6; i++) _server.Cuts.Enqueue(100_000);
        var error = await Assert.ThrowsAsync<CharlyException>(() => EnsureAsync(Digest));
        Assert.Equal(Errors.ImageDownload, error.Code);
        Assert.Equal([Part, Part + ".url"], Directory.GetFiles(Cache).Where(f => !f.Contains(".lock", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal(600_000, new FileInfo(Part).Length);
        Assert.Equal(_content, File.ReadAllBytes((await EnsureAsync(Digest)).Path));
    }

    [Fact]
    public async Task A_cancelled_download_leaves_only_its_part_and_the_note_of_it()
    {
        using var stop = new CancellationTokenSource();
        var progress = new CallbackProgress(e =>
        {
            if (e is ProgressEvent { Done: > 1_000_000 }) stop.Cancel();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store(progress).EnsureAsync(Source(Digest), refresh: false, stop.Token));
        Assert.Equal([Part, Part + ".url"], Directory.GetFiles(Cache).Where(f => !f.Contains(".lock", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_wrong_digest_deletes_the_part_and_leaves_nothing_in_the_cache()
    {
        var error = await Assert.ThrowsAsync<CharlyException>(() => EnsureAsync(new string('a', 64)));
        Assert.Equal(Errors.ImageChecksum, error.Code);
        Assert.Contains(Digest, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.GetFiles(Cache), f => !f.Contains(".lock", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(".SHA256")]
    [InlineData(".sha256")]
    [InlineData(".sha256sum")]
    public async Task A_digest_beside_the_image_is_used(string suffix)
    {
        _server.Files["/a.qcow2" + suffix] = Encoding.ASCII.GetBytes($"{new string('b', 64)}  other\n{Digest} *a.qcow2\n");
        await EnsureAsync(null);
        Assert.DoesNotContain(_events.Events, e => e is NoticeEvent { Level: NoticeLevel.Warning });
        _server.Files["/a.qcow2" + suffix] = Encoding.ASCII.GetBytes(new string('b', 64));
        Assert.Equal(Errors.ImageChecksum, (await Assert.ThrowsAsync<CharlyException>(() => EnsureAsync(null))).Code);
    }

    [Fact]
    public async Task Without_any_digest_the_user_is_warned_and_the_cache_is_used()
    {
        await EnsureAsync(null);
        Assert.Contains(_events.Events, e => e is NoticeEvent { Level: NoticeLevel.Warning } notice && notice.Text.Contains("no checksum", StringComparison.Ordinal));
        await EnsureAsync(null);
        Assert.Single(_server.RequestsFor("/a.qcow2"));
    }

    [Fact]
    public async Task A_refresh_never_replaces_an_image_that_disks_may_stand_on()
    {
        var old = await EnsureAsync(null);
        var same = await Store().EnsureAsync(Source(null), refresh: true);
        Assert.Equal(old, same);

        _server.Files["/a.qcow2"] = "new"u8.ToArray();
        var renewed = await Store().EnsureAsync(Source(null), refresh: true);
        Assert.NotEqual(old.Path, renewed.Path);
        Assert.Equal(_content, File.ReadAllBytes(old.Path));
        Assert.Equal("new", File.ReadAllText(renewed.Path));
        Assert.Equal(renewed, await EnsureAsync(null));
    }

    [Fact]
    public async Task Redirects_are_followed()
    {
        _server.Redirects["/latest.qcow2"] = "/a.qcow2";
        var image = await Store().EnsureAsync(new CloudImageSource { Url = _server.Url("/latest.qcow2"), Sha256 = Digest, Cache = Cache }, refresh: false);
        Assert.Equal(_content, File.ReadAllBytes(image.Path));
    }

    [Fact]
    public async Task A_missing_file_is_told_at_once_with_its_address_but_not_its_query()
    {
        var error = await Assert.ThrowsAsync<CharlyException>(
            () => Store().EnsureAsync(new CloudImageSource { Url = _server.Url("/none.qcow2?token=secret"), Cache = Cache }, refresh: false));
        Assert.Equal(Errors.ImageDownload, error.Code);
        Assert.Contains("/none.qcow2", error.Message, StringComparison.Ordinal);
        Assert.Contains("404", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_at_once_download_once()
    {
        var images = await Task.WhenAll(EnsureAsync(Digest), EnsureAsync(Digest));
        Assert.Equal(images[0], images[1]);
        Assert.Single(_server.RequestsFor("/a.qcow2"));
    }

    [Fact]
    public async Task A_compressed_image_is_verified_as_it_came_and_stored_as_it_is()
    {
        _server.Files["/b.qcow2.zst"] = Encoding.ASCII.GetBytes("packed");
        var digest = Convert.ToHexStringLower(SHA256.HashData("packed"u8));
        var image = await Store().EnsureAsync(new CloudImageSource { Url = _server.Url("/b.qcow2.zst"), Sha256 = digest, Cache = Cache }, refresh: false);
        Assert.Equal("unpacked", File.ReadAllText(image.Path));
        Assert.Equal(digest, image.Sha256);
        Assert.DoesNotContain(Directory.GetFiles(Cache), f => f.EndsWith(".tmp", StringComparison.Ordinal) || f.EndsWith(".part", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_zstd_a_compressed_image_is_not_even_downloaded()
    {
        _server.Files["/b.qcow2.zst"] = "packed"u8.ToArray();
        var store = new ImageStore(Environment(), new HostPaths(Environment()), new FakePrograms("qemu-img"), _events);
        var error = await Assert.ThrowsAsync<CharlyException>(() => store.EnsureAsync(new CloudImageSource { Url = _server.Url("/b.qcow2.zst"), Cache = Cache }, refresh: false));
        Assert.Equal(Errors.ToolMissing, error.Code);
        Assert.Empty(_server.RequestsFor("/b.qcow2.zst"));
    }

    [Fact]
    public async Task A_path_and_a_file_address_are_used_in_place()
    {
        var file = _folder.File("own image.qcow2");
        File.WriteAllBytes(file, _content);
        Assert.Equal(new BaseImage(file, "qcow2", null), await Store().EnsureAsync(new CloudImageSource { Path = "own image.qcow2" }, refresh: false));
        var byUrl = await Store().EnsureAsync(new CloudImageSource { Url = new Uri(file).AbsoluteUri, Sha256 = Digest }, refresh: false);
        Assert.Equal(new BaseImage(file, "qcow2", Digest), byUrl);
        Assert.False(Directory.Exists(Cache));
        var error = await Assert.ThrowsAsync<CharlyException>(() => Store().EnsureAsync(new CloudImageSource { Path = "none.qcow2" }, refresh: false));
        Assert.Equal(Errors.ImageNotFound, error.Code);
    }

    private CharlyEnvironment Environment() => TemporaryFolder.Environment(_folder.Path);

    private CloudImageSource Source(string? digest) => new() { Url = _server.Url("/a.qcow2"), Sha256 = digest, Cache = Cache };

    private ImageStore Store(IProgress<CharlyEvent>? progress = null) =>
        new(Environment(), new HostPaths(Environment()), new FakePrograms("qemu-img", "zstd"), progress ?? _events) { RetryDelay = TimeSpan.FromMilliseconds(1) };

    private Task<BaseImage> EnsureAsync(string? digest) => Store().EnsureAsync(Source(digest), refresh: false);

    private sealed class CallbackProgress(Action<CharlyEvent> callback) : IProgress<CharlyEvent>
    {
        public void Report(CharlyEvent value) => callback(value);
    }

    private sealed class FakePrograms(params string[] programs) : IProcessRunner
    {
        public string? Find(string program) => programs.Contains(program) ? "/usr/bin/" + program : null;

        public Task<CommandResult> RunAsync(ProcessRequest request, CancellationToken cancellationToken = default)
        {
            if (request.Program == "zstd") File.WriteAllText(request.Arguments[^2], "unpacked");
            return Task.FromResult(new CommandResult("""{"format": "qcow2", "virtual-size": 1048576, "actual-size": 4096}""", "", 0, TimeSpan.Zero));
        }
    }
}
