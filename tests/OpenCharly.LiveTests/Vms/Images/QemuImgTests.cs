using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Vms.Images;

namespace OpenCharly.LiveTests.Vms.Images;

public sealed class QemuImgTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("charly-img-").FullName;
    private readonly QemuImg _qemu = new(new ProcessRunner(CharlyEnvironment.FromProcess()));

    private string Base => Path.Combine(_folder, "base.qcow2");

    private string Overlay => Path.Combine(_folder, "vm", "overlay.qcow2");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [NeedsFact("qemu-img")]
    public async Task An_overlay_names_its_base_absolutely_and_has_the_asked_size()
    {
        await _qemu.CreateAsync(Base, "qcow2", new ByteSize(8 << 20));
        await _qemu.CreateOverlayAsync(Overlay, Base, "qcow2", new ByteSize(64 << 20));
        var info = await _qemu.InfoAsync(Overlay);
        Assert.Equal(("qcow2", 64L << 20, Base, "qcow2"), (info.Format, info.VirtualSize, info.BackingFile, info.BackingFormat));
        Assert.Empty(info.Snapshots);
    }

    [NeedsFact("qemu-img")]
    public async Task An_overlay_below_its_base_is_refused_and_not_made()
    {
        await _qemu.CreateAsync(Base, "raw", new ByteSize(8 << 20));
        var error = await Assert.ThrowsAsync<CharlyException>(() => _qemu.CreateOverlayAsync(Overlay, Base, "raw", new ByteSize(4 << 20)));
        Assert.Equal(Errors.ImageOverlay, error.Code);
        Assert.Contains("8M", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Overlay));
    }

    [NeedsFact("qemu-img")]
    public async Task Disks_grow_and_never_shrink()
    {
        await _qemu.CreateAsync(Base, "qcow2", new ByteSize(8 << 20));
        await _qemu.GrowAsync(Base, new ByteSize(16 << 20));
        await _qemu.GrowAsync(Base, new ByteSize(16 << 20));
        Assert.Equal(16L << 20, (await _qemu.InfoAsync(Base)).VirtualSize);
        Assert.Equal(Errors.ImageConversion, (await Assert.ThrowsAsync<CharlyException>(() => _qemu.GrowAsync(Base, new ByteSize(8 << 20)))).Code);
    }

    [NeedsFact("qemu-img")]
    public async Task A_conversion_keeps_the_content_and_leaves_no_other_file()
    {
        var raw = Path.Combine(_folder, "a.raw");
        var content = new byte[1 << 20];
        new Random(1).NextBytes(content);
        await File.WriteAllBytesAsync(raw, content);
        await _qemu.ConvertAsync(raw, Base, "qcow2", compress: true, sourceFormat: "raw");
        await _qemu.ConvertAsync(Base, raw + "2", "raw");
        Assert.Equal(content, await File.ReadAllBytesAsync(raw + "2"));
        Assert.Equal(3, Directory.GetFiles(_folder).Length);
    }

    [NeedsFact("qemu-img", "zstd")]
    public async Task A_local_image_is_recognised_whatever_its_name()
    {
        var environment = CharlyEnvironment.FromProcess(_folder);
        await _qemu.CreateAsync(Path.Combine(_folder, "disk.img"), "qcow2", new ByteSize(8 << 20));
        var store = new ImageStore(environment, new HostPaths(environment), new ProcessRunner(environment), new Progress<CharlyEvent>());
        Assert.Equal("qcow2", (await store.EnsureAsync(new CloudImageSource { Path = "disk.img" }, refresh: false)).Format);
    }
}
