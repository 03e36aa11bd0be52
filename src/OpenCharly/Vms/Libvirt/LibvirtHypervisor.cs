using System.Diagnostics;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Vms.Qemu;
using static OpenCharly.Vms.Libvirt.DomainYaml;

namespace OpenCharly.Vms.Libvirt;

/// <summary>Machines that are domains of this user's libvirt (vm.md §3.3): <c>virsh</c> and every other libvirt tool sees them.</summary>
public sealed partial class LibvirtHypervisor : IHypervisor, IAcceleratedHypervisor
{
    private static readonly TimeSpan PollPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan DestroyPatience = TimeSpan.FromSeconds(60);

    private readonly HostPaths _paths;
    private readonly IProcessRunner _processes;
    private readonly IProgress<CharlyEvent> _progress;
    private readonly VmRegistry _registry;
    private readonly Virsh _virsh;
    private readonly LibvirtHost _host;
    private readonly LibvirtAutostart _autostart;

    /// <summary>Talks to this user's libvirt, or to the one that the settings name.</summary>
    /// <param name="environment">Variables of the user.</param>
    /// <param name="paths">The user's folders.</param>
    /// <param name="processes">Runs programs.</param>
    /// <param name="progress">Where notices go.</param>
    public LibvirtHypervisor(CharlyEnvironment environment, HostPaths paths, IProcessRunner processes, IProgress<CharlyEvent> progress)
    {
        _paths = paths;
        _processes = processes;
        _progress = progress;
        _registry = new VmRegistry(paths);
        var settings = new VmSettings(environment, paths);
        _virsh = new Virsh(environment, settings, processes);
        _host = new LibvirtHost(_virsh, settings, processes, new AcceleratorProbe(environment, paths, processes));
        _autostart = new LibvirtAutostart(_virsh, paths, processes, Warn);
        Domains = new LibvirtDomains(_virsh, paths);
    }

    /// <inheritdoc/>
    public string Backend => "libvirt";

    /// <summary>How long a domain may take to go once libvirt has ended it.</summary>
    internal TimeSpan KillLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public HypervisorCapabilities Capabilities { get; } = new(Suspend: true, Console: true, Bridge: true, Autostart: true)
    {
        UserNetwork = true, Nat = true, DirectBoot = true, Uefi = true, HostDevices = true, SharedFolders = true, RawXml = true,
        InternalSnapshots = true, ExternalSnapshots = true, LiveExternalSnapshots = true,
    };

    /// <summary>Whether there is a libvirt to talk to; one that sleeps is woken.</summary>
    public Task<bool> IsThereAsync(CancellationToken cancellationToken = default) => _virsh.IsThereAsync(cancellationToken);

    /// <summary>The domains of the session, ours and others'.</summary>
    internal LibvirtDomains Domains { get; }

    /// <summary>Refuses an entity whose forwarded ports would be dropped without a word.</summary>
    internal Task CheckUserNetworkAsync(VmSpec spec, CancellationToken cancellationToken) => _host.ChooseUserNetworkAsync(spec, cancellationToken);

    /// <summary>The error for a libvirt that is not there.</summary>
    internal CharlyException Missing(string machine) => _virsh.Missing(machine);

    /// <inheritdoc/>
    public Task<Accelerator> ChooseAcceleratorAsync(VmSpec spec, CancellationToken cancellationToken = default) => _host.ChooseAcceleratorAsync(spec, cancellationToken);

    /// <inheritdoc/>
    public async Task CheckAsync(VmSpec spec, VmName name, CancellationToken cancellationToken = default)
    {
        await _host.ChooseUserNetworkAsync(spec, cancellationToken).ConfigureAwait(false);
        if (_virsh.Uri.Host is { } host && spec.Network.Mode == "user")
        {
            throw new CharlyException(
                Errors.BackendUnsupported,
                $"machine {name} is to run on {host}, whose forwarded ports nobody reaches from here",
                "Use network mode bridge or nat.",
                spec.Position,
                name.ToString());
        }

        InstanceDevices.Read(new VmFiles(_paths, name.Id).InstanceFile);
        RefuseForeignExtension(spec, name);
        if (QemuMachineBuilder.FirmwareOf(spec) != "bios") FindFirmware(spec, name.ToString());
        if (!Virsh.IsUnknown(await _virsh.RunAsync(["domid", name.Id], cancellationToken).ConfigureAwait(false)))
        {
            throw new CharlyException(
                Errors.VmNameExists,
                $"libvirt has a domain {name.Id} already, which is no machine of ours",
                $"Remove it: virsh -c {_virsh.Uri.Text} undefine {name.Id} --nvram; or use another name.",
                target: name.ToString());
        }
    }

