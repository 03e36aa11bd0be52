using System.Globalization;
using System.Runtime.InteropServices;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Plans;
using OpenCharly.Vms.Qemu;

namespace OpenCharly.Operations;

/// <summary>Looks at what this machine has of all that charly can use (deploy.md §14).</summary>
public sealed class CheckHost
{
    private const long LittleMemory = 2L << 30;
    private const long LittleDisk = 10L << 30;
    private static readonly TimeSpan VersionLimit = TimeSpan.FromSeconds(10);

    private readonly CharlyContext _context;
    private readonly Files _files;
    private readonly HostPackages _packages;
    private readonly OsRelease? _os;

    /// <summary>Looks at this machine.</summary>
    /// <param name="context">What it works with.</param>
    public CheckHost(CharlyContext context) : this(context, new Files())
    {
    }

    internal CheckHost(CharlyContext context, Files files)
    {
        _context = context;
        _files = files;
        _os = files.IsMac ? null : OsRelease.Parse(File.Exists(files.OsRelease) ? File.ReadAllText(files.OsRelease) : "");
        _packages = new HostPackages(_os);
    }

    /// <summary>Looks for everything. Nothing is installed or changed; whether KVM runs guests is told by running one.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<HostReport> RunAsync(CancellationToken cancellationToken = default)
    {
        var architecture = _files.Kvm.Architecture;
        var qemu = _context.Processes.Find($"qemu-system-{architecture}") ?? _context.Processes.Find("/usr/libexec/qemu-kvm");
        var accelerator = qemu is null ? null : await TryAcceleratorAsync(architecture, qemu, cancellationToken).ConfigureAwait(false);
        var hardware = new HostHardware(
            Environment.ProcessorCount,
            Memory(),
            DiskFree(_context.Paths.VmImages),
            accelerator?.Kind.ToString().ToLowerInvariant(),
            [.. new GetVmGpus(_context).Run().Devices.Select(d => d.Address)]);

        Task<HostItem> Look(HostGroup group, string name, string purpose, bool isRequired = false, string? version = "--version", string? found = null) =>
            LookAsync(group, name, purpose, isRequired, version, found ?? _context.Processes.Find(name), cancellationToken);

        Task<HostItem>[] programs =
        [
            Look(HostGroup.System, "bash", "runs the steps of plans", isRequired: true),
            Look(HostGroup.System, "ssh", "reaches machines and hosts", isRequired: true, version: "-V"),
            Look(HostGroup.System, "ssh-keygen", "makes keys for machines", isRequired: true, version: null),
            Look(HostGroup.System, "sudo", "steps as root on this machine"),
            Look(HostGroup.System, "git", "fetches remote candies"),
            Look(HostGroup.ContainerEngines, "podman", "builds packages and boxes, runs pods"),
            Look(HostGroup.ContainerEngines, "docker", "stands in for podman"),
            Look(HostGroup.Virtualisation, $"qemu-system-{architecture}", "runs machines", isRequired: true, found: qemu),
            Look(HostGroup.Virtualisation, "qemu-img", "makes disks of machines", isRequired: true),
            Task.FromResult(Accelerator(accelerator)),
            Look(HostGroup.Virtualisation, "virsh", "the backend libvirt"),
            Look(HostGroup.Virtualisation, "xorriso", "writes seeds; charly can do that itself, too"),
            Look(HostGroup.Virtualisation, "mmdebstrap", "builds Debian machines from packages"),
            Look(HostGroup.Encryption, "gocryptfs", "encrypted volumes", version: "-version"),
            Look(HostGroup.Encryption, "fusermount3", "mounts encrypted volumes"),
            Look(HostGroup.Encryption, "gpg", "signatures, and keys handed into containers"),
            Look(HostGroup.Encryption, "secret-tool", "secrets in the desktop's keyring", version: null),
            Look(HostGroup.Encryption, "keepassxc-cli", "secrets in a KeePass file"),
            Look(HostGroup.Tunnels, "tailscale", "tunnels of pods into a tailnet", version: "version"),
            Look(HostGroup.Tunnels, "cloudflared", "tunnels of pods through a provider"),
        ];
        var items = await Task.WhenAll(programs).ConfigureAwait(false);
        return new HostReport(
            new HostSystem(_os?.Id ?? "macos", _os?.VersionId ?? "", RuntimeInformation.OSDescription, architecture),
            hardware,
            [.. items, .. Hardware(hardware)]);
    }

