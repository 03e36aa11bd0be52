using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Vms.Qemu;

/// <summary>Machines that are QEMU processes of this user (vm.md §3.1): no daemon in between.</summary>
/// <param name="environment">Variables of the user.</param>
/// <param name="paths">The user's folders.</param>
/// <param name="processes">Runs programs.</param>
/// <param name="progress">Where notices go.</param>
public sealed partial class QemuHypervisor(CharlyEnvironment environment, HostPaths paths, IProcessRunner processes, IProgress<CharlyEvent> progress) : IHypervisor, IAcceleratedHypervisor
{
    private static readonly TimeSpan SpawnLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StatusLimit = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan AgentLimit = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan AgentPause = TimeSpan.FromMilliseconds(10);

    private readonly VmRegistry _registry = new(paths);
    private readonly AcceleratorProbe _probe = new(environment, paths, processes);

    /// <inheritdoc/>
    public string Backend => "qemu";

    /// <inheritdoc/>
    public HypervisorCapabilities Capabilities { get; } = new(Suspend: true, Console: true, Bridge: true, Autostart: false)
    {
        UserNetwork = true, DirectBoot = true, Uefi = true,
        InternalSnapshots = true,
        LiveInternalSnapshots = true,
        ExternalSnapshots = true,
        LiveExternalSnapshots = true,
        SavedStates = true,
        Monitor = true,
    };

    /// <summary>The program that runs guests of an architecture, or null.</summary>
    public string? FindProgram(string architecture) =>
        processes.Find($"qemu-system-{architecture}")
        ?? (architecture == QemuMachine.HostArchitecture ? processes.Find("/usr/libexec/qemu-kvm") : null);

    /// <inheritdoc/>
    public Task<Accelerator> ChooseAcceleratorAsync(VmSpec spec, CancellationToken cancellationToken = default)
    {
        var architecture = QemuMachineBuilder.Architecture(spec);
        return _probe.ChooseAsync(spec.Accelerator, architecture, Program(architecture, spec.Name), cancellationToken);
    }