    /// <inheritdoc/>
    public async Task<VmHandle> PrepareAsync(VmPreparation preparation, CancellationToken cancellationToken = default)
    {
        var spec = preparation.Spec;
        var name = preparation.Name;
        var files = new VmFiles(_paths, name.Id);
        var firmware = QemuMachineBuilder.FirmwareOf(spec);
        var accelerator = await ChooseAcceleratorAsync(spec, cancellationToken).ConfigureAwait(false);
        if (accelerator.Kind == AcceleratorKind.Tcg) _progress.Report(new NoticeEvent(NoticeLevel.Info, $"without hardware acceleration, several times slower: {accelerator.Reason}"));
        var own = InstanceDevices.Read(files.InstanceFile);
        AtomicFile.EnsureFolder(files.Folder, isPrivate: true);
        var (code, template) = firmware == "bios" ? default : FindFirmware(spec, name.ToString());
        var domain = DomainXml.Build(new DomainInput
        {
            Preparation = preparation,
            Files = files,
            Architecture = QemuMachineBuilder.Architecture(spec),
            IsKvm = accelerator.Kind == AcceleratorKind.Kvm,
            ProcessorExtension = new AcceleratorProbe.HostFiles().Extension(),
            Firmware = firmware == "bios" ? null : new DomainFirmware(code, template, files.Nvram, firmware == "uefi-secure"),
            UserNetwork = await _host.ChooseUserNetworkAsync(spec, cancellationToken).ConfigureAwait(false),
            SubordinateIds = LibvirtHost.SubordinateIds(),
            HostDevices = [.. Items(Map(spec.Libvirt, "devices"), "hostdevs"), .. own.HostDevices],
            FileSystems = [.. Items(Map(spec.Libvirt, "devices"), "filesystems"), .. own.FileSystems],
            Warn = Warn,
        });
        var id = Guid.NewGuid();
        var file = LibvirtDomainFile.Of(domain, preparation.SshPortIsFree, id);
        file.Write(files.Domain);
        await _virsh.MustAsync(name, "define", ["define", files.Domain], cancellationToken).ConfigureAwait(false);
        if (spec.Autostart) await _autostart.SetAsync(name, isOn: true, cancellationToken).ConfigureAwait(false);
        return new VmHandle
        {
            Id = $"libvirt-{id}",
            Name = name.Id,
            Backend = Backend,
            WorkDir = files.Folder,
            OverlayPath = preparation.Disk,
            SeedIsoPath = preparation.Seed,
            Vcpus = preparation.Cpus,
            MemoryMb = checked((int)preparation.MemoryMb),
            Network = spec.Network.Mode switch
            {
                "bridge" or "nat" => new VmHandleNetwork("Tap", spec.Network.Bridge ?? (spec.Network.Mode == "nat" ? "default" : "br0"), null),
                "user" => new VmHandleNetwork("User", null, null),
                _ => new VmHandleNetwork("None", null, null),
            },
            MacAddr = preparation.Mac,
            SshHostPort = preparation.SshPort,
            Uefi = firmware != "bios",
            PortForwards = [.. spec.Network.PortForwards.Select(f => $"{f.Bind}:{f.HostPort}:{f.GuestPort}/{f.Protocol}")],
            Instance = preparation.Name.Instance,
        };
    }

