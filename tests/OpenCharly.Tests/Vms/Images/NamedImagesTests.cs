using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Vms.Images;

namespace OpenCharly.Tests.Vms.Images;

public sealed class NamedImagesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ImageServer _server = new();

    public NamedImagesTests()
    {
        _server.Files["/one/base.qcow2"] = "one"u8.ToArray();
        _server.Files["/two/base.qcow2"] = "two"u8.ToArray();
    }

    private NamedImages Images => new(new HostPaths(TemporaryFolder.Environment(_folder.Path)), new Info(), new Recorder());

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task An_image_is_called_after_its_address_and_fetched_once()
    {
        var image = await Images.EnsureAsync(_server.Url("/one/base.qcow2"));
        Assert.Equal(_folder.File(".local/share/vmctl/images/base.qcow2"), image.Path);
        Assert.Equal(_server.Url("/one/base.qcow2"), File.ReadAllText(image.Path + ".url").Trim());
        await Images.EnsureAsync(_server.Url("/one/base.qcow2"));
        Assert.Single(_server.Requests);
        Assert.Equal(["base.qcow2"], Images.List());
    }

    [Fact]
    public async Task Another_address_with_the_same_last_part_gets_a_name_of_its_own()
    {
        var one = await Images.EnsureAsync(_server.Url("/one/base.qcow2"));
        var two = await Images.EnsureAsync(_server.Url("/two/base.qcow2"));
        Assert.Matches("/base-[0-9a-f]{8}\\.qcow2$", two.Path);
        Assert.Equal("one", File.ReadAllText(one.Path));
        Assert.Equal(two, await Images.EnsureAsync(_server.Url("/two/base.qcow2")));
        Assert.Equal(2, _server.Requests.Count);
    }

    [Fact]
    public async Task An_interrupted_download_does_not_count_as_there()
    {
        Directory.CreateDirectory(Images.Folder);
        File.WriteAllText(Path.Combine(Images.Folder, "base.qcow2.part"), "on");
        Assert.Empty(Images.List());
        Assert.Equal("one", File.ReadAllText((await Images.EnsureAsync(_server.Url("/one/base.qcow2"))).Path));
        Assert.Equal(["2-"], _server.RequestsFor("/one/base.qcow2"));
    }

    [Fact]
    public async Task What_came_of_another_address_is_no_beginning_of_this_one()
    {
        await CutAsync("/one/base.qcow2", "one");
        Assert.Equal("two", File.ReadAllText((await Images.EnsureAsync(_server.Url("/two/base.qcow2"))).Path));
        Assert.Equal(["-"], _server.RequestsFor("/two/base.qcow2"));
        Assert.Equal(["base.qcow2"], Images.List());
        Assert.DoesNotContain(Directory.EnumerateFiles(Images.Folder), f => f.Contains(".part", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_the_server_replaced_meanwhile_is_fetched_from_the_start(bool ignoresCondition)
    {
        _server.Tags["/one/base.qcow2"] = "first";
        _server.IgnoresIfRange = ignoresCondition;
        await CutAsync("/one/base.qcow2", "one");
        (_server.Files["/one/base.qcow2"], _server.Tags["/one/base.qcow2"]) = ("NEW"u8.ToArray(), "second");
        Assert.Equal("NEW", File.ReadAllText((await Images.EnsureAsync(_server.Url("/one/base.qcow2"))).Path));
        Assert.Equal("2-", _server.RequestsFor("/one/base.qcow2")[1]);
    }

    [Fact]
    public async Task What_the_server_kept_is_gone_on_with()
    {
        _server.Tags["/one/base.qcow2"] = "first";
        await CutAsync("/one/base.qcow2", "one");
        Assert.Equal("one", File.ReadAllText((await Images.EnsureAsync(_server.Url("/one/base.qcow2"))).Path));
        Assert.Equal(["-", "2-"], _server.RequestsFor("/one/base.qcow2"));
    }

    [Theory]
    [InlineData("/.lock")]
    [InlineData("/x.part")]
    [InlineData("/x.tmp")]
    [InlineData("/a%0Ab.qcow2")]
    [InlineData("/-rf")]
    public async Task An_address_never_gives_a_name_that_is_hidden_or_leads_elsewhere(string path)
    {
        _server.Files[path] = "one"u8.ToArray();
        var image = await Images.EnsureAsync(_server.Url(path));
        Assert.Equal(Path.Combine(Images.Folder, "image"), image.Path);
        Assert.Equal(["image"], Images.List());
    }

    [Fact]
    public async Task A_file_address_is_copied()
    {
        File.WriteAllText(_folder.File("own.qcow2"), "mine");
        var image = await Images.EnsureAsync("file://" + _folder.File("own.qcow2"));
        Assert.Equal((Path.Combine(Images.Folder, "own.qcow2"), "mine"), (image.Path, File.ReadAllText(image.Path)));
        Assert.Equal(Errors.ImageNotFound, (await Assert.ThrowsAsync<CharlyException>(() => Images.EnsureAsync("file:///nowhere/x.qcow2"))).Code);
        Assert.Equal(["own.qcow2"], Images.List());
    }

    [Fact]
    public async Task A_name_that_is_there_from_another_address_is_used_and_told()
    {
        var told = new Recorder();
        var images = new NamedImages(new HostPaths(TemporaryFolder.Environment(_folder.Path)), new Info(), told);
        await images.EnsureAsync(_server.Url("/one/base.qcow2"), "mine.qcow2");
        await images.EnsureAsync(_server.Url("/one/base.qcow2"), "mine.qcow2");
        Assert.DoesNotContain(told.Events.OfType<NoticeEvent>(), n => n.Text.Contains("another address", StringComparison.Ordinal));
        await images.EnsureAsync(_server.Url("/two/base.qcow2"), "mine.qcow2");
        Assert.Contains(told.Events.OfType<NoticeEvent>(), n => n.Text.StartsWith("mine.qcow2 is there already, and came from another address", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("a\nb")]
    [InlineData("a\\b")]
    [InlineData("-rf")]
    [InlineData("")]
    [InlineData(".hidden")]
    [InlineData("x.part")]
    public async Task A_name_that_leaves_the_folder_or_hides_is_refused(string name)
    {
        Assert.Equal(Errors.BadName, (await Assert.ThrowsAsync<CharlyException>(() => Images.EnsureAsync(_server.Url("/one/base.qcow2"), name))).Code);
        Assert.Equal(Errors.BadName, Assert.Throws<CharlyException>(() => Images.Find(name)).Code);
    }

    [Fact]
    public async Task An_unknown_name_is_told_with_the_nearest_one()
    {
        await Images.EnsureAsync(_server.Url("/one/base.qcow2"), "debian.qcow2");
        var error = Assert.Throws<CharlyException>(() => Images.Find("debain.qcow2"));
        Assert.Equal(Errors.ImageNotFound, error.Code);
        Assert.Contains("debian.qcow2", error.Help, StringComparison.Ordinal);
    }

    // Two bytes of three come, and then the user has had enough.
    private async Task CutAsync(string path, string content)
    {
        Assert.Equal(content, System.Text.Encoding.ASCII.GetString(_server.Files[path]));
        _server.Cuts.Enqueue(2);
        using var stop = new CancellationTokenSource();
        var images = new NamedImages(new HostPaths(TemporaryFolder.Environment(_folder.Path)), new Info(), new Stopper(stop));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => images.EnsureAsync(_server.Url(path), cancellationToken: stop.Token));
        Assert.Equal(content[..2], File.ReadAllText(Path.Combine(Images.Folder, "base.qcow2.part")));
    }

    private sealed class Stopper(CancellationTokenSource stop) : IProgress<CharlyEvent>
    {
        public void Report(CharlyEvent value)
        {
            if (value is NoticeEvent { Text: var text } && text.Contains("trying again", StringComparison.Ordinal)) stop.Cancel();
        }
    }

    private sealed class Info : IProcessRunner
    {
        public string? Find(string program) => "/usr/bin/" + program;

        public Task<CommandResult> RunAsync(ProcessRequest request, CancellationToken cancellationToken = default) =>
            Task.FromResult(new CommandResult("""{"format": "raw", "virtual-size": 512}""", "", 0, TimeSpan.Zero));
    }
}
