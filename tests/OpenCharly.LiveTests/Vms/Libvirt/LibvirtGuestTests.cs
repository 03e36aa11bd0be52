using System.Diagnostics.CodeAnalysis;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Vms;
using OpenCharly.Vms.Libvirt;

namespace OpenCharly.LiveTests.Vms.Libvirt;

/// <summary>Machines of libvirt's own daemon, which the session of an ordinary user wakes; <c>virsh</c> is the witness.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "xunit calls DisposeAsync")]
public sealed class LibvirtGuestTests : IAsyncLifetime
{
    private static readonly VmName Web = new("web");

    private LibvirtUser? _user;
    private VmLab? _lab;

    private VmLab Lab => _lab!;

    public async Task InitializeAsync()
    {
        if (Need.Missing(LibvirtUser.Needs) is not null) return;
        _user = await LibvirtUser.CreateAsync();
        _lab = new VmLab("libvirt", _user.Programs);
        if (Environment.IsPrivilegedProcess) File.SetUnixFileMode(_lab.Folder, (UnixFileMode)0b111_101_101);
        AtomicFile.Write(_lab.Paths.SettingsFile, "vm:\n  user_network: slirp\n");
        var awake = await VirshAsync("list");
        Assert.True(awake.Succeeded, awake.Tail());
    }

    public async Task DisposeAsync()
    {
        if (_lab is null) return;
        foreach (var handle in _lab.Services.Registry.Read().Values) await _lab.DestroyAsync(VmName.Of(handle).Key);
        await _user!.DisposeAsync();
        await _lab.DisposeAsync();
    }

    [LiveFact("virsh", "libvirtd", "qemu-system-x86_64", "qemu-img", "ssh", "ssh-keygen", "setpriv", "useradd", "userdel", "mmdebstrap", "mke2fs", "debugfs", "sfdisk", "grub-mkimage")]
    public async Task A_guest_is_defined_booted_reached_frozen_stopped_and_removed()
    {
        Lab.Declare("web");
        await BuildAsync();
        await UsePasstWhereItIsAsync();
        var state = await Lab.CreateAsync("web", start: true);
        Assert.Equal("libvirt", state.Backend);
        Assert.Equal("running", await StateAsync());
        var vm = await Lab.ShowAsync("web");
        Assert.Equal(VmStatus.Running, vm.Status);
        Assert.True(Need.IsAlive(vm.Pid!.Value));
        Assert.Equal("tester\n", await InGuestAsync("whoami"));
        Assert.Contains("StrictHostKeyChecking yes", await File.ReadAllTextAsync(Lab.Paths.SshConfig), StringComparison.Ordinal);

        // A snapshot of the running guest: it goes on, on an overlay, and what it wrote since is gone after a restore.
        await InGuestAsync("echo before | sudo tee /etc/mark && sync");
        var handle = Lab.Services.Registry.Find("charly-web")!;
        var hypervisor = Lab.Services.Router.For(handle);
        var folder = Path.Combine(Lab.Services.Files(Web).Snapshots, "one");
        AtomicFile.EnsureFolder(folder, isPrivate: true);
        var taken = await hypervisor.SnapshotAsync(handle, new VmSnapshotOrder("one", VmSnapshotMode.External, Memory: false, Quiesce: true, folder));
        Assert.True(File.Exists(taken.DiskPath));
        Assert.False(taken.Quiesced);
        await InGuestAsync("echo after | sudo tee /etc/mark && sync");

        var stopped = await Lab.StopAsync("web", force: false, seconds: 60);
        Assert.Equal(VmStatus.Stopped, stopped.Status);
        Assert.Equal("shut off", await StateAsync());
        Assert.Contains("systemd", await File.ReadAllTextAsync(Lab.Services.Files(Web).ConsoleLog), StringComparison.Ordinal);
        Assert.Equal("after\n", await MarkAsync(state.DiskPath!));

        var snapshot = new VmSnapshot { Vm = "web", Name = "one", Mode = VmSnapshotMode.External, DiskPath = taken.DiskPath, Created = DateTimeOffset.UtcNow };
        await hypervisor.RestoreSnapshotAsync(handle, snapshot);
        Assert.NotEqual("after\n", await MarkAsync(state.DiskPath!));
        await hypervisor.DeleteSnapshotAsync(handle, snapshot, []);
        Assert.False(File.Exists(taken.DiskPath));

        await Lab.DestroyAsync("web", disk: true);
        Assert.Empty((await VirshAsync("list", "--all", "--name")).StandardOutput.Trim());
        Assert.False(File.Exists(state.DiskPath));
        Assert.Empty(Lab.Services.Registry.Read());
    }

