using System.Diagnostics;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Tests.Vms;
using OpenCharly.Vms;

namespace OpenCharly.Tests.Catalogue;

/// <summary>
/// Errors of machines that need a QEMU which runs or is not there (vm.md §12): code, what is named, the next command, and that
/// nothing changed. QEMU is a process with its name on it, which never answers.
/// </summary>
public sealed class VmErrorTests : IDisposable
{
    private readonly Host _host = new();
    private Process? _running;

    public void Dispose()
    {
        _running?.Kill();
        _running?.Dispose();
        _host.Dispose();
    }

    [Theory]
    [InlineData("start", "vm.already_running", "VM is already running", "charly vm restart web")]
    [InlineData("destroy-used", "snapshot.in_use", "clones stand on the snapshots one of machine web", "Destroy the clones first")]
    [InlineData("snapshot", "snapshot.exists", "machine web has a snapshot \"one\" already", "charly vm snapshot delete web one")]
    [InlineData("restore", "snapshot.not_found", "has no snapshot \"none\"", "Its snapshots are: one.")]
    [InlineData("delete", "snapshot.not_found", "has no snapshot \"none\"", "Its snapshots are: one.")]
    [InlineData("delete-used", "snapshot.in_use", "charly-two", "Destroy them with their disks first")]
    [InlineData("wake", "vm.invalid_state", "the snapshot one lies inside the disk of web", "charly vm snapshot create web NAME --mode external")]
    [InlineData("create", "vm.name_exists", "machine web exists already", "charly vm destroy web")]
    public async Task Of_a_machine_that_runs(string verb, string code, string named, string help)
    {
        await MakeAsync(isRunning: true);
        await RefusedAsync(verb, code, named, help);
        Assert.False(_running!.HasExited);
    }

    [Theory]
    [InlineData("stop", "vm.not_running", "VM is not running", "charly vm start web")]
    [InlineData("suspend", "vm.invalid_state", "is not running", "charly vm start web")]
    [InlineData("resume", "vm.invalid_state", "is not running", "charly vm start web")]
    [InlineData("console", "vm.invalid_state", "is not running", "charly vm start web")]
    [InlineData("exec", "vm.not_running", "VM is not running", "charly vm start web")]
    public async Task Of_a_machine_that_is_off(string verb, string code, string named, string help)
    {
        await MakeAsync(isRunning: false);
        await RefusedAsync(verb, code, named, help);
    }

    [Fact]
    public async Task Of_a_QEMU_that_is_not_installed()
    {
        var services = Services("qemu-system-x86_64");
        var before = Files();
        var error = await Assert.ThrowsAsync<CharlyException>(() => new CreateVm(services).RunAsync(new CreateVmRequest { Name = "web" }));
        Assert.Equal((Errors.QemuSpawn, "web", "the program qemu-system-x86_64 is not installed"), (error.Code, error.Target, error.Message));
        Assert.Contains("apt-get install qemu-system-x86", error.Help, StringComparison.Ordinal);
        Assert.Equal(before, Files());
    }

    private async Task RefusedAsync(string verb, string code, string named, string help)
    {
        var services = Services("none");
        Func<Task> run = verb switch
        {
            "start" => () => new StartVm(services).RunAsync("web"),
            "stop" => () => new StopVm(services).RunAsync(new StopVmRequest { Name = "web" }),
            "suspend" => () => new SuspendVm(services).RunAsync("web"),
            "resume" => () => new ResumeVm(services).RunAsync("web"),
            "console" => () => new OpenVmConsole(services).RunAsync("web"),
            "exec" => () => new RunInVm(services).RunAsync(new RunInVmRequest { Name = "web", Command = "true" }),
            "wake" => () => new CreateVm(services).RunAsync(new CreateVmRequest { Name = "web", Instance = "b", FromState = "one" }),
            "create" => () => new CreateVm(services).RunAsync(new CreateVmRequest { Name = "web" }),
            "snapshot" => () => new CreateVmSnapshot(services).RunAsync(new CreateVmSnapshotRequest { Name = "web", Snapshot = "one" }),
            "restore" => () => new RestoreVmSnapshot(services).RunAsync(new VmSnapshotRequest("web", "none")),
            "delete" => () => new RemoveVmSnapshot(services).RunAsync(new VmSnapshotRequest("web", "none")),
            "delete-used" => () => new RemoveVmSnapshot(services).RunAsync(new VmSnapshotRequest("web", "one")),
            _ => () => new DestroyVm(services).RunAsync(new DestroyVmRequest { Name = "web", Disk = true }),
        };
        var before = Files();
        var error = await Assert.ThrowsAsync<CharlyException>(run);
        Assert.Equal(code, error.Code.Id);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.Contains(help, error.Help, StringComparison.Ordinal);
        Assert.Equal(before, Files());
    }

    private async Task MakeAsync(bool isRunning)
    {
        var services = Services("none");
        var files = services.Files(new VmName("web"));
        Directory.CreateDirectory(files.Snapshots);
        File.WriteAllText(files.Command, "{}");
        File.WriteAllText(files.ConsoleLog, "");
        await services.Registry.PutAsync(new VmHandle { Id = "qemu-1", Name = "charly-web", Backend = "qemu", WorkDir = files.Folder, OverlayPath = _host.At("own.qcow2") });
        var snapshots = new SnapshotRegistry(files, "web");
        snapshots.Put(new VmSnapshot { Vm = "web", Name = "one", Mode = VmSnapshotMode.Internal, HasMemory = true, Created = DateTimeOffset.UnixEpoch });
        snapshots.SetUser("one", "charly-two", stands: true);
        if (!isRunning) return;
        _running = Process.Start("sh", ["-c", "while :; do sleep 1; done", files.PidFile])!;
        File.WriteAllText(files.PidFile, $"{_running.Id}\n");
    }

    private VmServices Services(string missing)
    {
        File.WriteAllText(_host.At("own.qcow2"), "mine");
        var spec = _host.Declare("web", s => s with { Source = new ImportedSource("dom", _host.At("own.qcow2"), "qcow2"), Backend = "qemu" });
        var programs = new PlayedPrograms(_ => new CommandResult("", "", 0, TimeSpan.Zero)) { Missing = { missing, "/usr/libexec/qemu-kvm" } };
        return new VmServices(new CharlyContext(_host.Environment, _host, programs), (_, _) => Task.FromResult<VmSpec?>(spec));
    }

    private string[] Files() =>
    [
        .. Directory.EnumerateFiles(_host.Folder, "*", SearchOption.AllDirectories).Where(f => !f.Contains(".lock", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .Select(f => $"{f} {File.ReadAllText(f)}"),
    ];
}
