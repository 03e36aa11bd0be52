using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Operations;
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

    [Theory]
    [InlineData("<domainCapabilities><devices/></domainCapabilities>", "Using library: libvirt 11.3.0\nRunning against daemon: 9.0.0\n", "libvirt 9.0.0 has no passt")]
    [InlineData("<domainCapabilities><devices><interface supported='yes'><enum name='backendType'><value>default</value></enum></interface></devices></domainCapabilities>", "", "passt is not installed")]
    public async Task A_libvirt_that_can_not_forward_ports_says_which_one_can_and_nothing_is_made(string capabilities, string version, string words)
    {
        var (host, _) = LibvirtHost();
        using (host)
        {
            var spec = host.Declare("web", s => s with { Backend = "libvirt" });
            var programs = new PlayedPrograms(r => new CommandResult(r.Arguments.Contains("domcapabilities") ? capabilities : r.Arguments.Contains("version") ? version : "", "", 0, TimeSpan.Zero));
            var services = new VmServices(new CharlyContext(host.Environment, host, programs), (_, _) => Task.FromResult<VmSpec?>(spec));
            var before = Files();
            var error = await Assert.ThrowsAsync<CharlyException>(() => new CreateVm(services).RunAsync(new CreateVmRequest { Name = "web" }));
            Assert.Equal((Errors.BackendMissing, "web", 3), (error.Code, error.Target, error.Position?.Line));
            Assert.Equal($"the backend libvirt can't forward ports to machine web: {words}", error.Message);
            Assert.StartsWith("Install passt and libvirt 9.1 or newer", error.Help, StringComparison.Ordinal);
            Assert.Equal(before, Files());
            Assert.DoesNotContain(programs.Requests, r => r.Arguments.Contains("define"));
        }

        string[] Files() => [.. Directory.EnumerateFiles(host.Folder, "*", SearchOption.AllDirectories).Where(f => !f.Contains("/locks/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
    }

    [Theory]
    [InlineData("Compiled against library: libvirt 9.0.0\nUsing library: libvirt 9.0.0\nUsing API: QEMU 9.0.0\nRunning hypervisor: QEMU 7.2.22\n\nRunning against daemon: 9.0.0\n", "9.0.0")]
    [InlineData("Using library: libvirt 11.3.0\n", "11.3.0")]
    [InlineData("error: failed to connect\n", null)]
    public void The_version_is_the_daemon_s(string printed, string? version) => Assert.Equal(version, OpenCharly.Vms.Libvirt.LibvirtHost.Running(printed)?.ToString());

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