    [LiveFact("virsh", "libvirtd", "qemu-system-x86_64", "qemu-img", "ssh", "ssh-keygen", "setpriv", "useradd", "userdel")]
    public async Task A_domain_goes_through_its_states_and_nothing_is_left_of_it()
    {
        var spec = await Lab.DeclareEmptyAsync("web");
        Lab.Declare(spec with
        {
            Network = new VmNetwork { PortForwards = [new PortForward("127.0.0.1", PortAllocator.Allocate(null, new HashSet<int>()), 80, "tcp")] },
            Libvirt = (Yaml.YamlMapping)Yaml.YamlReader.Read(
                """
                devices:
                  graphics: [{type: vnc}]
                  channels: [{type: unix, path: "{{.VmStateDir}}/sockets/agent.sock", name: org.example.0}]
                snippets: ["<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>"]
                """, "charly.yml")[0],
        });
        var state = await Lab.CreateAsync("web");
        Assert.Equal(VmStatus.Prepared, await Lab.StatusAsync("web"));
        Assert.Equal("shut off", await StateAsync());
        Assert.Equal(Errors.VmNameExists, (await Assert.ThrowsAsync<CharlyException>(() => Lab.CreateAsync("web"))).Code);

        // An apply tells when the entity's cloud-init is not what the machine was made with any more.
        var declared = (await Lab.Services.FindSpecAsync("web", default))!;
        Assert.False(await VmSeed.IsStaleAsync(Lab.Context, Web, declared, state, default));
        Assert.True(await VmSeed.IsStaleAsync(Lab.Context, Web, declared with { CloudInit = new VmCloudInit { Timezone = "Europe/Vienna" } }, state, default));

        // The port of our own choice is taken by now.
        using (var taker = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, state.SshPort!.Value))
        {
            taker.Start();
            var started = await Lab.StartAsync("web");
            Assert.NotEqual(state.SshPort, started.Ssh!.Port);
            Assert.Matches("^127\\.0\\.0\\.1:59[0-9]{2}$", started.Vnc);
            Assert.Contains($":{started.Ssh.Port}-:22", (await VirshAsync("dumpxml", "charly-web")).StandardOutput, StringComparison.Ordinal);
        }

        Assert.Contains("<rng model='virtio'>", (await VirshAsync("dumpxml", "charly-web")).StandardOutput, StringComparison.Ordinal);
        Assert.Equal(Errors.VmAlreadyRunning, (await Assert.ThrowsAsync<CharlyException>(() => Lab.StartAsync("web"))).Code);
        var handle = Lab.Services.Registry.Find("charly-web")!;
        Assert.Equal(ConsoleKind.Terminal, Lab.Services.Router.For(handle).Console(handle).Kind);
        await new SuspendVm(Lab.Services).RunAsync("web");
        Assert.Equal("paused", await StateAsync());
        Assert.Equal(VmStatus.Suspended, await Lab.StatusAsync("web"));
        Assert.Equal(Errors.VmState, (await Assert.ThrowsAsync<CharlyException>(() => Lab.StartAsync("web"))).Code);
        await new ResumeVm(Lab.Services).RunAsync("web");
        Assert.Equal("running", await StateAsync());
        await TheConsoleTakesAndGivesBytesAsync();

        Assert.Equal(VmStatus.Stopped, (await Lab.StopAsync("web")).Status);
        Assert.Equal(Errors.VmNotRunning, (await Assert.ThrowsAsync<CharlyException>(() => Lab.StopAsync("web"))).Code);
        await Lab.DestroyAsync("web", disk: true);
        Assert.Empty((await VirshAsync("list", "--all", "--name")).StandardOutput.Trim());
        Assert.Equal(["id_ed25519", "id_ed25519.pub"], Directory.GetFiles(Lab.Services.Files(Web).Folder).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
    }

    [LiveFact("virsh", "libvirtd", "qemu-system-x86_64", "qemu-img", "ssh", "ssh-keygen", "setpriv", "useradd", "userdel")]
    public async Task What_libvirt_refuses_is_told_in_its_words_and_leaves_nothing()
    {
        var spec = await Lab.DeclareEmptyAsync("web");
        var before = Lab.Files().Where(IsOurs).ToArray();
        Lab.Declare(spec with { Libvirt = (Yaml.YamlMapping)Yaml.YamlReader.Read("snippets: [\"<rng model='nonsense'><backend model='random'>/dev/urandom</backend></rng>\"]", "charly.yml")[0] });
        var error = await Assert.ThrowsAsync<CharlyException>(() => Lab.CreateAsync("web"));
        Assert.Equal(Errors.LibvirtFailed, error.Code);
        Assert.Contains("nonsense", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, Lab.Files().Where(IsOurs));
        Assert.Empty(Lab.Services.Registry.Read());

        // A domain of somebody else's is not taken over.
        await File.WriteAllTextAsync(Path.Combine(Lab.Project, "foreign.xml"), "<domain type='qemu'><name>charly-web</name><memory>65536</memory><os><type>hvm</type></os></domain>");
        Assert.True((await VirshAsync("define", Path.Combine(Lab.Project, "foreign.xml"))).Succeeded);
        Lab.Declare(spec);
        Assert.Equal(Errors.VmNameExists, (await Assert.ThrowsAsync<CharlyException>(() => Lab.CreateAsync("web"))).Code);
        Assert.Equal("charly-web", (await VirshAsync("list", "--all", "--name")).StandardOutput.Trim());
        Assert.True((await VirshAsync("undefine", "charly-web")).Succeeded);
    }

