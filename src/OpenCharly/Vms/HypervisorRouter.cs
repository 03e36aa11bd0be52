using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Vms.Qemu;
using OpenCharly.Yaml;

namespace OpenCharly.Vms;

/// <summary>Picks the backend of a machine: for a new one by what is wished and what is here, for an existing one by its handle.</summary>
public sealed class HypervisorRouter
{
    private readonly CharlyEnvironment _environment;
    private readonly HostPaths _paths;
    private readonly IReadOnlyList<IHypervisor> _backends;
    private readonly QemuHypervisor _qemu;

    /// <summary>Knows the backends of this build.</summary>
    /// <param name="environment">Variables of the user.</param>
    /// <param name="paths">The user's folders.</param>
    /// <param name="processes">Runs programs.</param>
    /// <param name="progress">Where notices go.</param>
    /// <param name="further">Backends beside <c>qemu</c> and <c>noop</c>.</param>
    public HypervisorRouter(
        CharlyEnvironment environment, HostPaths paths, IProcessRunner processes, IProgress<CharlyEvent> progress, params IReadOnlyList<IHypervisor> further)
    {
        _environment = environment;
        _paths = paths;
        _qemu = new QemuHypervisor(environment, paths, processes, progress);
        _backends = [_qemu, new NoopHypervisor(paths), .. further];
    }

    /// <summary>The backend of an existing machine.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.BackendMissing"/>.</exception>
    public IHypervisor For(VmHandle handle) => Find(handle.Backend) ?? throw Missing(handle.Backend, VmName.Of(handle).ToString(), "this build has no such backend");

    /// <summary>The backend for a new machine.</summary>
    /// <param name="wish">The entity's; anything but <c>auto</c> beats <c>CHARLY_VM_BACKEND</c>, which beats the setting <c>vm.backend</c>.</param>
    /// <param name="pinned">What was chosen for this machine before; it counts where nothing explicit is said.</param>
    /// <param name="machine">The machine, for messages.</param>
    /// <exception cref="CharlyException"><see cref="Errors.BackendMissing"/> naming what was probed; <see cref="Errors.Usage"/> for an unknown name.</exception>
    public IHypervisor Choose(string wish, string? pinned, string machine)
    {
        var name = wish;
        if (name is "auto" or "") name = _environment.Variable("CHARLY_VM_BACKEND") ?? Setting() ?? "auto";
        if (name is "auto" or "") name = pinned ?? "auto";
        switch (name)
        {
            case "auto":
                if (Find("libvirt") is { } libvirt && LibvirtSockets().Any(File.Exists)) return libvirt;
                if (_qemu.FindProgram(QemuMachine.HostArchitecture) is not null) return _qemu;
                throw Missing("auto", machine, $"there is neither qemu-system-{QemuMachine.HostArchitecture} on PATH nor a libvirt socket ({string.Join(", ", LibvirtSockets())})");
            case "libvirt" when Find("libvirt") is null || !LibvirtSockets().Any(File.Exists):
                throw Missing(
                    "libvirt", machine, (Find("libvirt") is null ? "this build drives QEMU itself and has no libvirt backend; " : "") + "probed: "
                        + string.Join(", ", LibvirtSockets().Select(s => $"{s} ({(File.Exists(s) ? "there" : "absent")})")));
            case "propolis":
                throw Missing("propolis", machine, "this build has no such backend");
            default:
                return Find(name) ?? throw new CharlyException(
                    Errors.Usage, $"\"{name}\" is no backend", "Use auto, libvirt, qemu or noop.", target: machine);
        }
    }

    private static CharlyException Missing(string backend, string machine, string why) => new(
        Errors.BackendMissing,
        $"the backend {backend} is not available for machine {machine}: {why}",
        "Install it, or say backend: qemu in the entity (or CHARLY_VM_BACKEND=qemu, or the setting vm.backend).",
        target: machine);

    private IHypervisor? Find(string backend) => _backends.FirstOrDefault(b => b.Backend == backend);

    private string[] LibvirtSockets()
    {
        var folder = _environment.Variable("XDG_RUNTIME_DIR") ?? "/run/user/" + UserId();
        return [Path.Combine(folder, "libvirt", "virtqemud-sock"), Path.Combine(folder, "libvirt", "libvirt-sock")];
    }

    private static string UserId() =>
        File.Exists("/proc/self/status")
            ? File.ReadLines("/proc/self/status").First(l => l.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1]
            : "0";

    private string? Setting()
    {
        if (!File.Exists(_paths.SettingsFile)) return null;
        var root = YamlReader.ReadFile(_paths.SettingsFile) is [YamlMapping first, ..] ? first : null;
        var value = root?["vm.backend"] ?? (root?["vm"] as YamlMapping)?["backend"];
        return value is YamlScalar { IsNull: false } scalar ? scalar.Text : null;
    }
}
