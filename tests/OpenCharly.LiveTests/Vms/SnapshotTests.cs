using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Vms;
using OpenCharly.Vms.Images;

namespace OpenCharly.LiveTests.Vms;

/// <summary>Snapshots, clones and growth of real QEMU machines whose disks are empty: no guest has to boot.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Reliability", "CA1001", Justification = "xunit calls DisposeAsync")]
public sealed class SnapshotTests : IAsyncLifetime
{
    private const string Qemu = "qemu-system-x86_64";

    private readonly VmLab _lab = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _lab.DisposeAsync();

    [LiveFact(Qemu, "qemu-img", "qemu-io", "ssh-keygen")]
    public async Task A_machine_that_is_off_goes_back_to_what_its_disk_was_in_both_modes()
    {
        await MakeAsync("web");
        await WriteAsync("web", 1);
        await TakeAsync("web", "inside");
        await WriteAsync("web", 2);
        var outside = await TakeAsync("web", "outside", VmSnapshotMode.External);
        Assert.Equal("inside", outside.Parent);
        Assert.True(File.Exists(outside.DiskPath));
        Assert.Equal(2, await ReadAsync("web"));
        await WriteAsync("web", 3);

        await RestoreAsync("web", "outside");
        Assert.Equal(2, await ReadAsync("web"));
        Assert.Equal(["inside", "outside"], (await ListAsync("web")).Select(s => s.Name));
        Assert.Equal(["inside", "outside"], _lab.Services.States.Read("vm:web")!.Snapshots.Select(s => s.Name));
        Assert.Equal(Errors.SnapshotExists, await CodeAsync(() => TakeAsync("web", "outside")));
        Assert.Equal(Errors.SnapshotNotFound, await CodeAsync(() => RestoreAsync("web", "none")));

        // What the disk takes from the frozen file is in the disk afterwards.
        await DeleteAsync("web", "outside");
        Assert.Equal(2, await ReadAsync("web"));
        Assert.False(File.Exists(outside.DiskPath));
        Assert.Single(await ListAsync("web"));
    }

    [LiveFact(Qemu, "qemu-img", "qemu-io", "ssh-keygen")]
    public async Task An_inner_snapshot_restores_its_disk_is_guarded_against_a_build_and_goes_with_the_disk()
    {
        await MakeAsync("web");
        await WriteAsync("web", 1);
        await TakeAsync("web", "clean");
        await WriteAsync("web", 2);
        await RestoreAsync("web", "clean");
        Assert.Equal(1, await ReadAsync("web"));
        Assert.Equal(Errors.VmState, await CodeAsync(() => new BuildVm(_lab.Services).RunAsync(new BuildVmRequest { Name = "web" })));
        await _lab.DestroyAsync("web");
        Assert.Single(await ListAsync("web"));
        await _lab.DestroyAsync("web", disk: true);
        Assert.False(Directory.Exists(Path.Combine(_lab.Paths.VmState("charly-web"), "snapshots")));
    }

    [LiveFact(Qemu, "qemu-img", "ssh-keygen")]
    public async Task A_running_machine_is_frozen_with_its_memory_in_both_modes_goes_on_and_comes_back()
    {
        await MakeAsync("web");
        var pid = (await _lab.StartAsync("web")).Pid;
        var inside = await TakeAsync("web", "inside");
        Assert.True(inside.HasMemory);
        Assert.Equal(VmStatus.Running, await _lab.StatusAsync("web"));
        await RestoreAsync("web", "inside");
        Assert.Equal(pid, (await _lab.ShowAsync("web")).Pid);

        var outside = await TakeAsync("web", "outside", VmSnapshotMode.External);
        Assert.True(outside.HasMemory);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(outside.MemoryPath!));
        Assert.Equal(VmStatus.Running, await _lab.StatusAsync("web"));
        await RestoreAsync("web", "outside");
        var back = await _lab.ShowAsync("web");
        Assert.Equal(VmStatus.Running, back.Status);
        Assert.NotEqual(pid, back.Pid);