    /// <inheritdoc/>
    public async Task<VmHandle> StartAsync(VmHandle handle, CancellationToken cancellationToken = default)
    {
        var name = VmName.Of(handle);
        var files = Files(handle);
        var live = await StateAsync(handle, cancellationToken).ConfigureAwait(false);
        if (live.Status is VmStatus.Running) throw new CharlyException(Errors.VmAlreadyRunning, "VM is already running", $"Restart it if that is what you want: charly vm restart {name}", target: name.ToString());
        if (live.Status is VmStatus.Suspended) throw WrongState(handle, "is suspended", $"Continue it: charly vm resume {name}");
        var file = LibvirtDomainFile.Read(files.Domain)
            ?? throw WrongState(handle, "was not made to the end", $"Remove it and create it anew: charly vm destroy {name}");
        if (file.Disk is { } disk && !File.Exists(disk))
        {
            throw new CharlyException(Errors.VmNotBuilt, $"the disk {disk} is gone", $"Build it where its project is: charly vm build {name.Entity}. If the project is gone, remove the machine: charly vm destroy {name}", target: name.ToString());
        }

        handle = await ClaimPortsAsync(handle, files, file, cancellationToken).ConfigureAwait(false);
        file.MakeSocketFolders();
        var started = await _virsh.RunAsync(["start", handle.Name], cancellationToken).ConfigureAwait(false);
        if (!started.Succeeded) throw StartFailed(handle, started);
        return handle with { Pid = Pid(handle), VncAddr = file.HasVnc ? await VncAsync(handle, cancellationToken).ConfigureAwait(false) : null, Failure = null };
    }

    /// <inheritdoc/>
    public async Task<VmHandle> StopAsync(VmHandle handle, TimeSpan timeout, bool force, CancellationToken cancellationToken = default)
    {
        var name = VmName.Of(handle);
        var live = await StateAsync(handle, cancellationToken).ConfigureAwait(false);
        if (!live.IsOn) throw new CharlyException(Errors.VmNotRunning, "VM is not running", $"Start it: charly vm start {name}", target: name.ToString());
        if (!force)
        {
            if (live.Status == VmStatus.Suspended) await ResumeAsync(handle, cancellationToken).ConfigureAwait(false);
            await _virsh.MustAsync(name, "shut down", ["shutdown", handle.Name], cancellationToken).ConfigureAwait(false);
            if (await IsOffWithinAsync(handle, timeout, cancellationToken).ConfigureAwait(false)) return Off(handle);
            Warn($"machine {name} did not shut down within {timeout.TotalSeconds:0} s; libvirt ends it");
        }

        // Between the last look and this it may have gone off by itself, which is what is wanted.
        var ended = await _virsh.RunAsync(["destroy", handle.Name], cancellationToken).ConfigureAwait(false);
        if (await IsOffWithinAsync(handle, KillLimit, cancellationToken).ConfigureAwait(false)) return Off(handle);
        throw new CharlyException(
            Errors.VmStop,
            $"machine {name} does not end: {(ended.Succeeded ? "libvirt still shows it as running" : Virsh.Words(ended))}",
            $"Look at its process {Pid(handle)}, and at the log of libvirt.",
            target: name.ToString());
    }

    /// <inheritdoc/>
    public Task<VmHandle> SuspendAsync(VmHandle handle, CancellationToken cancellationToken = default) => SwitchAsync(handle, VmStatus.Suspended, "suspend", cancellationToken);