    [LiveFact("virsh", "libvirtd", "qemu-system-x86_64", "qemu-img", "ssh", "ssh-keygen", "setpriv", "useradd", "userdel")]
    public async Task A_domain_of_somebody_s_becomes_a_machine_with_the_same_devices()
    {
        var disk = Path.Combine(Lab.Project, "old.qcow2");
        Assert.True((await Lab.Context.Processes.RunAsync(new ProcessRequest("qemu-img", "create", "-q", "-f", "qcow2", disk, "16M"))).Succeeded);
        var definition = Path.Combine(Lab.Project, "old.xml");
        await File.WriteAllTextAsync(definition, Old(disk));
        var defined = await VirshAsync("define", definition);
        Assert.True(defined.Succeeded, defined.Tail());
        var project = Path.Combine(Lab.Project, "charly.yml");
        await File.WriteAllTextAsync(project, "# mine\nversion: 2026.163.0928\n");
        var import = new ImportVm(Lab.Context);
        Assert.Equal(disk, Assert.Single(await import.ListAsync()).Disk);
        await import.RunAsync(new ImportVmRequest { Domain = "old" });
        var replace = new ImportVmRequest { All = true, Update = true, ReplaceLibvirt = true };
        Assert.NotEmpty(Assert.Single(await import.PreviewAsync(replace)).Changes);
        await import.RunAsync(replace);
        Assert.Empty(Assert.Single(await import.PreviewAsync(replace)).Changes);
        Assert.Empty(Assert.Single(await import.ListAsync()).Drift);

        // Its own domain makes room; what is made of the entity has what that one had, as libvirt itself reads it.
        var before = await PartAsync("old");
        Assert.True((await VirshAsync("undefine", "old")).Succeeded);
        var spec = Assert.Single(await new GetVmSpecs(Lab.Context).RunAsync());
        Lab.Declare(spec with { Ssh = spec.Ssh with { KeySource = "none" } });
        var state = await Lab.CreateAsync("old");
        Assert.Equal(disk, state.DiskPath);
        Assert.Equal(before, await PartAsync("charly-old"));
        await Lab.StartAsync("old");
        Assert.Equal(VmStatus.Running, await Lab.StatusAsync("old"));
        await Lab.StopAsync("old");
        await Lab.DestroyAsync("old", disk: true);
        Assert.True(File.Exists(disk));
    }

    private static string Old(string disk) =>
        $"""
        <domain type='qemu'>
          <name>old</name><title>Kept for years</title>
          <memory unit='MiB'>64</memory><vcpu>1</vcpu>
          <os><type arch='x86_64' machine='q35'>hvm</type></os>
          <features><acpi/><apic/><vmport state='off'/></features>
          <cpu mode='custom' match='exact' check='none'><model fallback='allow'>qemu64</model></cpu>
          <clock offset='utc'><timer name='rtc' tickpolicy='catchup'/><timer name='hpet' present='no'/></clock>
          <devices>
            <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='{disk}'/><target dev='vda' bus='virtio'/></disk>
            <disk type='file' device='cdrom'><target dev='sda' bus='sata'/><readonly/></disk>
            <controller type='usb' model='qemu-xhci' ports='15'/>
            <interface type='user'><mac address='52:54:00:00:00:07'/><model type='virtio'/></interface>
            <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
            <graphics type='vnc' autoport='yes'><listen type='address' address='127.0.0.1'/></graphics>
            <video><model type='vga' vram='16384'/></video>
            <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
            <watchdog model='i6300esb' action='reset'/>
          </devices>
        </domain>
        """;