        var disk = await TakeAsync("web", "disk", VmSnapshotMode.External, diskOnly: true);
        Assert.Null(disk.MemoryPath);
        Assert.Equal(Errors.VmState, await CodeAsync(() => RestoreAsync("web", "disk")));
        Assert.Equal(Errors.VmState, await CodeAsync(() => DeleteAsync("web", "disk")));
        await DeleteAsync("web", "inside");
        await _lab.StopAsync("web");
        await DeleteAsync("web", "disk");
        await DeleteAsync("web", "outside");
        Assert.Empty(await ListAsync("web"));
        Assert.Equal("registry.json", Path.GetFileName(Assert.Single(Directory.EnumerateFileSystemEntries(Path.Combine(_lab.Paths.VmState("charly-web"), "snapshots")))));
        Assert.Equal(VmStatus.Running, (await _lab.StartAsync("web")).Status);
    }

    [LiveFact(Qemu, "qemu-img", "qemu-io", "ssh-keygen")]
    public async Task A_clone_of_a_machine_stands_on_its_disk_without_a_copy_and_guards_it()
    {
        await File.WriteAllTextAsync(
            Path.Combine(_lab.Project, "charly.yml"),
            "# mine\nversion: 2026.163.0928\nvm:\n  web:  # the first\n    source: {kind: imported, libvirt_name: x, disk_path: /nowhere.qcow2, disk_format: qcow2}\n    ram: 64M\n    cpu: 1\n    network: {port_forwards: ['18080:80']}\n    ssh: {user: tester, port_auto: true, key_source: generate}\n");
        await MakeAsync("web");
        await WriteAsync("web", 7);
        var project = new CharlyContext(_lab.Environment, null, null, _lab.Project);
        var spec = (await new ProjectVms(project).FindAsync("web", CancellationToken.None))!;
        var lab = _lab.Declare("web");
        _lab.Declare(spec with { Source = lab.Source });
        var disk = Path.Combine(_lab.Project, "output/qcow2/web/disk.qcow2");

        await new CloneVm(_lab.Services).RunAsync(new CloneVmRequest { Name = "two", From = "web", Build = false });
        var text = await File.ReadAllTextAsync(Path.Combine(_lab.Project, "charly.yml"));
        Assert.StartsWith("# mine\nversion: 2026.163.0928\nvm:\n  web:  # the first\n", text, StringComparison.Ordinal);
        var clone = (await new ProjectVms(project).FindAsync("two", CancellationToken.None))!;
        Assert.Equal(new CloneSource("web", "clone-two", true), clone.Source);
        Assert.Equal(("tester", true, 1), (clone.Ssh.User, clone.Ssh.PortAuto, clone.Cpus));
        Assert.Empty(clone.Network.PortForwards);

        _lab.Declare(clone);
        var built = await new BuildVm(_lab.Services).RunAsync(new BuildVmRequest { Name = "two" });
        var frozen = Assert.Single(await ListAsync("web"));
        Assert.Equal(frozen.DiskPath, built.BaseImage);
        Assert.Equal(1, frozen.Refcount);
        await WriteAsync("web", 8);
        Assert.Equal(7, await ReadDiskAsync(built.Path));
        Assert.True(File.Exists(disk));
        Assert.Equal(Errors.SnapshotInUse, await CodeAsync(() => DeleteAsync("web", "clone-two")));
        Assert.Equal(Errors.SnapshotInUse, await CodeAsync(() => _lab.DestroyAsync("web", disk: true)));

        await _lab.CreateAsync("two");
        await _lab.DestroyAsync("two", disk: true);
        Assert.Equal(0, Assert.Single(await ListAsync("web")).Refcount);
        await DeleteAsync("web", "clone-two");
        Assert.Equal(8, await ReadAsync("web"));
    }

    [LiveFact(Qemu, "qemu-img", "ssh-keygen")]
    public async Task A_disk_grows_in_place_while_the_machine_runs_and_while_it_does_not_and_never_shrinks()
    {
        await MakeAsync("web");
        var set = new SetVm(_lab.Services);
        await set.RunAsync(new SetVmRequest { Name = "web", DiskSize = "32M" });
        Assert.Equal(32L << 20, await SizeAsync("web"));
        await _lab.StartAsync("web");
        await set.RunAsync(new SetVmRequest { Name = "web", DiskSize = "48M" });
        Assert.Equal(48L << 20, await SizeAsync("web"));
        Assert.Equal(Errors.ImageConversion, await CodeAsync(() => set.RunAsync(new SetVmRequest { Name = "web", DiskSize = "16M" })));
        Assert.Equal(Errors.BackendUnsupported, await CodeAsync(() => set.RunAsync(new SetVmRequest { Name = "web", Autostart = true })));
    }

    [LiveFact(Qemu, "qemu-img", "ssh-keygen")]
    public async Task A_machine_is_not_booted_on_the_disk_that_its_instance_stands_on()
    {
        await MakeAsync("web");
        await _lab.CreateAsync("web", "blue");
        var error = await Assert.ThrowsAsync<CharlyException>(() => _lab.StartAsync("web"));
        Assert.Equal(Errors.VmState, error.Code);
        Assert.Contains("web/blue", error.Message, StringComparison.Ordinal);
        await _lab.DestroyAsync("web/blue", disk: true);
        Assert.Equal(VmStatus.Running, (await _lab.StartAsync("web")).Status);
        Assert.Equal(Errors.VmState, await CodeAsync(() => _lab.CreateAsync("web", "blue")));
    }

    [LiveFact(Qemu, "qemu-img", "ssh-keygen", "/usr/share/OVMF/OVMF_CODE_4M.ms.fd")]
    public async Task Uefi_firmware_runs_with_variables_of_the_machine_s_own()
    {
        foreach (var (name, firmware) in (IEnumerable<(string, string)>)[("plain", "uefi-insecure"), ("secure", "uefi-secure")])
        {
            var spec = await _lab.DeclareEmptyAsync(name);
            _lab.Declare(spec with { Firmware = firmware, Ram = new ByteSize(256 << 20), Network = new VmNetwork { Mode = "none" } });
            await _lab.CreateAsync(name);
            await _lab.StartAsync(name);
            var files = _lab.Services.Files(new VmName(name));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(files.Nvram));
            await UntilAsync(() => File.Exists(files.ConsoleLog) && File.ReadAllText(files.ConsoleLog).Contains("BdsDxe", StringComparison.Ordinal), $"{firmware} says something on the console");
            await _lab.DestroyAsync(name);
            Assert.False(File.Exists(files.Nvram));
        }
    }

    private async Task MakeAsync(string name)
    {
        await _lab.DeclareEmptyAsync(name);
        await _lab.CreateAsync(name);
    }

    private Task<VmSnapshot> TakeAsync(string vm, string name, VmSnapshotMode? mode = null, bool diskOnly = false) =>
        new CreateVmSnapshot(_lab.Services).RunAsync(new CreateVmSnapshotRequest { Name = vm, Snapshot = name, Mode = mode, DiskOnly = diskOnly });

    private Task<CharlyVm> RestoreAsync(string vm, string name) => new RestoreVmSnapshot(_lab.Services).RunAsync(new VmSnapshotRequest(vm, name));

    private Task DeleteAsync(string vm, string name) => new RemoveVmSnapshot(_lab.Services).RunAsync(new VmSnapshotRequest(vm, name));

    private Task<IReadOnlyList<VmSnapshot>> ListAsync(string vm) => new GetVmSnapshots(_lab.Services).RunAsync(vm);

    private Task WriteAsync(string vm, int value) => IoAsync(Disk(vm), $"write -P {value} 0 512");

    private Task<int> ReadAsync(string vm) => ReadDiskAsync(Disk(vm));

    private async Task<int> ReadDiskAsync(string disk)
    {
        for (var value = 1; value < 10; value++)
        {
            var result = await _lab.Context.Processes.RunAsync(new ProcessRequest("qemu-io", "-f", "qcow2", "-c", $"read -P {value} 0 512", disk));
            if (result.Succeeded && !result.StandardOutput.Contains("failed", StringComparison.Ordinal)) return value;
        }

        return 0;
    }

    private async Task IoAsync(string disk, string command)
    {
        var result = await _lab.Context.Processes.RunAsync(new ProcessRequest("qemu-io", "-f", "qcow2", "-c", command, disk));
        Assert.True(result.Succeeded, result.Tail());
    }

    private async Task<long> SizeAsync(string vm) => (await new QemuImg(_lab.Context.Processes).InfoAsync(Disk(vm))).VirtualSize;

    private string Disk(string vm) => Path.Combine(_lab.Project, "output/qcow2", vm, "disk.qcow2");

    private static async Task<ErrorCode> CodeAsync(Func<Task> verb) => (await Assert.ThrowsAsync<CharlyException>(verb)).Code;

    private static async Task UntilAsync(Func<bool> condition, string what)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(90); !condition(); await Task.Delay(100))
        {
            Assert.True(DateTime.UtcNow < deadline, $"within 90 s it was not so that {what}");
        }
    }
}
