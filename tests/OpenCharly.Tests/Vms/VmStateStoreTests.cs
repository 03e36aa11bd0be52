using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Vms;

namespace OpenCharly.Tests.Vms;

public sealed class VmStateStoreTests : IDisposable
{
    private readonly Host _host = new();

    private VmStateStore Store => new(_host.Paths);

    [Fact]
    public async Task A_new_file_has_its_version_and_exactly_this()
    {
        await Store.UpdateAsync(
            "vm:web",
            s => s with
            {
                InstanceId = "0f", DiskPath = "/d", SeedIso = "", NvramPath = "", SshPort = 2222, SshUser = "charly", Backend = "qemu",
                KeyInjectionSmbios = true, KeyInjectionCloudInit = false, LastBuild = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)),
            },
            Host.Spec("web"));
        Assert.Equal(
            """
            deploy:
              "vm:web":
                target: vm
                vm: web
                vm_source:
                  kind: bootstrap
                  builder: debootstrap
                  distro: debian
                  suite: trixie
                  rootfs: ext4
                  bootstrap_variant: minbase
                vm_state:
                  instance_id: 0f
                  disk_path: /d
                  seed_iso: ""
                  nvram_path: ""
                  ssh_port: 2222
                  ssh_user: charly
                  backend: qemu
                  key_injection_resolved:
                    smbios: true
                    cloud_init: false
                  last_build: "2026-01-02T01:04:05Z"
            version: "2026.163.0928"

            """,
            Text());
        Assert.Equal(AtomicFile.Private, File.GetUnixFileMode(_host.Paths.HostFile));
    }

    [Fact]
    public async Task What_is_written_comes_back()
    {
        var state = new VmDeployState
        {
            Key = "vm:web/blue", InstanceId = "12345", DiskPath = "/a b/#c: d", SeedIso = "", NvramPath = "~", SshPort = 1, SshUser = "no", Backend = "noop",
            KeyInjectionSmbios = false, KeyInjectionCloudInit = true, CharlyInstallStrategy = "auto", CloudInitRenderedDigest = "sha256:00",
            BaseImageSha256 = "1e5", LastBuild = DateTimeOffset.UnixEpoch, LastDeploy = DateTimeOffset.UnixEpoch, AppliedLayers = ["a", "null"],
        };
        await Store.UpdateAsync(state.Key, _ => state);
        var back = Store.Read(state.Key)!;
        Assert.Equal(state with { AppliedLayers = back.AppliedLayers }, back);
        Assert.Equal(state.AppliedLayers, back.AppliedLayers);
    }

    [Fact]
    public async Task Everything_else_in_the_file_stays()
    {
        Write(
            """
            # mine
            version: 2026.144.1443
            deploy:
              vm:web:            # the web machine
                target: vm
                add_candy: [nginx]
                vm_state:
                  ssh_port: 1    # once
                  snapshot:
                    - {name: s, refcount: 0}
              laptop:
                target: local   # here

            """);
        await Store.UpdateAsync("vm:web", s => s with { SshPort = 2, SshUser = "u" });
        Assert.Equal(
            """
            # mine
            version: 2026.144.1443
            deploy:
              vm:web:            # the web machine
                target: vm
                add_candy: [nginx]
                vm_state:
                  ssh_port: 2    # once
                  snapshot:
                    - {name: s, refcount: 0}
                  ssh_user: u
              laptop:
                target: local   # here

            """,
            Text());
    }

    [Fact]
    public async Task Removal_keeps_what_an_author_wrote()
    {
        Write("version: 2026.163.0928\ndeploy:\n  vm:web:\n    target: vm\n    add_candy: [nginx] # mine\n    vm_state:\n      ssh_port: 1\n    vm_source: {kind: bootc, box: b}\n");
        await Store.RemoveAsync("vm:web");
        Assert.Equal("version: 2026.163.0928\ndeploy:\n  vm:web:\n    target: vm\n    add_candy: [nginx] # mine\n", Text());
    }

    [Fact]
    public async Task Removal_takes_an_entry_that_is_all_ours()
    {
        Write("deploy:\n  laptop:\n    target: local\n");
        await Store.UpdateAsync("vm:web", s => s with { SshPort = 1 }, Host.Spec("web"));
        await Store.RemoveAsync("vm:web");
        await Store.RemoveAsync("vm:web");
        await Store.RemoveAsync("vm:never");
        Assert.Equal("deploy:\n  laptop:\n    target: local\nversion: \"2026.163.0928\"\n", Text());
    }

    [Fact]
    public async Task A_file_that_is_no_yaml_is_an_error_and_stays()
    {
        Write("deploy: [\n");
        await Assert.ThrowsAsync<CharlyException>(() => Store.UpdateAsync("vm:web", s => s with { SshPort = 1 }));
        Assert.Equal("deploy: [\n", Text());
    }

    [Fact]
    public async Task Writers_at_once_lose_nothing()
    {
        await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(() => new VmStateStore(_host.Paths).UpdateAsync($"vm:m{i}", s => s with { SshPort = i + 1 }))));
        Assert.Equal(12, Store.ReadAll().Count);
    }

    [Fact]
    public void Every_source_can_be_recorded()
    {
        VmSource[] sources =
        [
            new CloudImageSource { Url = "https://example.org/i.qcow2", Sha256 = "00", BaseUser = "debian" },
            new BootcSource { Box = "b", RootSize = new ByteSize(1L << 30) },
            new CloneSource("a", "s", true),
            new ImportedSource("dom", "/d", "raw"),
        ];
        Assert.All(sources, s => Assert.NotNull(VmSourceYaml.Render(s)));
    }

    public void Dispose() => _host.Dispose();

    private string Text() => File.ReadAllText(_host.Paths.HostFile);

    private void Write(string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_host.Paths.HostFile)!);
        File.WriteAllText(_host.Paths.HostFile, text);
    }
}