    /// <summary>What a domain of libvirt's has, as an entity says it.</summary>
    private async Task<string> PartAsync(string domain)
    {
        var xml = System.Xml.Linq.XElement.Parse((await VirshAsync("dumpxml", "--inactive", domain)).StandardOutput);
        xml.Element(System.Xml.Linq.XName.Get("commandline", "http://libvirt.org/schemas/domain/qemu/1.0"))?.Remove();
        var spec = new VmSpec { Name = "old", Position = new SourcePosition("charly.yml", 1, 1), ProjectFolder = Lab.Project, Source = new ImportedSource("old", "/", "qcow2") };
        var editor = new Yaml.YamlEditor("", "libvirt");
        editor.Set(["libvirt"], DomainPart.Read(xml, spec, Lab.Services.Files(new VmName("old"))).Part);
        return editor.Text;
    }

    private static bool IsOurs(string path) =>
        (path.StartsWith("config/charly", StringComparison.Ordinal) || path.StartsWith("data/charly", StringComparison.Ordinal) || path.StartsWith("project", StringComparison.Ordinal))
        && !path.EndsWith("vms.json", StringComparison.Ordinal) && !path.EndsWith("charly.yml", StringComparison.Ordinal);

    /// <summary>The base image comes from the tester's own cache; the disk on it is made where the user can read it.</summary>
    private async Task BuildAsync()
    {
        var real = new CharlyContext(Lab.Environment, null, new ProcessRunner(Lab.Environment));
        var built = await new BuildVm(new VmServices(real, (name, _) => Task.FromResult<VmSpec?>(Lab.Services.FindSpecAsync(name, default).Result))).RunAsync(new BuildVmRequest { Name = "web" });
        var copy = Path.Combine(Lab.Project, "base.qcow2");
        File.Copy(built.BaseImage!, copy);
        var images = new OpenCharly.Vms.Images.QemuImg(real.Processes);
        File.Delete(built.Path);
        await images.CreateOverlayAsync(built.Path, copy, "qcow2", new ByteSize(built.VirtualSize));
    }

    private async Task UsePasstWhereItIsAsync()
    {
        var capabilities = await VirshAsync("domcapabilities", "--virttype", "qemu");
        if (LibvirtHost.BackendTypes(capabilities.StandardOutput)?.Contains("passt") == true)
        {
            File.Delete(Lab.Paths.SettingsFile);
            return;
        }

        // Without passt, forwards would be dropped in silence: that is an error, which says the way out that is then taken.
        var settings = await File.ReadAllTextAsync(Lab.Paths.SettingsFile);
        File.Delete(Lab.Paths.SettingsFile);
        var error = await Assert.ThrowsAsync<CharlyException>(() => Lab.CreateAsync("web"));
        Assert.Equal(Errors.BackendMissing, error.Code);
        Assert.Empty(Lab.Services.Registry.Read());
        AtomicFile.Write(Lab.Paths.SettingsFile, settings);
    }

    private async Task TheConsoleTakesAndGivesBytesAsync()
    {
        using var console = await new OpenVmConsole(Lab.Services).RunAsync("web");
        using var typed = new MemoryStream([(byte)'x', VmConsole.Detach]);
        using var shown = new MemoryStream();
        var run = console.RunAsync(typed, shown, endsAtNothing: false);
        Assert.Same(run, await Task.WhenAny(run, Task.Delay(TimeSpan.FromSeconds(10))));
        await run;
    }

    /// <summary>What stands in <c>/etc/mark</c> of a disk that nobody uses.</summary>
    private async Task<string> MarkAsync(string disk)
    {
        var raw = Path.Combine(Lab.Folder, "look.raw");
        var look = $"qemu-img convert -O raw {Shell.Quote(disk)} {Shell.Quote(raw)} && debugfs -R 'cat /etc/mark' {Shell.Quote(raw + "?offset=1048576")}; rm -f {Shell.Quote(raw)}";
        return (await Lab.Context.Processes.RunAsync(new ProcessRequest("bash", "-c", look))).StandardOutput;
    }

    private async Task<string> InGuestAsync(string command)
    {
        var line = new SshCommandLine(Lab.Services.SshAccess.DestinationFor(Web), Lab.Paths);
        var result = await Lab.Context.Processes.RunAsync(new ProcessRequest("ssh", line.Run(command)) { Timeout = TimeSpan.FromMinutes(2) });
        Assert.True(result.Succeeded, $"{command}: {result.Tail()}");
        return result.StandardOutput;
    }

    private async Task<string> StateAsync() => (await VirshAsync("domstate", "charly-web")).StandardOutput.Trim();

    private Task<CommandResult> VirshAsync(params string[] arguments) =>
        Lab.Context.Processes.RunAsync(new ProcessRequest("virsh", ["-q", "-c", "qemu:///session", .. arguments]) { Variables = new Dictionary<string, string?> { ["LC_ALL"] = "C" } });
}
