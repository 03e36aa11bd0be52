using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Vms;

namespace OpenCharly.Tests.Vms;

public sealed class HypervisorRouterTests
{
    private static readonly VmName Web = new("web");

    [Theory]
    [InlineData("qemu", null, "noop", "qemu")]
    [InlineData("auto", "noop", null, "noop")]
    [InlineData("auto", null, "noop", "noop")]
    [InlineData("noop", "qemu", "qemu", "noop")]
    [InlineData("auto", "qemu", "noop", "qemu")]
    public async Task The_entity_beats_the_variable_and_that_the_first_choice(string wish, string? variable, string? pinned, string expected)
    {
        using var host = variable is null ? new Host() : new Host(("CHARLY_VM_BACKEND", variable));
        Assert.Equal(expected, (await ChooseAsync(host, wish, pinned)).Backend);
    }

    [Fact]
    public async Task The_setting_counts_last_before_the_first_choice()
    {
        using var host = new Host();
        AtomicFile.Write(host.Paths.SettingsFile, "vm:\n  backend: noop\n");
        Assert.Equal("noop", (await ChooseAsync(host, "auto", null)).Backend);
        Assert.Equal("qemu", (await ChooseAsync(host, "qemu", null)).Backend);
    }

    [Fact]
    public async Task Libvirt_that_is_not_there_names_what_was_probed()
    {
        using var host = new Host(("PATH", "/nowhere"));
        var error = await Assert.ThrowsAsync<CharlyException>(() => ChooseAsync(host, "libvirt", null));
        Assert.Equal(Errors.BackendMissing, error.Code);
        Assert.Contains(host.At("run", "libvirt", "virtqemud-sock") + " (absent)", error.Message, StringComparison.Ordinal);
        Assert.Contains(host.At("run", "libvirt", "libvirt-sock") + " (absent)", error.Message, StringComparison.Ordinal);
        Assert.Contains("vm.backend", error.Help, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_socket_is_libvirt_and_it_is_taken_before_qemu()
    {
        var host = LibvirtHost();
        using (host.Host)
        {
            Assert.Equal("libvirt", (await host.Router.ChooseAsync(Host.Spec("web"), null, Web)).Backend);
            Assert.Equal("qemu", (await host.Router.ChooseAsync(Host.Spec("web"), "qemu", Web)).Backend);
        }
    }

    [Fact]
    public async Task A_libvirt_that_would_drop_the_ports_is_passed_over_unless_it_is_asked_for()
    {
        var host = LibvirtHost(hasPasst: false);
        using (host.Host)
        {
            Assert.Equal("qemu", (await host.Router.ChooseAsync(Host.Spec("web"), null, Web)).Backend);
            Assert.Contains(host.Host.Notices, n => n.Contains("passt", StringComparison.Ordinal));
            var asked = await host.Router.ChooseAsync(Host.Spec("web") with { Backend = "libvirt" }, null, Web);
            var error = await Assert.ThrowsAsync<CharlyException>(() => asked.CheckAsync(Host.Spec("web"), Web));
            Assert.Equal(Errors.BackendMissing, error.Code);
            Assert.Contains("CHARLY_VM_USER_NETWORK=slirp", error.Help, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_unknown_backend_is_an_error()
    {
        using var host = new Host();
        Assert.Equal(Errors.Usage, (await Assert.ThrowsAsync<CharlyException>(() => ChooseAsync(host, "xen", null))).Code);
        var handle = new VmHandle { Id = "xen-1", Name = "charly-web", Backend = "xen", WorkDir = "/w" };
        Assert.Equal(Errors.BackendMissing, Assert.Throws<CharlyException>(() => host.Services.Router.For(handle)).Code);
    }

    [Fact]
    public async Task A_vnic_is_for_propolis()
    {
        using var host = new Host();
        Assert.Equal("propolis", (await host.Services.Router.ChooseAsync(Host.Spec("lab") with { Network = new VmNetwork { Mode = "vnic", Bridge = "vnic0" } }, null, VmName.VmFile("lab"))).Backend);
    }

    private static Task<IHypervisor> ChooseAsync(Host host, string wish, string? pinned) => host.Services.Router.ChooseAsync(Host.Spec("web") with { Backend = wish }, pinned, Web);

    /// <summary>A machine whose libvirt answers as that of Debian 13 does, or as that of Debian 12.</summary>
    private static (Host Host, HypervisorRouter Router) LibvirtHost(bool hasPasst = true)
    {
        var host = new Host();
        Directory.CreateDirectory(host.At("run", "libvirt"));
        File.WriteAllText(host.At("run", "libvirt", "libvirt-sock"), "");
        var programs = new PlayedPrograms(request => new CommandResult(
            request.Arguments.Contains("domcapabilities")
                ? hasPasst ? "<domainCapabilities><devices><interface supported='yes'><enum name='backendType'><value>default</value><value>passt</value></enum></interface></devices></domainCapabilities>"
                    : "<domainCapabilities><devices/></domainCapabilities>"
                : request.Arguments.Contains("version") ? "Compiled against library: libvirt 9.0.0\nUsing library: libvirt 9.0.0\nUsing API: QEMU 9.0.0\n" : "",
            "",
            0,
            TimeSpan.Zero));
        return (host, new HypervisorRouter(host.Environment, host.Paths, programs, host));
    }
}
