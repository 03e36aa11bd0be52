using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Yaml;

namespace OpenCharly.Vms.Qemu;

/// <summary>
/// Turns an entity into a QEMU machine. The <c>libvirt:</c> part is honoured where QEMU has the same thing, and named in
/// one warning each where it has not (vm.md §3.1).
/// </summary>
internal static class QemuMachineBuilder
{
    private const string AgentChannel = "org.qemu.guest_agent.0";

    /// <summary>Domain parts of libvirt that nothing on QEMU's command line stands for.</summary>
    private static readonly (string Path, string What)[] Unsupported =
    [
        ("snippets", "snippets"), ("xml_passthrough", "xml_passthrough"), ("devices.filesystems", "virtiofs file systems"),
        ("devices.hostdevs", "host devices"), ("devices.tpm", "the TPM"), ("launch_security", "launch security"),
        ("memory_backing", "memory backing"), ("memtune", "memory tuning"), ("numatune", "NUMA tuning"), ("cputune", "processor tuning"),
    ];

    /// <summary>Describes the machine; makes nothing.</summary>
    /// <param name="preparation">The entity and what was resolved for it.</param>
    /// <param name="files">Where the machine's files are.</param>
    /// <param name="firmware">UEFI, already copied; null for BIOS.</param>
    /// <param name="tap">The bridge to join; null for user networking.</param>
    /// <param name="warn">Gets a line for each part that QEMU can't do.</param>
    public static QemuMachine Build(VmPreparation preparation, VmFiles files, QemuFirmware? firmware, QemuTap? tap, Action<string> warn)
    {
        var spec = preparation.Spec;
        var domain = spec.Libvirt;
        var devices = Map(domain, "devices");
        foreach (var (path, what) in Unsupported)
        {
            if (Find(domain, path) is not null) warn($"the backend qemu ignores libvirt.{path}: {what} need libvirt");
        }

        var graphics = Items(devices, "graphics").ToArray();
        if (graphics.Any(g => Text(g, "type") == "spice")) warn("the backend qemu ignores SPICE graphics: they need libvirt");
        if (spec.Network.Mode == "nat") warn("the backend qemu has no nat network: user networking is used instead");
        var architecture = Architecture(spec);
        return new QemuMachine
        {
            Id = preparation.Name.Id,
            Architecture = architecture,
            Type = QemuMachine.NameType(spec.Machine, architecture),
            AcceleratorWish = spec.Accelerator,
            Cpu = Cpu(spec, Map(domain, "cpu")),
            Cpus = preparation.Cpus,
            MemoryMb = preparation.MemoryMb,
            Firmware = firmware,
            Kernel = preparation.DirectBoot is { } boot ? new QemuKernel(boot.Kernel, boot.Initrd, KernelCommandLine.Complete(boot.CommandLine ?? "", architecture)) : null,
            Disks = [new QemuDisk(preparation.Disk, spec.Source is ImportedSource imported ? imported.DiskFormat : "qcow2"), .. DataDisk(preparation), .. Disks(devices, spec.ProjectFolder)],
            Seed = preparation.Seed,
            Network = Network(preparation, tap),
            OemStrings = [.. preparation.Credentials, .. Texts(Map(domain, "sysinfo"), "oem_strings")],
            Balloon = Text(Map(devices, "memballoon"), "model") == "virtio",
            AgentSocket = Items(devices, "channels").Any(c => Text(Map(c, "target"), "name") == AgentChannel) ? files.AgentSocket : null,
            QmpSocket = files.QmpSocket,
            MonitorSocket = files.IsVmFile ? null : files.MonitorSocket,
            ConsoleSocket = files.ConsoleSocket,
            ConsoleLog = files.ConsoleLog,
            Vnc = files.IsVmFile || graphics.Any(g => Text(g, "type") == "vnc"),
            PidFile = files.PidFile,
        };
    }

    /// <summary>Architecture of the guest: the host's, unless the disk is bootstrapped for another one.</summary>
    public static string Architecture(VmSpec spec) =>
        spec.Source is BootstrapSource { Architecture: { } named } ? QemuMachine.NameArchitecture(named) : QemuMachine.HostArchitecture;

    /// <summary>Firmware of an entity, defaults applied.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmValidation"/>.</exception>
    public static string FirmwareOf(VmSpec spec)
    {
        var firmware = spec.Firmware ?? (Architecture(spec) == "aarch64" ? "uefi-insecure" : "bios");
        if (firmware is not ("bios" or "uefi-insecure" or "uefi-secure"))
        {
            throw new CharlyException(
                Errors.VmValidation, $"vm \"{spec.Name}\": \"{firmware}\" is no firmware", "Use bios, uefi-insecure or uefi-secure.", spec.Position, spec.Name);
        }

        return firmware;
    }

    private static QemuNetwork? Network(VmPreparation preparation, QemuTap? tap)
    {
        var network = preparation.Spec.Network;
        if (network.Mode is "none" or "vnic") return null;
        PortForward[] ssh = preparation.SshPort is { } port ? [new PortForward(PortAllocator.Loopback, port, 22, "tcp")] : [];
        return new QemuNetwork(network.Model, preparation.Mac, tap is null ? [.. ssh, .. network.PortForwards] : [], tap);
    }

    private static QemuCpu Cpu(VmSpec spec, YamlMapping? cpu) => new(
        Text(cpu, "mode"),
        spec.CpuModel ?? Text(cpu, "model"),
        [.. Items(cpu, "features")
            .Select(f => (Policy: Text(f, "policy") ?? "require", Name: Text(f, "name")))
            .Where(f => f.Name is not null)
            .Select(f => new QemuCpuFeature(f.Policy, f.Name!))]);

    private static QemuDisk[] DataDisk(VmPreparation preparation) => preparation.DataDisk is { } path ? [new QemuDisk(path, "qcow2")] : [];

    private static IEnumerable<QemuDisk> Disks(YamlMapping? devices, string projectFolder)
    {
        foreach (var disk in Items(devices, "disks"))
        {
            var file = disk["source"] is YamlScalar plain ? plain.Text : Text(Map(disk, "source"), "file");
            if (file is null) continue;
            var isCdrom = Text(disk, "device") == "cdrom";
            yield return new QemuDisk(
                Path.GetFullPath(file, projectFolder),
                Text(Map(disk, "driver"), "type") ?? "raw",
                Text(Map(disk, "target"), "bus") switch { "ide" or "sata" => "ide", "scsi" => "scsi", null when isCdrom => "ide", _ => "virtio" },
                isCdrom,
                YamlBinder.ParseBoolean(Text(disk, "readonly") ?? "no") ?? false);
        }
    }

    private static YamlNode? Find(YamlMapping? from, string path)
    {
        YamlNode? node = from;
        foreach (var key in path.Split('.')) node = (node as YamlMapping)?[key];
        return node is YamlScalar { IsNull: true } ? null : node;
    }

    private static YamlMapping? Map(YamlMapping? from, string key) => from?[key] as YamlMapping;

    private static string? Text(YamlMapping? from, string key) => from?[key] is YamlScalar { IsNull: false } scalar ? scalar.Text : null;

    private static IEnumerable<YamlMapping> Items(YamlMapping? from, string key) => from?[key] switch
    {
        YamlSequence sequence => sequence.Items.OfType<YamlMapping>(),
        YamlMapping single => [single],
        _ => [],
    };

    private static IEnumerable<string> Texts(YamlMapping? from, string key) =>
        from?[key] is YamlSequence sequence ? sequence.Items.OfType<YamlScalar>().Select(s => s.Text) : [];
}
