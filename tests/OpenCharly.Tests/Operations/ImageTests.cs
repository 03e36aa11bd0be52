using OpenCharly.Foundation;
using OpenCharly.Operations;

namespace OpenCharly.Tests.Operations;

/// <summary>The images that VMFile machines are made of.</summary>
public sealed class ImageTests : IDisposable
{
    private readonly VmFileLab _lab = new();

    public ImageTests()
    {
        Directory.CreateDirectory(Path.Combine(_lab.Vmctl, "images"));
        File.WriteAllText(Cached("base.img"), "image");
        File.WriteAllText(Cached("base.img.url"), "https://images.example.org/base.img\n");
        File.WriteAllText(Cached("half.img.part"), "ima");
    }

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void Images_are_listed_without_what_lies_beside_them()
    {
        var image = Assert.Single(new GetImages(_lab.Context).Run());
        Assert.Equal(("base.img", 5L, "https://images.example.org/base.img", null), (image.Name, image.Size, image.Url, image.Format));
    }

    [Fact]
    public async Task An_image_is_looked_into_by_name_or_by_path()
    {
        Assert.Equal("qcow2", (await new GetImages(_lab.Context).InspectAsync("base.img")).Format);
        Assert.Equal(_lab.At("base.qcow2"), (await new GetImages(_lab.Context).InspectAsync("base.qcow2")).Path);
        Assert.Equal(Errors.ImageNotFound, (await Assert.ThrowsAsync<CharlyException>(() => new GetImages(_lab.Context).InspectAsync("none"))).Code);
    }

    [Fact]
    public async Task An_image_in_the_cache_is_used_without_asking_the_network()
    {
        _lab.Write("vm web { image-url \"https://images.example.org/base.img\" }");
        var vm = Assert.Single(await new StartVmFile(_lab.Context).RunAsync(new VmFileRequest()));
        Assert.Contains($"-b {Cached("base.img")}", File.ReadAllText(vm.Disk!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_is_not_removed_while_a_disk_stands_on_it()
    {
        _lab.Write("vm web { image-url \"https://images.example.org/base.img\" }");
        await new StartVmFile(_lab.Context).RunAsync(new VmFileRequest());
        var error = await Assert.ThrowsAsync<CharlyException>(() => new RemoveImage(_lab.Context).RunAsync("base.img"));
        Assert.Equal(Errors.VmState, error.Code);
        Assert.Contains("machine web stands on the image base.img", error.Message, StringComparison.Ordinal);
        await new StopVmFile(_lab.Context).RunAsync(new VmFileRequest { Destroy = true });
        Assert.True(File.Exists(Cached("base.img")));
        await new RemoveImage(_lab.Context).RunAsync("base.img");
        Assert.False(File.Exists(Cached("base.img")) || File.Exists(Cached("base.img.url")));
        Assert.Equal(Errors.ImageNotFound, (await Assert.ThrowsAsync<CharlyException>(() => new RemoveImage(_lab.Context).RunAsync("base.img"))).Code);
    }

    [Fact]
    public async Task A_disk_stands_on_an_image_also_by_way_of_a_snapshot()
    {
        _lab.Write("vm web { image-url \"https://images.example.org/base.img\" }");
        var vm = Assert.Single(await new StartVmFile(_lab.Context).RunAsync(new VmFileRequest()));
        File.Move(vm.Disk!, _lab.At("snapshot.qcow2"));
        File.WriteAllText(vm.Disk!, $"create -b {_lab.At("snapshot.qcow2")} x");
        Assert.Equal(Errors.VmState, (await Assert.ThrowsAsync<CharlyException>(() => new RemoveImage(_lab.Context).RunAsync("base.img"))).Code);
        File.Delete(_lab.At("snapshot.qcow2"));
        await new RemoveImage(_lab.Context).RunAsync("base.img");
    }

    [Fact]
    public async Task A_disk_that_was_built_and_belongs_to_no_machine_yet_stands_on_its_image()
    {
        File.WriteAllText(_lab.At("disk.qcow2"), $"create -b {Cached("base.img")} x");
        await _lab.Services.States.UpdateAsync("vm:web", s => s with { DiskPath = _lab.At("disk.qcow2") });
        var error = await Assert.ThrowsAsync<CharlyException>(() => new RemoveImage(_lab.Context).RunAsync("base.img"));
        Assert.Equal((Errors.VmState, "Destroy the machine first: charly vm destroy vm:web --disk"), (error.Code, error.Help));
        Assert.True(File.Exists(Cached("base.img")));
    }

    [Fact]
    public async Task A_folder_is_no_place_for_a_copy()
    {
        Directory.CreateDirectory(_lab.At("there"));
        Assert.Equal(Errors.FileExists, (await Assert.ThrowsAsync<CharlyException>(() => new ConvertImage(_lab.Context).RunAsync("base.img", "there", "raw"))).Code);
        Assert.DoesNotContain(_lab.Programs.Requests, r => r.Arguments.Contains("convert"));
    }

    [Fact]
    public async Task What_would_be_done_with_images_is_told_and_nothing_is_done()
    {
        Assert.Empty(new PullImage(_lab.Context).Preview("https://images.example.org/base.img"));
        Assert.Equal([$"fetch https://images.example.org/base.img into {Cached("base.img")}"], new PullImage(_lab.Context).Preview("https://images.example.org/base.img", refresh: true));
        Assert.Equal([$"fetch https://images.example.org/new.img.zst into {Cached("new.img")}"], new PullImage(_lab.Context).Preview("https://images.example.org/new.img.zst"));
        Assert.Equal([$"copy {Cached("base.img")} to {_lab.At("copy.raw")}, as raw"], new ConvertImage(_lab.Context).Preview("base.img", "copy.raw", "raw"));
        Assert.Equal(Errors.FileExists, Assert.Throws<CharlyException>(() => new ConvertImage(_lab.Context).Preview("base.img", "base.qcow2")).Code);
        Assert.Equal([$"remove {Cached("base.img")}"], await new RemoveImage(_lab.Context).PreviewAsync("base.img"));
        Assert.True(File.Exists(Cached("base.img")));
        Assert.False(File.Exists(Cached("new.img")) || File.Exists(_lab.At("copy.raw")));
        _lab.Write("vm web { image-url \"https://images.example.org/base.img\" }");
        await new StartVmFile(_lab.Context).RunAsync(new VmFileRequest());
        Assert.Equal(Errors.VmState, (await Assert.ThrowsAsync<CharlyException>(() => new RemoveImage(_lab.Context).PreviewAsync("base.img"))).Code);
    }

    [Fact]
    public async Task A_copy_never_replaces_a_file()
    {
        Assert.Equal(_lab.At("copy.raw"), (await new ConvertImage(_lab.Context).RunAsync("base.img", "copy.raw", "raw")).Path);
        Assert.Equal(Errors.FileExists, (await Assert.ThrowsAsync<CharlyException>(() => new ConvertImage(_lab.Context).RunAsync("base.img", "copy.raw", "raw"))).Code);
        Assert.Equal(Errors.Usage, (await Assert.ThrowsAsync<CharlyException>(() => new ConvertImage(_lab.Context).RunAsync("base.img", "copy.x", "zip"))).Code);
    }

    private string Cached(string name) => Path.Combine(_lab.Vmctl, "images", name);
}
