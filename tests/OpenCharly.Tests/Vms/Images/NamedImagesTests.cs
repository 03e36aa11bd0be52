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

    [Theory]
    [InlineData("../x")]
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

    private sealed class Info : IProcessRunner
    {
        public string? Find(string program) => "/usr/bin/" + program;

        public Task<CommandResult> RunAsync(ProcessRequest request, CancellationToken cancellationToken = default) =>
            Task.FromResult(new CommandResult("""{"format": "raw", "virtual-size": 512}""", "", 0, TimeSpan.Zero));
    }
}
