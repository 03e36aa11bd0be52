using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Vms;
using OpenCharly.Vms.Libvirt;

namespace OpenCharly.Tests.Vms.Libvirt;

public sealed class LibvirtWordsTests
{
    [Theory]
    [InlineData("running (booted)", VmStatus.Running)]
    [InlineData("idle", VmStatus.Running)]
    [InlineData("in shutdown (user)", VmStatus.Running)]
    [InlineData("paused (user)", VmStatus.Suspended)]
    [InlineData("pmsuspended", VmStatus.Suspended)]
    [InlineData("shut off (shutdown)", VmStatus.Stopped)]
    [InlineData("shut off (crashed)", VmStatus.Failed)]
    [InlineData("crashed (panicked)", VmStatus.Failed)]
    public void A_state_of_libvirt_is_one_of_ours(string text, VmStatus expected) => Assert.Equal(expected, LibvirtHypervisor.Parse(text + "\n\n"));

    [Theory]
    [InlineData("qemu:///session", null)]
    [InlineData("qemu+ssh://ada@host.example.org:2022/session", "host.example.org")]
    [InlineData("qemu+ssh://host/session", "host")]
    public void Sessions_here_and_behind_ssh_are_addresses(string text, string? host) => Assert.Equal(host, LibvirtUri.Parse(text).Host);

    [Theory]
    [InlineData("qemu:///system")]
    [InlineData("qemu+ssh://host/system")]
    [InlineData("qemu+ssh://-oProxyCommand=x/session")]
    [InlineData("qemu+tcp://host/session")]
    [InlineData("test:///default")]
    public void Anything_else_is_refused(string text) => Assert.Equal(Errors.Usage, Assert.Throws<CharlyException>(() => LibvirtUri.Parse(text)).Code);

    [Fact]
    public void An_address_is_found_by_its_card()
    {
        const string table = """
             Name       MAC address          Protocol     Address
            -------------------------------------------------------------------------------
             vnet0      52:54:00:00:00:01    ipv6         fe80::1/64
             vnet0      52:54:00:00:00:02    ipv4         192.0.2.2/24
             vnet0      52:54:00:AA:00:01    ipv4         192.0.2.1/24
            """;
        Assert.Equal("192.0.2.1", LibvirtHypervisor.Address(table, "52:54:00:aa:00:01"));
        Assert.Null(LibvirtHypervisor.Address(table, "52:54:00:00:00:01"));
    }

    [Fact]
    public void The_unit_starts_the_domain_and_does_not_mind_that_it_runs()
    {
        var unit = LibvirtAutostart.Unit(new VmName("web"), "/usr/bin/virsh");
        Assert.Contains("ExecStart=-/usr/bin/virsh -c qemu:///session start charly-web\n", unit, StringComparison.Ordinal);
        Assert.Contains("Type=oneshot\nRemainAfterExit=yes\n", unit, StringComparison.Ordinal);
        Assert.Contains("After=default.target\n", unit, StringComparison.Ordinal);
        Assert.Contains("WantedBy=default.target\n", unit, StringComparison.Ordinal);
    }

    [Fact]
    public void Devices_of_an_instance_are_checked_as_those_of_an_entity_and_all_else_is_nobodys()
    {
        using var host = new Host();
        var file = host.At("instance.yml");
        Assert.Empty(InstanceDevices.Read(file).HostDevices);
        File.WriteAllText(file, "disposable: true\nlibvirt:\n  cpu: {mode: nonsense}\n  devices:\n    sound: what\n    filesystems: [{source: /a, target: b}]\n    hostdevs: [{type: usb, source: {vendor: '0x1', product: '0x2'}}]\n");
        var own = InstanceDevices.Read(file);
        Assert.Single(own.HostDevices);
        Assert.Single(own.FileSystems);
        File.WriteAllText(file, "libvirt: {devices: {hostdevs: [{type: pci}]}}\n");
        Assert.ThrowsAny<CharlyException>(() => InstanceDevices.Read(file));
        File.WriteAllText(file, "libvirt: {devices: [\n");
        Assert.ThrowsAny<CharlyException>(() => InstanceDevices.Read(file));
    }

    [Fact]
    public async Task A_refusal_of_libvirts_is_quoted_and_a_silent_one_is_not_available()
    {
        using var host = new Host();
        CommandResult answer = new("", "error: Failed to define domain from x\nerror: XML error: no\n", 1, TimeSpan.Zero);
        var virsh = new Virsh(host.Environment, new VmSettings(host.Environment, host.Paths), new PlayedPrograms(_ => answer));
        var refused = await Assert.ThrowsAsync<CharlyException>(() => virsh.MustAsync(new VmName("web"), "define", ["define", "x"], default));
        Assert.Equal(Errors.LibvirtFailed, refused.Code);
        Assert.Contains("could not define machine web: Failed to define domain from x; XML error: no", refused.Message, StringComparison.Ordinal);
        answer = new("", "error: failed to connect to the hypervisor\nerror: Failed to connect socket\n", 1, TimeSpan.Zero);
        Assert.Equal(Errors.BackendMissing, (await Assert.ThrowsAsync<CharlyException>(() => virsh.MustAsync(new VmName("web"), "start", ["start", "x"], default))).Code);
    }

    [Fact]
    public void The_sockets_that_libvirt_is_to_bind_get_private_folders()
    {
        using var host = new Host();
        var path = host.At("deep", "down", "agent.sock");
        var input = DomainCases.Input($"devices: {{channels: [{{type: unix, path: {path}, name: org.example.0}}]}}");
        LibvirtDomainFile.Of(DomainXml.Build(input), isSshPortFree: false, Guid.NewGuid()).MakeSocketFolders();
        Assert.Equal(AtomicFile.PrivateFolder, File.GetUnixFileMode(host.At("deep", "down")));
    }
}
