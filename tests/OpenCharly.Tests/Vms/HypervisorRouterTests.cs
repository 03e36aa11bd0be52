using OpenCharly.Foundation;
using OpenCharly.Vms;

namespace OpenCharly.Tests.Vms;

public sealed class HypervisorRouterTests
{
    [Theory]
    [InlineData("qemu", null, "noop", "qemu")]
    [InlineData("auto", "noop", null, "noop")]
    [InlineData("auto", null, "noop", "noop")]
    [InlineData("noop", "qemu", "qemu", "noop")]
    [InlineData("auto", "qemu", "noop", "qemu")]
    public void The_entity_beats_the_variable_and_that_the_first_choice(string wish, string? variable, string? pinned, string expected)
    {
        using var host = variable is null ? new Host() : new Host(("CHARLY_VM_BACKEND", variable));
        Assert.Equal(expected, host.Services.Router.Choose(wish, pinned, "web").Backend);
    }

    [Fact]
    public void The_setting_counts_last_before_the_first_choice()
    {
        using var host = new Host();
        AtomicFile.Write(host.Paths.SettingsFile, "vm:\n  backend: noop\n");
        Assert.Equal("noop", host.Services.Router.Choose("auto", null, "web").Backend);
        Assert.Equal("qemu", host.Services.Router.Choose("qemu", null, "web").Backend);
    }

    [Fact]
    public void Libvirt_that_is_not_there_names_what_was_probed()
    {
        using var host = new Host();
        var error = Assert.Throws<CharlyException>(() => host.Services.Router.Choose("libvirt", null, "web"));
        Assert.Equal(Errors.BackendMissing, error.Code);
        Assert.Contains(host.At("run", "libvirt", "virtqemud-sock") + " (absent)", error.Message, StringComparison.Ordinal);
        Assert.Contains(host.At("run", "libvirt", "libvirt-sock") + " (absent)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_backend_is_an_error()
    {
        using var host = new Host();
        Assert.Equal(Errors.Usage, Assert.Throws<CharlyException>(() => host.Services.Router.Choose("xen", null, "web")).Code);
        var handle = new VmHandle { Id = "xen-1", Name = "charly-web", Backend = "xen", WorkDir = "/w" };
        Assert.Equal(Errors.BackendMissing, Assert.Throws<CharlyException>(() => host.Services.Router.For(handle)).Code);
    }
}
