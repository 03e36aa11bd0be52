using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Tests.Vms;
using OpenCharly.Vms;

namespace OpenCharly.Tests.Operations;

/// <summary>What build, create, clone, grow, autostart and copy say they would do: the words, the refusals, and that no file changes.</summary>
public sealed class VmDryRunTests : IDisposable
{
    private readonly Host _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Create_tells_what_it_would_make_and_makes_nothing()
    {
        _host.Declare("web", s => s with { Ssh = new VmSsh { KeySource = "generate", PortAuto = true } });
        var before = Files();
        var preview = await new CreateVm(_host.Services).PreviewAsync(new CreateVmRequest { Name = "web", Start = true });
        Assert.Equal(("web", VmVerb.Create, VmStatus.Destroyed, VmStatus.Running), (preview.Name, preview.Verb, preview.From, preview.To));
        var folder = _host.Paths.VmState("charly-web");
        Assert.Equal(
            [
                $"record it with the backend noop, its files in {folder}",
                "forward a free port of this host to its ssh",
                $"make the key pair {folder}/id_ed25519",
                $"make a host key for it, and write its seed {_host.At("output", "qcow2", "web", "seed.iso")}",
                "let ssh know it as charly-web",
                "boot it and wait until ssh answers",
            ],
            preview.Changes);
        Assert.Equal(before, Files());
    }

    [Fact]
    public async Task An_instance_is_said_to_get_a_disk_of_its_own()
    {
        _host.Declare("web");
        var preview = await new CreateVm(_host.Services).PreviewAsync(new CreateVmRequest { Name = "web", Instance = "blue" });
        Assert.Equal(VmStatus.Prepared, preview.To);
        Assert.Contains($"make its disk {_host.At("output", "qcow2", "web", "blue", "disk.qcow2")} on {_host.At("output", "qcow2", "web", "disk.qcow2")}", preview.Changes);
    }

    [Fact]
    public async Task Create_refuses_beforehand_what_it_would_refuse()
    {
        _host.Declare("web", Imported);
        var create = new CreateVm(_host.Services);
        Assert.Equal(Errors.VmNotFound, await CodeAsync(() => create.PreviewAsync(new CreateVmRequest { Name = "nope" })));
        Assert.Equal(Errors.VmValidation, await CodeAsync(() => create.PreviewAsync(new CreateVmRequest { Name = "web", Ram = "lots" })));
        Assert.Equal(Errors.SshNoKey, await CodeAsync(() => create.PreviewAsync(new CreateVmRequest { Name = "web", SshKey = "/no/such/key.pub" })));
        Assert.Equal(Errors.SnapshotNotFound, await CodeAsync(async () =>
        {
            await create.RunAsync(new CreateVmRequest { Name = "web" });
            await create.PreviewAsync(new CreateVmRequest { Name = "web", Instance = "two", FromState = "none" });
        }));
        Assert.Equal(Errors.VmNameExists, await CodeAsync(() => create.PreviewAsync(new CreateVmRequest { Name = "web" })));
        var spec = _host.Declare("raw");
        File.Delete(VmPlacement.Disk(spec, new VmName("raw")));
        Assert.Equal(Errors.VmNotBuilt, await CodeAsync(() => create.PreviewAsync(new CreateVmRequest { Name = "raw" })));
    }

    [Fact]
    public async Task A_machine_of_an_image_is_previewed_without_fetching_it()
    {
        var url = "http://image.example.org/base.qcow2";
        using var lab = new VmFileLab();
        var before = lab.Programs.Requests.Count;
        var preview = await new CreateVmFromImage(lab.Context).PreviewAsync(new CreateVmFromImageRequest { Name = "lab", ImageUrl = url, Start = true });
        Assert.Equal($"fetch {url}, unless it is in the folder of images", preview.Changes[0]);
        Assert.Equal("boot it", preview.Changes[^1]);
        Assert.Equal(before, lab.Programs.Requests.Count);
        Assert.False(Directory.Exists(lab.Vmctl));
        Assert.Equal(Errors.VmImageMissing, await CodeAsync(() => new CreateVmFromImage(lab.Context).PreviewAsync(new CreateVmFromImageRequest { Name = "lab", Image = "/no/such.qcow2" })));
    }

    [Fact]
    public async Task Build_tells_where_the_disk_would_come_from_and_that_one_would_be_replaced()
    {
        _host.Declare("web", s => s with { Source = new CloudImageSource { Url = "http://image.example.org/base.qcow2" }, DiskSize = new ByteSize(20L << 30) });
        var before = Files();
        var preview = await new BuildVm(_host.Services).PreviewAsync(new BuildVmRequest { Name = "web" });
        Assert.Equal(
            ["fetch http://image.example.org/base.qcow2, unless the cache holds it", $"replace its disk {_host.At("output", "qcow2", "web", "disk.qcow2")}, 20G"],
            preview.Changes);
        Assert.Equal($"make its disk {_host.At("output", "raw", "web", "disk.raw")}, 8G", (await new BuildVm(_host.Services).PreviewAsync(new BuildVmRequest { Name = "web", Type = "raw", Size = "8G", Refresh = true })).Changes[1]);
        Assert.Equal(Errors.Usage, await CodeAsync(() => new BuildVm(_host.Services).PreviewAsync(new BuildVmRequest { Name = "web", Type = "vmdk" })));
        Assert.Equal(before, Files());

        _host.Declare("own", Imported);
        Assert.Empty((await new BuildVm(_host.Services).PreviewAsync(new BuildVmRequest { Name = "own" })).Changes);
    }

