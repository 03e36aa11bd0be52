using System.Diagnostics;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Vms.Bootstrap;
using OpenCharly.Vms.Images;
using Xunit.Abstractions;

namespace OpenCharly.LiveTests.Vms.Images;

/// <summary>Images built from packages of the Debian mirror; they stay in the user's cache, so only the first run builds.</summary>
public sealed class BootstrapImageTests(ITestOutputHelper output)
{
    [NeedsFact("mmdebstrap", "grub-mkimage", "qemu-img")]
    public Task A_trixie_image_is_built_once() => Built("trixie");

    [NeedsFact("mmdebstrap", "grub-mkimage", "qemu-img")]
    public Task A_bookworm_image_is_built_once() => Built("bookworm");

    private async Task Built(string suite)
    {
        var environment = CharlyEnvironment.FromProcess();
        var builder = new BootstrapBuilder(environment, new HostPaths(environment), new ProcessRunner(environment), new Progress<CharlyEvent>());
        var source = new BootstrapSource { Builder = "debootstrap", Distro = "debian", Suite = suite };
        var watch = Stopwatch.StartNew();
        var first = await builder.EnsureAsync(source, refresh: false);
        output.WriteLine($"{suite}: {watch.Elapsed.TotalSeconds:0.0} s, {new ByteSize(new FileInfo(first.Path).Length).ToHuman()}, {first.Path}");

        var again = await builder.EnsureAsync(source, refresh: false);
        Assert.Equal(first, again);
        var info = await new QemuImg(new ProcessRunner(environment)).InfoAsync(first.Path);
        Assert.Equal("qcow2", info.Format);
        Assert.Null(info.BackingFile);
    }
}