    private async Task<HostItem> LookAsync(HostGroup group, string name, string purpose, bool isRequired, string? version, string? path, CancellationToken cancellationToken)
    {
        if (path is null) return new HostItem(group, name, HostItemStatus.Missing, isRequired, "not installed", purpose, _packages.Hint(name));
        if (version is null) return new HostItem(group, name, HostItemStatus.Ok, isRequired, path, purpose, null);
        try
        {
            var answer = await _context.Processes.RunAsync(new ProcessRequest(path, version) { Timeout = VersionLimit }, cancellationToken).ConfigureAwait(false);
            var line = $"{answer.StandardOutput}\n{answer.StandardError}".Split('\n').Select(l => l.Trim()).FirstOrDefault(l => l.Length > 0) ?? path;
            return answer.Succeeded
                ? new HostItem(group, name, HostItemStatus.Ok, isRequired, line, purpose, null)
                : Broken($"{path} {version} ended with {answer.ExitCode}: {line}");
        }
        catch (CharlyException e)
        {
            return Broken(e.Message);
        }

        HostItem Broken(string why) => new(group, name, HostItemStatus.Warning, isRequired, why, purpose, $"Run {path} {version} to see what is wrong, and install {name} again.");
    }

    // What CHARLY_VM_ACCEL says is a wish; asked for is what this machine can do.
    private Task<Accelerator> TryAcceleratorAsync(string architecture, string qemu, CancellationToken cancellationToken)
    {
        var environment = _context.Environment with
        {
            Variables = _context.Environment.Variables.Where(v => v.Key != "CHARLY_VM_ACCEL").ToDictionary(v => v.Key, v => v.Value, StringComparer.Ordinal),
        };
        return new AcceleratorProbe(environment, _context.Paths, _context.Processes, _files.Kvm).ChooseAsync("auto", architecture, qemu, cancellationToken);
    }

    private HostItem Accelerator(Accelerator? accelerator)
    {
        const string Purpose = "runs machines at full speed";
        return accelerator switch
        {
            null => new(HostGroup.Virtualisation, "kvm", HostItemStatus.Warning, false, "there is no QEMU to try it with", Purpose, "Install QEMU first."),
            { Kind: AcceleratorKind.Tcg } => new(
                HostGroup.Virtualisation, "kvm", HostItemStatus.Warning, false, $"{accelerator.Reason}; machines run several times slower", Purpose,
                File.Exists(_files.Kvm.Device)
                    ? "Add yourself to the group kvm and log in again: sudo usermod -aG kvm $USER. In a virtual machine, its host must offer nested virtualisation."
                    : "Switch virtualisation on in the firmware; in a virtual machine, its host must offer nested virtualisation."),
            _ => new(HostGroup.Virtualisation, accelerator.Kind.ToString().ToLowerInvariant(), HostItemStatus.Ok, false, accelerator.Reason, Purpose, null),
        };
    }

    private IEnumerable<HostItem> Hardware(HostHardware hardware)
    {
        yield return new HostItem(HostGroup.Hardware, "processors", HostItemStatus.Ok, false, hardware.Processors.ToString(CultureInfo.InvariantCulture), "shared by this system and its machines", null);
        if (hardware.Memory is { } memory)
        {
            var isLittle = memory < LittleMemory;
            yield return new HostItem(
                HostGroup.Hardware, "memory", isLittle ? HostItemStatus.Warning : HostItemStatus.Ok, false, new ByteSize(memory).ToHuman(), "shared by this system and its machines",
                isLittle ? "Give machines little memory, such as ram: 512M." : null);
        }

        var isFull = hardware.DiskFree < LittleDisk;
        yield return new HostItem(
            HostGroup.Hardware, "disk", isFull ? HostItemStatus.Warning : HostItemStatus.Ok, false, $"{new ByteSize(hardware.DiskFree).ToHuman()} free at {_context.Paths.VmImages}", "holds images",
            isFull ? "Free some space, or let XDG_CACHE_HOME name a folder on a larger disk." : null);
        yield return new HostItem(
            HostGroup.Hardware, "gpu", HostItemStatus.Ok, false, hardware.Gpus.Count == 0 ? "none" : string.Join(", ", hardware.Gpus), "can be handed to a machine", null);
    }

    private long? Memory()
    {
        if (!File.Exists(_files.MemoryInfo)) return null;
        var line = File.ReadLines(_files.MemoryInfo).FirstOrDefault(l => l.StartsWith("MemTotal:", StringComparison.Ordinal));
        return line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var kibibytes, ..] && long.TryParse(kibibytes, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number << 10
            : null;
    }

    // The folder may not be there yet; its file system is that of the nearest one that is.
    private static long DiskFree(string folder)
    {
        while (!Directory.Exists(folder)) folder = Path.GetDirectoryName(folder)!;
        return new DriveInfo(folder).AvailableFreeSpace;
    }

    /// <summary>What is read of the host; tests describe other hosts.</summary>
    internal sealed record Files
    {
        public string OsRelease { get; init; } = "/etc/os-release";

        public string MemoryInfo { get; init; } = "/proc/meminfo";

        public bool IsMac { get; init; } = RuntimeInformation.IsOSPlatform(OSPlatform.OSX);

        public AcceleratorProbe.HostFiles Kvm { get; init; } = new();
    }
}
