using System.Runtime.InteropServices;
using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.Qemu;

/// <summary>
/// Finds out whether KVM really runs guests here. A device file that opens proves nothing: nested and emulated
/// machines offer one behind which no guest boots. So first the processor must show the extension, then the device must
/// open, then a guest of a few instructions must reach its end within seconds; that verdict is kept until the next boot.
/// </summary>
public sealed class AcceleratorProbe
{
    private readonly CharlyEnvironment _environment;
    private readonly IProcessRunner _processes;
    private readonly string _cacheFile;
    private readonly HostFiles _host;

    /// <summary>Probes this machine.</summary>
    public AcceleratorProbe(CharlyEnvironment environment, HostPaths paths, IProcessRunner processes)
        : this(environment, paths, processes, new HostFiles())
    {
    }

    internal AcceleratorProbe(CharlyEnvironment environment, HostPaths paths, IProcessRunner processes, HostFiles host)
    {
        _environment = environment;
        _processes = processes;
        _cacheFile = Path.Combine(paths.Cache, "kvm-probe");
        _host = host;
    }

    /// <summary>The accelerator for a guest.</summary>
    /// <param name="wish"><c>auto</c>, <c>kvm</c> or <c>tcg</c> from the entity; <c>auto</c> leaves it to <c>CHARLY_VM_ACCEL</c>.</param>
    /// <param name="architecture">The guest's, such as <c>x86_64</c>.</param>
    /// <param name="qemu">Path of QEMU.</param>
    /// <param name="cancellationToken">Ends the probe.</param>
    /// <exception cref="CharlyException"><see cref="Errors.Usage"/> for an unknown wish.</exception>
    public async Task<Accelerator> ChooseAsync(string wish, string architecture, string qemu, CancellationToken cancellationToken = default)
    {
        var (value, from) = wish is "auto" or "" && _environment.Variable("CHARLY_VM_ACCEL") is { } variable
            ? (variable, "CHARLY_VM_ACCEL")
            : (wish, "accel");
        switch (value)
        {
            case "kvm":
                return new Accelerator(AcceleratorKind.Kvm, $"{from} says so");
            case "tcg":
                return new Accelerator(AcceleratorKind.Tcg, $"{from} says so");
            case "auto" or "":
                break;
            default:
                throw new CharlyException(Errors.Usage, $"{from} is \"{value}\", which is no accelerator", "Use auto, kvm or tcg.");
        }

        if (architecture != _host.Architecture)
        {
            return new Accelerator(AcceleratorKind.Tcg, $"the guest is {architecture} and this machine {_host.Architecture}");
        }

        if (_host.IsMac) return new Accelerator(AcceleratorKind.Hvf, "macOS");
        if (_host.Obstacle() is { } obstacle) return new Accelerator(AcceleratorKind.Tcg, obstacle);
        return await VerdictAsync(architecture, qemu, cancellationToken).ConfigureAwait(false) is { } failure
            ? new Accelerator(AcceleratorKind.Tcg, failure)
            : new Accelerator(AcceleratorKind.Kvm, "KVM runs guests");
    }

    /// <summary>Null if a guest ran under KVM, else why not.</summary>
    private async Task<string?> VerdictAsync(string architecture, string qemu, CancellationToken cancellationToken)
    {
        // Another QEMU, or a new boot with other modules, asks for a new trial.
        var stamp = $"{_host.BootId()} {qemu} {File.GetLastWriteTimeUtc(qemu).Ticks}";
        if (File.Exists(_cacheFile) && File.ReadAllText(_cacheFile).Split('\n') is [var kept, var verdict, ..] && kept == stamp)
        {
            return verdict.Length == 0 ? null : verdict;
        }

        var failure = await KvmTrial.RunAsync(_processes, qemu, architecture, cancellationToken).ConfigureAwait(false);
        AtomicFile.Write(_cacheFile, $"{stamp}\n{failure?.ReplaceLineEndings(" ")}\n", AtomicFile.Private);
        return failure;
    }

    /// <summary>What the probe reads of the host; tests describe other hosts.</summary>
    internal sealed record HostFiles
    {
        public string CpuInfo { get; init; } = "/proc/cpuinfo";

        public string Device { get; init; } = "/dev/kvm";

        public string BootIdFile { get; init; } = "/proc/sys/kernel/random/boot_id";

        public string Architecture { get; init; } = QemuMachine.HostArchitecture;

        public bool IsMac { get; init; } = RuntimeInformation.IsOSPlatform(OSPlatform.OSX);

        public string BootId() => File.Exists(BootIdFile) ? File.ReadAllText(BootIdFile).Trim() : "";

        /// <summary>What stands in KVM's way before any guest is tried; null if nothing does.</summary>
        public string? Obstacle()
        {
            if (Architecture == "x86_64" && Extension() is null) return "the processor shows neither svm nor vmx";
            if (!File.Exists(Device)) return $"there is no {Device}";
            try
            {
                using var opened = new FileStream(Device, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
                return null;
            }
            catch (Exception e) when (e is UnauthorizedAccessException or IOException)
            {
                return $"{Device} can't be opened: {e.Message.TrimEnd('.')}";
            }
        }

        /// <summary>The processor's virtualisation extension, <c>vmx</c> or <c>svm</c>; null if it shows none.</summary>
        public string? Extension() =>
            File.Exists(CpuInfo)
            && File.ReadLines(CpuInfo).FirstOrDefault(l => l.StartsWith("flags", StringComparison.Ordinal)) is { } flags
                ? flags.Split(' ').FirstOrDefault(f => f is "svm" or "vmx")
                : null;
    }
}