    [Fact]
    public async Task Clone_tells_which_file_it_would_add_to_and_refuses_what_it_would_refuse()
    {
        var own = _host.At("own.qcow2");
        File.WriteAllText(own, "mine");
        var file = _host.At("charly.yml");
        File.WriteAllText(file, $"version: 2026.163.0928\nvm:\n  web: # the first\n    source: {{kind: imported, libvirt_name: dom, disk_path: {own}, disk_format: qcow2}}\n    backend: noop\n    ssh: {{port_auto: true, key_source: none}}\n");
        await new CreateVm(_host.Context).RunAsync(new CreateVmRequest { Name = "web" });
        var registry = new SnapshotRegistry(new VmFiles(_host.Paths, "charly-web"), "web");
        Directory.CreateDirectory(new VmFiles(_host.Paths, "charly-web").Snapshots);
        registry.Put(new VmSnapshot { Vm = "web", Name = "one", Mode = VmSnapshotMode.Internal, Created = DateTimeOffset.UnixEpoch });
        var before = Files();
        var clone = new CloneVm(_host.Context);
        var preview = await clone.PreviewAsync(new CloneVmRequest { Name = "two", From = "web@one" });
        Assert.Equal(["copy the snapshot one of web into a file of its own", $"add the entity two to {file}", "make its disk on the snapshot one of web"], preview.Changes);
        Assert.Equal(2, (await clone.PreviewAsync(new CloneVmRequest { Name = "two", From = "web@one", Build = false })).Changes.Count);
        Assert.Equal(Errors.SnapshotNotFound, await CodeAsync(() => clone.PreviewAsync(new CloneVmRequest { Name = "two", From = "web@none" })));
        Assert.Equal(Errors.BackendUnsupported, await CodeAsync(() => clone.PreviewAsync(new CloneVmRequest { Name = "two", From = "web" })));
        Assert.Equal(Errors.VmNameExists, await CodeAsync(() => clone.PreviewAsync(new CloneVmRequest { Name = "web", From = "web@one" })));
        Assert.Equal(before, Files());
    }

    [Fact]
    public async Task Grow_and_autostart_tell_the_size_before_and_after()
    {
        _host.Declare("web", Imported);
        await new CreateVm(_host.Services).RunAsync(new CreateVmRequest { Name = "web" });
        var programs = new PlayedPrograms(_ => new CommandResult("{\"format\": \"qcow2\", \"virtual-size\": 1073741824, \"actual-size\": 1024}", "", 0, TimeSpan.Zero));
        var set = new SetVm(new VmServices(new CharlyContext(_host.Environment, _host, programs)));
        var preview = await set.PreviewAsync(new SetVmRequest { Name = "web", DiskSize = "4G", Autostart = true });
        Assert.Equal([$"grow its disk {_host.At("own.qcow2")} from 1G to 4G", "start it with this host"], preview.Changes);
        Assert.Equal(preview.From, preview.To);
        Assert.Empty((await set.PreviewAsync(new SetVmRequest { Name = "web", DiskSize = "1G" })).Changes);
        Assert.Equal(Errors.ImageConversion, await CodeAsync(() => set.PreviewAsync(new SetVmRequest { Name = "web", DiskSize = "512M" })));
        Assert.Equal(Errors.VmNotFound, await CodeAsync(() => set.PreviewAsync(new SetVmRequest { Name = "nope", Autostart = false })));
        Assert.All(programs.Requests, r => Assert.Equal("info", r.Arguments[0]));
    }

    [Fact]
    public async Task A_copy_tells_how_much_would_go_where_and_starts_no_program()
    {
        _host.Declare("web", Imported);
        await new CreateVm(_host.Services).RunAsync(new CreateVmRequest { Name = "web" });
        var folder = Directory.CreateDirectory(_host.At("site")).FullName;
        File.WriteAllText(Path.Combine(folder, "a"), "12345");
        File.WriteAllText(Path.Combine(folder, "b"), "678");
        var programs = new PlayedPrograms(_ => throw new InvalidOperationException("no program may run"));
        var copy = new CopyVmItem(new VmServices(new CharlyContext(_host.Environment, _host, programs)));
        Assert.Equal([$"copy {folder} (2 files, 8 B) to /srv in the guest"], (await copy.PreviewAsync(new CopyVmItemRequest(folder, "web:/srv", Recurse: true))).Changes);
        Assert.Equal([$"copy /etc/hosts of the guest to {folder}"], (await copy.PreviewAsync(new CopyVmItemRequest("web:/etc/hosts", folder))).Changes);
        Assert.Equal(Errors.Usage, await CodeAsync(() => copy.PreviewAsync(new CopyVmItemRequest(folder, "web:/srv"))));
        Assert.Equal(Errors.FileMissing, await CodeAsync(() => copy.PreviewAsync(new CopyVmItemRequest(folder + "/none", "web:/srv"))));
        Assert.Empty(programs.Requests);
    }

    private static async Task<ErrorCode> CodeAsync(Func<Task> verb) => (await Assert.ThrowsAsync<CharlyException>(verb)).Code;

    private string[] Files() =>
        [.. Directory.EnumerateFiles(_host.Folder, "*", SearchOption.AllDirectories).Where(f => !f.Contains(".lock", StringComparison.Ordinal)).Select(f => $"{f} {File.GetLastWriteTimeUtc(f).Ticks}").Order(StringComparer.Ordinal)];

    private VmSpec Imported(VmSpec spec)
    {
        File.WriteAllText(_host.At("own.qcow2"), "mine");
        return spec with { Source = new ImportedSource("dom", _host.At("own.qcow2"), "qcow2") };
    }
}