    /// <inheritdoc/>
    public async Task<VmHandle> ResumeAsync(VmHandle handle, CancellationToken cancellationToken = default)
    {
        // A guest that went to sleep by itself is woken; one that we stopped goes on.
        var state = await _virsh.RunAsync(["domstate", handle.Name], cancellationToken).ConfigureAwait(false);
        return await SwitchAsync(handle, VmStatus.Running, state.StandardOutput.Trim() == "pmsuspended" ? "dompmwakeup" : "resume", cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task DestroyAsync(VmHandle handle, CancellationToken cancellationToken = default)
    {
        var name = VmName.Of(handle);
        var files = Files(handle);
        if ((await StateAsync(handle, cancellationToken).ConfigureAwait(false)).IsOn) await StopAsync(handle, DestroyPatience, force: false, cancellationToken).ConfigureAwait(false);
        await _autostart.RemoveUnitAsync(name, cancellationToken).ConfigureAwait(false);
        await Domains.UndefineAsync(handle.Name, cancellationToken).ConfigureAwait(false);
        if (!Directory.Exists(files.Folder)) return;
        foreach (var path in new[] { files.Domain, files.Nvram, files.ConsoleLog }) File.Delete(path);
    }

    /// <inheritdoc/>
    public Task SetAutostartAsync(VmHandle handle, bool isOn, CancellationToken cancellationToken = default) => _autostart.SetAsync(VmName.Of(handle), isOn, cancellationToken);

    private static CharlyException WrongState(VmHandle handle, string what, string help) =>
        new(Errors.VmState, $"machine {VmName.Of(handle)} {what}", help, target: VmName.Of(handle).ToString());

    private static void RefuseForeignExtension(VmSpec spec, VmName name)
    {
        var own = new AcceleratorProbe.HostFiles().Extension();
        foreach (var feature in Items(Map(spec.Libvirt, "cpu"), "features").Where(f => Text(f, "policy") is null or "require" or "force"))
        {
            if (Text(feature, "name") is not ("vmx" or "svm") || own is null || Text(feature, "name") == own) continue;
            throw new CharlyException(
                Errors.VmValidation,
                $"vm \"{spec.Name}\": the cpu feature {Text(feature, "name")} is required, and this processor has {own}",
                $"Say {own}, or leave it out: it is added by itself.",
                feature.Position,
                name.ToString());
        }
    }

    private static (string Code, string Vars) FindFirmware(VmSpec spec, string name) =>
        new Firmware().Find(QemuMachineBuilder.Architecture(spec), QemuMachineBuilder.FirmwareOf(spec) == "uefi-secure", name);

    private static VmHandle Off(VmHandle handle) => handle with { Pid = null, VncAddr = null, Failure = null };

    private async Task<VmHandle> ClaimPortsAsync(VmHandle handle, VmFiles files, LibvirtDomainFile file, CancellationToken cancellationToken)
    {
        if (_virsh.Uri.Host is not null || handle.Network.Type != "User") return handle;
        PortForward[] ssh = handle.SshHostPort is { } port ? [new PortForward(PortAllocator.Loopback, port, 22, "tcp")] : [];
        var others = handle.PortForwards.Select(f => VmReader.TryParseForward(f, out var forward) ? forward : null).OfType<PortForward>();
        var claimed = await new PortClaims(_registry, Warn).ClaimAsync(handle, [.. ssh, .. others], file.IsSshPortFree, cancellationToken).ConfigureAwait(false);
        if (ssh.Length == 0 || claimed[0].HostPort == ssh[0].HostPort) return handle;
        file.MoveSshPort(ssh[0].HostPort, claimed[0].HostPort);
        file.Write(files.Domain);
        await _virsh.MustAsync(VmName.Of(handle), "define", ["define", files.Domain], cancellationToken).ConfigureAwait(false);
        return handle with { SshHostPort = claimed[0].HostPort };
    }

    private CharlyException StartFailed(VmHandle handle, CommandResult result)
    {
        var words = Virsh.Words(result);
        if (result.StandardError.Contains("failed to connect to the hypervisor", StringComparison.Ordinal)) return _virsh.Failed(VmName.Of(handle), "start", result);
        return new CharlyException(
            Errors.QemuSpawn,
            $"libvirt did not start machine {VmName.Of(handle)}: {words}",
            $"See its definition in {Files(handle).Domain} and its log ~/.cache/libvirt/qemu/log/{handle.Name}.log. If it is about KVM: check /dev/kvm and the group kvm, or set accel: tcg.",
            target: VmName.Of(handle).ToString());
    }

    private async Task<VmHandle> SwitchAsync(VmHandle handle, VmStatus wanted, string command, CancellationToken cancellationToken)
    {
        var live = await StateAsync(handle, cancellationToken).ConfigureAwait(false);
        if (live.Status == wanted) return handle;
        if (!live.IsOn) throw WrongState(handle, "is not running", $"Start it: charly vm start {VmName.Of(handle)}");
        await _virsh.MustAsync(VmName.Of(handle), command, [command, handle.Name], cancellationToken).ConfigureAwait(false);
        return handle with { Failure = null };
    }

    private async Task<bool> IsOffWithinAsync(VmHandle handle, TimeSpan limit, CancellationToken cancellationToken)
    {
        for (var start = Stopwatch.GetTimestamp(); ;)
        {
            if (!(await StateAsync(handle, cancellationToken).ConfigureAwait(false)).IsOn) return true;
            if (Stopwatch.GetElapsedTime(start) >= limit) return false;
            await Task.Delay(PollPause, cancellationToken).ConfigureAwait(false);
        }
    }

    private VmFiles Files(VmHandle handle) => new(_paths, handle.Name);

    private void Warn(string text) => _progress.Report(new NoticeEvent(NoticeLevel.Warning, text));
}
