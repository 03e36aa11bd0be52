using System.Diagnostics;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Targets;
using OpenCharly.Tests.Vms;
using OpenCharly.Vms;
using OpenCharly.Vms.Bootstrap;
using OpenCharly.Vms.Libvirt;
using OpenCharly.Vms.Qemu;

namespace OpenCharly.Tests.Operations;

/// <summary>What goes wrong around machines, with the programs played or the process a stand-in: each fault has its code and leaves things as they were.</summary>
public sealed class VmFaultTests : IDisposable
{
    private readonly Host _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task A_bridge_that_is_not_there_is_named_with_the_way_to_make_it()
    {
        var error = await Assert.ThrowsAsync<CharlyException>(() => BridgeTap.UpAsync(new QemuTap("no-such-bridge", null, "ch0123456789"), Played(""), CancellationToken.None));
        Assert.Equal((Errors.TapFailed, "no-such-bridge"), (error.Code, error.Target));
        Assert.Contains("ip link add no-such-bridge type bridge", error.Help, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tap_device_that_may_not_be_made_is_told_in_the_words_of_ip()
    {
        // lo is no bridge, but a device that every machine has: what is tried is refused by the played program.
        var programs = new PlayedPrograms(r => new CommandResult("", "ioctl(TUNSETIFF): Operation not permitted", 1, TimeSpan.Zero));
        var error = await Assert.ThrowsAsync<CharlyException>(() => BridgeTap.UpAsync(new QemuTap("lo", null, "ch0123456789"), programs, CancellationToken.None));
        Assert.Equal(Errors.TapFailed, error.Code);
        Assert.Contains("Operation not permitted", error.Message, StringComparison.Ordinal);
        Assert.Equal(["tuntap", "add", "dev", "ch0123456789", "mode", "tap"], Assert.Single(programs.Requests).Arguments);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData("allow br0\n", true)]
    [InlineData("# all\nallow\tall\n", true)]
    [InlineData("allow all\ndeny br0\n", false)]
    [InlineData("allow br1\n", false)]
    [InlineData("include /etc/qemu/ada.conf\n", true)]
    public void The_bridge_helper_is_used_where_its_rules_let_it(string? rules, bool isUsed)
    {
        var path = _host.At("bridge.conf");
        if (rules is not null) File.WriteAllText(path, rules);
        Assert.Equal(isUsed, BridgeTap.MayJoin("br0", path));
    }

    [Fact]
    public async Task A_guest_on_a_bridge_without_an_address_is_told_of_as_such()
    {
        var context = new CharlyContext(_host.Environment, _host, Played(""));
        var services = new VmServices(context);
        var name = VmName.VmFile("lab");
        var files = services.Files(name);
        Directory.CreateDirectory(files.Folder);
        using var stand = StandIn(files);
        await services.Registry.PutAsync(new VmHandle
        {
            Id = "qemu-1", Name = name.Id, Backend = "qemu", WorkDir = files.Folder, Network = new VmHandleNetwork("Tap", "br0", null), MacAddr = "52:54:00:00:00:01",
        });
        var error = await Assert.ThrowsAsync<CharlyException>(() => new EnterVm(services).RunAsync(new EnterVmRequest { Name = "vmfile:lab" }));
        Assert.Equal(Errors.IpTimeout, error.Code);
        Assert.Contains("machine lab has no address on br0", error.Message, StringComparison.Ordinal);
        Assert.Contains("--console", error.Help, StringComparison.Ordinal);
        stand.Kill();
    }

    [Fact]
    public async Task A_domain_that_libvirt_can_not_end_is_an_error_that_names_its_process()
    {
        _host.Declare("web", Imported);
        var files = _host.Services.Files(new VmName("web"));
        Directory.CreateDirectory(files.Folder);
        File.WriteAllText(files.Domain, "<domain/>");
        var programs = new PlayedPrograms(r => r.Arguments.Contains("destroy")
            ? new CommandResult("", "error: Failed to terminate process 7 with SIGKILL: Device or resource busy", 1, TimeSpan.Zero)
            : new CommandResult("running (booted)\n", "", 0, TimeSpan.Zero));
        var hypervisor = new LibvirtHypervisor(_host.Environment, _host.Paths, programs, _host) { KillLimit = TimeSpan.Zero };
        var handle = new VmHandle { Id = "libvirt-1", Name = "charly-web", Backend = "libvirt", WorkDir = files.Folder };
        var error = await Assert.ThrowsAsync<CharlyException>(() => hypervisor.StopAsync(handle, TimeSpan.Zero, force: true));
        Assert.Equal(Errors.VmStop, error.Code);
        Assert.Contains("Device or resource busy", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_guest_that_does_not_come_back_from_its_reboot_is_told_with_what_was_seen_last()
    {
        var before = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
        var environment = CharlyEnvironment.FromProcess();
        var options = new LinuxTargetOptions { Id = "vm:web", Host = "web", RebootTimeout = TimeSpan.FromMinutes(2), PollInterval = TimeSpan.FromMilliseconds(20), Clock = new LeapingClock(TimeSpan.FromSeconds(45)) };
        await using var session = new TargetSession(new LocalExecutor(environment, new ProcessRunner(environment)), options, _host);
        var error = await Assert.ThrowsAsync<CharlyException>(() => new GuestReboot(session).WaitAsync(before, CancellationToken.None));
        Assert.Equal((Errors.VmReboot, "web"), (error.Code, error.Target));
        Assert.Contains("still the boot from before", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Boot_code_of_an_unexpected_size_ends_a_build()
    {
        var error = Assert.Throws<CharlyException>(() => BootSectors.Write(_host.At("no-disk"), new byte[511], new byte[4096]));
        Assert.Equal(Errors.BootstrapFailed, error.Code);
        Assert.Contains("grub-pc-bin", error.Help, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_snapshot_that_is_a_file_of_its_own_is_not_promoted()
    {
        await CreateAsync();
        Put(new VmSnapshot { Vm = "web", Name = "one", Mode = VmSnapshotMode.External, Created = DateTimeOffset.UnixEpoch, DiskPath = _host.At("one.qcow2") });
        foreach (var attempt in (Func<Task>[])[
            () => new PromoteVmSnapshot(_host.Services).RunAsync(new VmSnapshotRequest("web", "one")),
            () => new PreviewVm(_host.Services).RunAsync(new PreviewVmRequest(VmVerb.Promote, "web", "one"))])
        {
            Assert.Equal(Errors.SnapshotNotInternal, (await Assert.ThrowsAsync<CharlyException>(attempt)).Code);
        }
    }

    [Fact]
    public async Task A_clone_of_a_snapshot_whose_file_is_gone_is_not_built_and_nobody_stands_on_it()
    {
        await CreateAsync();
        Put(new VmSnapshot { Vm = "web", Name = "one", Mode = VmSnapshotMode.External, Created = DateTimeOffset.UnixEpoch, DiskPath = _host.At("gone.qcow2") });
        _host.Declare("two", s => s with { Source = new CloneSource("web", "one", true) });
        var error = await Assert.ThrowsAsync<CharlyException>(() => new BuildVm(_host.Services).RunAsync(new BuildVmRequest { Name = "two" }));
        Assert.Equal(Errors.SnapshotFailed, error.Code);
        Assert.Contains("gone.qcow2", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, Registry().Require("one").Refcount);
    }

    [Theory]
    [InlineData("{\"charly-web\": {\"id\": \"noop-1\", \"na")]
    [InlineData("")]
    [InlineData("[]")]
    public async Task A_registry_that_is_half_written_stops_every_verb_and_stays_as_it_is(string text)
    {
        await CreateAsync();
        var path = Path.Combine(Path.GetDirectoryName(_host.Paths.VmState("charly-web"))!, "vms.json");
        File.WriteAllText(path, text);
        foreach (var verb in (Func<Task>[])[
            () => new GetVms(_host.Services).RunAsync(new VmQuery()),
            () => new StartVm(_host.Services).RunAsync("web"),
            () => new CreateVm(_host.Services).RunAsync(new CreateVmRequest { Name = "web" }),
            () => new DestroyVm(_host.Services).RunAsync(new DestroyVmRequest { Name = "web" })])
        {
            var error = await Assert.ThrowsAsync<CharlyException>(verb);
            Assert.Equal(Errors.RegistryCorrupt, error.Code);
            Assert.Contains("vms.json", error.Message, StringComparison.Ordinal);
            Assert.Equal(text, File.ReadAllText(path));
        }
    }

    [Fact]
    public async Task A_machine_whose_record_was_lost_is_not_made_over_and_destroy_ends_and_removes_it()
    {
        var context = new CharlyContext(_host.Environment, _host, Played(""));
        var files = new VmServices(context).Files(VmName.VmFile("lab"));
        Directory.CreateDirectory(files.Folder);
        File.WriteAllText(files.Overlay, "data");
        using var stand = StandIn(files);
        File.Delete(files.Command);

        var image = _host.At("base.qcow2");
        File.WriteAllText(image, "base");
        var error = await Assert.ThrowsAsync<CharlyException>(() => new CreateVmFromImage(context).RunAsync(new CreateVmFromImageRequest { Name = "lab", Image = image }));
        Assert.Equal(Errors.VmNameExists, error.Code);
        Assert.Contains("charly vm destroy vmfile:lab", error.Help, StringComparison.Ordinal);
        Assert.Equal("data", File.ReadAllText(files.Overlay));
        Assert.False(stand.HasExited);

        await new DestroyVm(context).RunAsync(new DestroyVmRequest { Name = "vmfile:lab" });
        Assert.True(stand.WaitForExit(TimeSpan.FromSeconds(10)));
        Assert.False(Directory.Exists(files.Folder));
        Assert.Equal(Errors.VmNotFound, (await Assert.ThrowsAsync<CharlyException>(() => new DestroyVm(context).RunAsync(new DestroyVmRequest { Name = "vmfile:lab" }))).Code);
    }

    /// <summary>A process that counts as the machine's QEMU, since its command line names the pid file.</summary>
    private static Process StandIn(VmFiles files)
    {
        var process = Process.Start("sh", ["-c", "while :; do sleep 1; done", files.PidFile])!;
        File.WriteAllText(files.PidFile, $"{process.Id}\n");
        File.WriteAllText(files.Command, "{}");
        return process;
    }

    private static PlayedPrograms Played(string output) => new(_ => new CommandResult(output, "", 0, TimeSpan.Zero));

    private SnapshotRegistry Registry() => new(_host.Services.Files(new VmName("web")), "web");

    private void Put(VmSnapshot snapshot)
    {
        Directory.CreateDirectory(_host.Services.Files(new VmName("web")).Snapshots);
        Registry().Put(snapshot);
    }

    private Task CreateAsync()
    {
        _host.Declare("web", Imported);
        return new CreateVm(_host.Services).RunAsync(new CreateVmRequest { Name = "web" });
    }

    // An imported disk needs neither seed nor qemu-img.
    private VmSpec Imported(VmSpec spec)
    {
        File.WriteAllText(_host.At("own.qcow2"), "mine");
        return spec with { Source = new ImportedSource("dom", _host.At("own.qcow2"), "qcow2") };
    }

    // Every look at the clock finds it later by one leap: minutes of waiting pass without being waited for, however slow the machine is.
    private sealed class LeapingClock(TimeSpan leap) : TimeProvider
    {
        private DateTimeOffset _now = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => _now += leap;
    }
}