    /// <inheritdoc/>
    public Task CheckAsync(VmSpec spec, VmName name, CancellationToken cancellationToken = default)
    {
        if (spec.Autostart)
        {
            throw new CharlyException(
                Errors.VmValidation,
                $"vm \"{spec.Name}\": autostart needs the backend libvirt",
                "Remove autostart, or say backend: libvirt.",
                spec.Position,
                spec.Name);
        }

        var architecture = QemuMachineBuilder.Architecture(spec);
        Program(architecture, spec.Name);
        if (QemuMachineBuilder.FirmwareOf(spec) is not "bios" and var firmware) new Firmware().Find(architecture, firmware == "uefi-secure", spec.Name);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<VmHandle> PrepareAsync(VmPreparation preparation, CancellationToken cancellationToken = default)
    {
        var spec = preparation.Spec;
        var files = new VmFiles(paths, preparation.Name.Id);
        var architecture = QemuMachineBuilder.Architecture(spec);
        var program = Program(architecture, spec.Name);
        AtomicFile.EnsureFolder(files.Folder, isPrivate: true);
        var firmware = PrepareFirmware(spec, architecture, files);
        var tap = spec.Network.Mode == "bridge" ? BridgeTap.Describe(preparation.Name.Id, spec.Network.Bridge ?? "br0", processes) : null;
        var machine = QemuMachineBuilder.Build(preparation, files, firmware, tap, Warn);
        new QemuMachineFile([program, .. QemuArguments.Build(machine, AcceleratorKind.Tcg)], machine, preparation.SshPortIsFree).Write(files.Command);
        return Task.FromResult(new VmHandle
        {
            Id = $"qemu-{Guid.NewGuid()}",
            Name = preparation.Name.Id,
            Backend = Backend,
            WorkDir = files.Folder,
            OverlayPath = preparation.Disk,
            SeedIsoPath = preparation.Seed,
            QmpSocket = files.QmpSocket,
            ConsoleSocket = files.ConsoleSocket,
            Vcpus = preparation.Cpus,
            MemoryMb = checked((int)preparation.MemoryMb),
            Network = tap is not null ? new VmHandleNetwork("Tap", tap.Bridge, null) : new VmHandleNetwork(spec.Network.Mode == "none" ? "None" : "User", null, null),
            MacAddr = preparation.Mac,
            SshHostPort = preparation.SshPort,
            Uefi = firmware is not null,
            PortForwards = [.. spec.Network.PortForwards.Select(f => $"{f.Bind}:{f.HostPort}:{f.GuestPort}/{f.Protocol}")],
            Instance = preparation.Name.Instance,
        });
    }

    /// <inheritdoc/>
    public Task<VmHandle> StartAsync(VmHandle handle, CancellationToken cancellationToken = default) => StartAsync(handle, state: null, cancellationToken);

    /// <param name="handle">The machine.</param>
    /// <param name="state">The saved state that it goes on from; null to boot.</param>
    /// <param name="cancellationToken">Gives up; it is off then.</param>
    private async Task<VmHandle> StartAsync(VmHandle handle, string? state, CancellationToken cancellationToken)
    {
        var (files, machine, accelerator) = await ReadyAsync(handle, cancellationToken).ConfigureAwait(false);
        var program = Program(machine.Architecture, handle.Name);
        var arguments = QemuArguments.Build(machine, accelerator, new AcceleratorProbe.HostFiles().Extension());
        RecordCommand(files, machine, [program, .. arguments]);
        try
        {
            await SpawnAsync(program, state is null ? arguments : [.. QemuArguments.WithMemory(arguments, machine, StateFile.Image(state)), "-incoming", "defer"], handle, cancellationToken).ConfigureAwait(false);
            var started = await AttachAsync(handle, files, machine, cancellationToken).ConfigureAwait(false);
            if (state is not null) await new QemuState(files.QmpSocket).LoadAsync(StateFile.Reader(state, processes), cancellationToken).ConfigureAwait(false);
            return started;
        }
        catch
        {
            await KillAsync(files).ConfigureAwait(false);
            await BridgeTap.DownAsync(machine.Network?.Tap, processes, CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    private static void RecordCommand(VmFiles files, QemuMachine machine, IReadOnlyList<string> argv) =>
        (QemuMachineFile.Read(files.Command)! with { Argv = argv, Machine = machine }).Write(files.Command);

    /// <summary>Everything up to the process itself: state, disk, stale files, ports, accelerator, bridge.</summary>
    private async Task<(VmFiles Files, QemuMachine Machine, AcceleratorKind Accelerator)> ReadyAsync(VmHandle handle, CancellationToken cancellationToken)
    {
        var files = Files(handle);
        var live = await StateAsync(handle, cancellationToken).ConfigureAwait(false);
        if (live.Status is VmStatus.Running) throw new CharlyException(Errors.VmAlreadyRunning, "VM is already running", $"Restart it if that is what you want: charly vm restart {VmName.Of(handle)}", target: VmName.Of(handle).ToString());
        if (live.Status is VmStatus.Suspended) throw WrongState(handle, "is suspended", $"Continue it: charly vm resume {VmName.Of(handle)}");
        var file = QemuMachineFile.Read(files.Command)
            ?? throw WrongState(handle, "was not made to the end", $"Remove it and create it anew: charly vm destroy {VmName.Of(handle)}");
        if (!File.Exists(file.Machine.Disks[0].Path))
        {
            throw new CharlyException(
                Errors.VmNotBuilt, $"the disk {file.Machine.Disks[0].Path} is gone", $"Build it where its project is: charly vm build {VmName.Of(handle).Entity}. If the project is gone, remove the machine: charly vm destroy {VmName.Of(handle)}", target: VmName.Of(handle).ToString());
        }

        await Process(files).RemoveStaleAsync(cancellationToken).ConfigureAwait(false);
        DiskFreeze.DropLiveNames(file.Machine.Disks[0].Path);
        files.RemoveSockets();
        if (files.HasOwnSocketFolder) AtomicFile.EnsureFolder(files.SocketFolder, isPrivate: true);
        var machine = await ClaimPortsAsync(handle, file, cancellationToken).ConfigureAwait(false);
        var program = Program(machine.Architecture, handle.Name);
        var accelerator = await _probe.ChooseAsync(machine.AcceleratorWish, machine.Architecture, program, cancellationToken).ConfigureAwait(false);
        if (accelerator.Kind == AcceleratorKind.Tcg)
        {
            progress.Report(new NoticeEvent(NoticeLevel.Info, $"without hardware acceleration, several times slower: {accelerator.Reason}"));
        }

        await BridgeTap.UpAsync(machine.Network?.Tap, processes, cancellationToken).ConfigureAwait(false);
        return (files, machine, accelerator.Kind);
    }

    /// <inheritdoc/>
    public async Task<VmHandle> StopAsync(VmHandle handle, TimeSpan timeout, bool force, CancellationToken cancellationToken = default)
    {
        var files = Files(handle);
        var live = await StateAsync(handle, cancellationToken).ConfigureAwait(false);
        if (live.Pid is not { } pid) throw NotRunning(handle);
        await new QemuShutdown(Process(files), handle, Warn).RunAsync(pid, live.Status == VmStatus.Suspended, timeout, force, cancellationToken).ConfigureAwait(false);
        File.Delete(files.PidFile);
        files.RemoveSockets();
        await BridgeTap.DownAsync(QemuMachineFile.Read(files.Command)?.Machine.Network?.Tap, processes, cancellationToken).ConfigureAwait(false);
        return handle with { Pid = null, VncAddr = null, Failure = null };
    }

    /// <inheritdoc/>
    public Task<VmHandle> SuspendAsync(VmHandle handle, CancellationToken cancellationToken = default) =>
        SwitchAsync(handle, VmStatus.Suspended, "stop", cancellationToken);

    /// <inheritdoc/>
    public Task<VmHandle> ResumeAsync(VmHandle handle, CancellationToken cancellationToken = default) =>
        SwitchAsync(handle, VmStatus.Running, "cont", cancellationToken);

    /// <inheritdoc/>
    public async Task DestroyAsync(VmHandle handle, CancellationToken cancellationToken = default)
    {
        var files = Files(handle);
        if ((await StateAsync(handle, cancellationToken).ConfigureAwait(false)).Pid is not null)
        {
            await StopAsync(handle, TimeSpan.FromSeconds(5), force: false, cancellationToken).ConfigureAwait(false);
        }

        files.RemoveSockets();
        if (!Directory.Exists(files.Folder)) return;

        // One that was killed from outside has left its tap device.
        await BridgeTap.DownAsync(QemuMachineFile.Read(files.Command)?.Machine.Network?.Tap, processes, cancellationToken).ConfigureAwait(false);
        foreach (var path in new[] { files.PidFile, files.Command, files.Nvram, files.ConsoleLog }) File.Delete(path);
    }

    /// <inheritdoc/>
    public bool IsWhole(VmHandle handle) => File.Exists(Files(handle).Command);

    /// <inheritdoc/>
    public async Task<VmLive> StateAsync(VmHandle handle, CancellationToken cancellationToken = default)
    {
        var files = Files(handle);
        if (!Directory.Exists(files.Folder)) return new VmLive(VmStatus.Destroyed);
        var process = Process(files);
        if (await process.FindAsync(cancellationToken).ConfigureAwait(false) is { } pid)
        {
            return new VmLive(await AskAsync(handle, cancellationToken).ConfigureAwait(false), pid);
        }

        if (handle.Failure is not null) return new VmLive(VmStatus.Failed);
        var isWhole = File.Exists(files.Command);
        if (isWhole && !File.Exists(files.PidFile)) return new VmLive(File.Exists(files.ConsoleLog) ? VmStatus.Stopped : VmStatus.Prepared);

        // Whoever holds the lock is about to write these files; only a bystander may tidy up, and never under its hands.
        using var held = await VmLock.TryAcquireAsync(files).ConfigureAwait(false);
        if (held is not null) await process.RemoveStaleAsync(cancellationToken).ConfigureAwait(false);
        if (!isWhole) return new VmLive(held is null ? VmStatus.Preparing : VmStatus.Failed);
        return new VmLive(File.Exists(files.ConsoleLog) ? VmStatus.Stopped : VmStatus.Prepared);
    }

    /// <inheritdoc/>
    public async Task<string?> AddressAsync(VmHandle handle, CancellationToken cancellationToken = default) => handle.Network.Type switch
    {
        "User" => PortAllocator.Loopback,
        "Tap" => await BridgeTap.FindAddressAsync(handle.Network.Bridge ?? "", handle.MacAddr ?? "", processes, cancellationToken).ConfigureAwait(false),
        _ => null,
    };

    /// <inheritdoc/>
    public async Task<string?> AgentSocketAsync(VmHandle handle, CancellationToken cancellationToken = default)
    {
        var files = Files(handle);
        if (QemuMachineFile.Read(files.Command)?.Machine.AgentSocket is not { } socket) return null;
        using var control = await QmpClient.ConnectAsync(files.QmpSocket, ConnectLimit, null, cancellationToken).ConfigureAwait(false);

        // A guest that wakes tells only when its processors run that its end is open.
        for (var deadline = DateTime.UtcNow + AgentLimit; ; await Task.Delay(AgentPause, cancellationToken).ConfigureAwait(false))
        {
            var all = await control.ExecuteAsync("query-chardev", cancellationToken).ConfigureAwait(false);
            if (all.EnumerateArray().Any(c => c.GetProperty("label").GetString() == QemuArguments.AgentChannel && c.GetProperty("frontend-open").GetBoolean())) return socket;
            if (DateTime.UtcNow > deadline) return null;
        }
    }

    /// <inheritdoc/>
    public ConsoleEndpoint Console(VmHandle handle) => new(ConsoleKind.Socket, Files(handle).ConsoleSocket);

    private static CharlyException WrongState(VmHandle handle, string what, string help) =>
        new(Errors.VmState, $"machine {VmName.Of(handle)} {what}", help, target: VmName.Of(handle).ToString());

    private static CharlyException NotRunning(VmHandle handle) =>
        new(Errors.VmNotRunning, "VM is not running", $"Start it: charly vm start {VmName.Of(handle)}", target: VmName.Of(handle).ToString());

    private static QemuFirmware? PrepareFirmware(VmSpec spec, string architecture, VmFiles files)
    {
        var firmware = QemuMachineBuilder.FirmwareOf(spec);
        if (firmware == "bios") return null;
        var isSecure = firmware == "uefi-secure";
        var (code, template) = new Firmware().Find(architecture, isSecure, spec.Name);

        // Copied once: what the guest stores there is its own.
        if (!File.Exists(files.Nvram)) AtomicFile.Write(files.Nvram, File.ReadAllBytes(template), AtomicFile.Private);
        return new QemuFirmware(code, files.Nvram, isSecure);
    }

    private async Task<QemuMachine> ClaimPortsAsync(VmHandle handle, QemuMachineFile file, CancellationToken cancellationToken)
    {
        if (file.Machine.Network is not { } network) return file.Machine;
        var forwards = await new PortClaims(_registry, Warn).ClaimAsync(handle, network.Forwards, file.SshPortIsFree, cancellationToken).ConfigureAwait(false);
        return file.Machine with { Network = network with { Forwards = forwards } };
    }

    private async Task SpawnAsync(string program, IReadOnlyList<string> arguments, VmHandle handle, CancellationToken cancellationToken)
    {
        var result = await processes.RunAsync(new ProcessRequest(program, arguments) { Timeout = SpawnLimit }, cancellationToken).ConfigureAwait(false);
        if (result.Succeeded)
        {
            foreach (var line in result.StandardError.Split('\n', StringSplitOptions.RemoveEmptyEntries)) progress.Report(new NoticeEvent(NoticeLevel.Debug, line));
            return;
        }

        throw new CharlyException(
            Errors.QemuSpawn,
            $"QEMU did not start machine {VmName.Of(handle)} (exit code {result.ExitCode}): {result.Tail()}",
            $"See the command line in {Files(handle).Command}. If it is about KVM: check /dev/kvm and the group kvm, or set accel: tcg.",
            target: VmName.Of(handle).ToString());
    }

    private async Task<VmHandle> AttachAsync(VmHandle handle, VmFiles files, QemuMachine machine, CancellationToken cancellationToken)
    {
        var process = Process(files);
        using var control = await QmpClient.ConnectAsync(
            files.QmpSocket, ConnectLimit, async () => await process.FindAsync(cancellationToken).ConfigureAwait(false) is not null, cancellationToken).ConfigureAwait(false);
        string? vnc = null;
        if (machine.Vnc)
        {
            var answer = await control.ExecuteAsync("query-vnc", cancellationToken).ConfigureAwait(false);
            vnc = $"{answer.GetProperty("host").GetString()}:{answer.GetProperty("service").GetString()}";
        }

        return handle with
        {
            Pid = await process.FindAsync(cancellationToken).ConfigureAwait(false),
            VncAddr = vnc,
            SshHostPort = handle.SshHostPort is not null && machine.Network is { Forwards: [var ssh, ..] } ? ssh.HostPort : handle.SshHostPort,
            Failure = null,
        };
    }

    private async Task<VmHandle> SwitchAsync(VmHandle handle, VmStatus wanted, string command, CancellationToken cancellationToken)
    {
        var live = await StateAsync(handle, cancellationToken).ConfigureAwait(false);
        if (live.Status == wanted) return handle;
        if (live.Pid is null) throw WrongState(handle, "is not running", $"Start it: charly vm start {VmName.Of(handle)}");
        using var control = await QmpClient.ConnectAsync(Files(handle).QmpSocket, ConnectLimit, null, cancellationToken).ConfigureAwait(false);
        await control.ExecuteAsync(command, cancellationToken).ConfigureAwait(false);
        return handle with { Failure = null };
    }

    private async Task<VmStatus> AskAsync(VmHandle handle, CancellationToken cancellationToken)
    {
        try
        {
            using var control = await QmpClient.ConnectAsync(Files(handle).QmpSocket, StatusLimit, null, cancellationToken).ConfigureAwait(false);
            var answer = await control.ExecuteAsync("query-status", cancellationToken).ConfigureAwait(false);
            return answer.GetProperty("status").GetString() is "paused" or "suspended" ? VmStatus.Suspended : VmStatus.Running;
        }
        catch (CharlyException e) when (e.Code == Errors.QmpConnect || e.Code == Errors.QmpCommand)
        {
            // The process lives, and whoever holds its only control connection has it busy.
            progress.Report(new NoticeEvent(NoticeLevel.Debug, $"{handle.Name}: {e.Message}"));
            return VmStatus.Running;
        }
    }

    private async Task KillAsync(VmFiles files)
    {
        var process = Process(files);
        if (await process.FindAsync(CancellationToken.None).ConfigureAwait(false) is not { } pid) return;
        await process.SignalAsync(pid, QemuProcess.Kill, CancellationToken.None).ConfigureAwait(false);
        await process.WaitForEndAsync(pid, TimeSpan.FromSeconds(5), CancellationToken.None).ConfigureAwait(false);
        File.Delete(files.PidFile);
    }

    private string Program(string architecture, string machine) => FindProgram(architecture) ?? throw new CharlyException(
        Errors.QemuSpawn,
        $"the program qemu-system-{architecture} is not installed",
        "Install QEMU: apt-get install qemu-system-x86 (arm64: qemu-system-arm), dnf install qemu-kvm, or pacman -S qemu-base.",
        target: machine);

    private VmFiles Files(VmHandle handle) => new(paths, handle.Name);

    private QemuProcess Process(VmFiles files) => new(files.PidFile, processes);

    private void Warn(string text) => progress.Report(new NoticeEvent(NoticeLevel.Warning, text));
}
