using System.Globalization;
using System.Net;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Vms;

namespace OpenCharly.LiveTests.Vms;

/// <summary>A disk that is full in the middle of the work: small file systems in memory, mounted where images and disks go.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Reliability", "CA1001", Justification = "xunit calls DisposeAsync")]
public sealed class DiskFullTests : IAsyncLifetime
{
    private readonly VmLab _lab = new();
    private readonly List<string> _mounts = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var mount in _mounts) await RunAsync("umount", mount);
        await _lab.DisposeAsync();
    }

    [LiveFact("root", "mount", "umount", "qemu-img")]
    public async Task A_download_that_fills_the_disk_says_so_and_goes_on_where_it_stopped_once_there_is_room()
    {
        var content = await ImageAsync(Path.Combine(_lab.Folder, "served.qcow2"), 3 << 20);
        using var server = new RangeServer(content);
        var cache = await MountAsync(Path.Combine(_lab.Folder, "cache"), "1M");
        _lab.Declare("web", new CloudImageSource { Url = server.Url, Cache = cache });

        var error = await Assert.ThrowsAsync<CharlyException>(BuildAsync);
        Assert.Equal(Errors.Io, error.Code);
        Assert.Contains("No space left on device", error.Message, StringComparison.Ordinal);
        Assert.Contains("the download goes on where it stopped", error.Help, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_lab.Project, "output")));
        var part = Assert.Single(Directory.GetFiles(cache, "*.part"));
        Assert.InRange(new FileInfo(part).Length, 1, 1 << 20);

        await RunAsync("mount", "-o", "remount,size=64M", cache);
        var have = new FileInfo(part).Length;
        var disk = await BuildAsync();
        Assert.Equal(content.Length, new FileInfo(disk.BaseImage!).Length);
        Assert.Contains($"bytes={have}-", server.Ranges);
        Assert.Empty(Directory.GetFiles(cache, "*.part"));
    }

    [LiveFact("root", "mount", "umount", "qemu-img")]
    public async Task A_disk_that_can_not_be_made_leaves_nothing_and_the_old_one_stays()
    {
        var image = Path.Combine(_lab.Folder, "base.qcow2");
        await ImageAsync(image, 1 << 20);
        _lab.Declare("web", new CloudImageSource { Path = image });
        var output = await MountAsync(Path.Combine(_lab.Project, "output"), "2M");
        var old = await BuildAsync();
        var before = await File.ReadAllBytesAsync(old.Path);
        await FillAsync(output);

        var error = await Assert.ThrowsAsync<CharlyException>(BuildAsync);
        Assert.Equal(Errors.ImageOverlay, error.Code);
        Assert.Contains("No space left on device", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(old.Path));
        Assert.Equal(["disk.qcow2"], Directory.GetFiles(Path.GetDirectoryName(old.Path)!).Select(f => Path.GetFileName(f)));

        // The same for the disk of an instance, within a create: it takes back all that it made, and what is there can be removed.
        error = await Assert.ThrowsAsync<CharlyException>(() => _lab.CreateAsync("web", "blue"));
        Assert.Equal(Errors.ImageOverlay, error.Code);
        Assert.Empty(_lab.Services.Registry.Read());
        Assert.False(Directory.Exists(Path.Combine(output, "qcow2", "web", "blue")));
        await _lab.DestroyAsync("web", disk: true);
        Assert.False(Directory.Exists(Path.Combine(output, "qcow2", "web")));
    }

    private Task<VmDisk> BuildAsync() => new BuildVm(_lab.Services).RunAsync(new BuildVmRequest { Name = "web" });

    /// <summary>An image whose file has a size, since its data can't be compressed.</summary>
    private async Task<byte[]> ImageAsync(string path, int size)
    {
        var raw = path + ".raw";
        var bytes = new byte[size];
        new Random(1).NextBytes(bytes);
        await File.WriteAllBytesAsync(raw, bytes);
        await RunAsync("qemu-img", "convert", "-q", "-f", "raw", "-O", "qcow2", raw, path);
        File.Delete(raw);
        return await File.ReadAllBytesAsync(path);
    }

    private async Task<string> MountAsync(string folder, string size)
    {
        Directory.CreateDirectory(folder);
        await RunAsync("mount", "-t", "tmpfs", "-o", $"size={size}", "charly-test", folder);
        _mounts.Add(folder);
        return folder;
    }

    private static async Task FillAsync(string folder)
    {
        await using var filler = new FileStream(Path.Combine(folder, "filler"), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true) await filler.WriteAsync(new byte[4096]);
        }
        catch (IOException)
        {
            // It is full, which is what was wanted.
        }
    }

    private async Task RunAsync(string program, params string[] arguments)
    {
        var result = await _lab.Context.Processes.RunAsync(new ProcessRequest(program, arguments));
        Assert.True(result.Succeeded, result.Tail());
    }

    /// <summary>Serves one file, or the rest of it from a byte on.</summary>
    private sealed class RangeServer : IDisposable
    {
        private readonly HttpListener _listener = new();
        private readonly byte[] _content;

        public RangeServer(byte[] content)
        {
            _content = content;
            var port = PortAllocator.Allocate(null, new HashSet<int>());
            _listener.Prefixes.Add($"http://127.0.0.1:{port}/");
            _listener.Start();
            Url = $"http://127.0.0.1:{port}/image.qcow2";
            _ = ServeAsync();
        }

        public string Url { get; }

        public System.Collections.Concurrent.ConcurrentQueue<string> Ranges { get; } = new();

        public void Dispose() => _listener.Close();

        private async Task ServeAsync()
        {
            try
            {
                while (true) await AnswerAsync(await _listener.GetContextAsync());
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private async Task AnswerAsync(HttpListenerContext context)
        {
            using var response = context.Response;
            if (!context.Request.Url!.AbsolutePath.EndsWith("/image.qcow2", StringComparison.Ordinal))
            {
                response.StatusCode = 404;
                return;
            }

            var start = 0;
            if (context.Request.Headers["Range"] is { } range)
            {
                Ranges.Enqueue(range);
                start = int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture);
                response.StatusCode = 206;
                response.Headers["Content-Range"] = $"bytes {start}-{_content.Length - 1}/{_content.Length}";
            }

            response.ContentLength64 = _content.Length - start;
            try
            {
                await response.OutputStream.WriteAsync(_content.AsMemory(start));
            }
            catch (HttpListenerException)
            {
                // The other side hung up, having no room for it.
            }
        }
    }
}
