using System.Runtime.InteropServices;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Vms.Libvirt;
using OpenCharly.Vms.Propolis;
using OpenCharly.Vms.Qemu;

namespace OpenCharly.Vms;

/// <summary>Picks the backend of a machine: for a new one by what is wished and what is here, for an existing one by its handle.</summary>
public sealed class HypervisorRouter
{
    private readonly VmSettings _settings;
    private readonly IProgress<CharlyEvent> _progress;
    private readonly QemuHypervisor _qemu;
    private readonly LibvirtHypervisor _libvirt;

    /// <summary>Knows the backends of this build.</summary>
    /// <param name="environment">Variables of the user.</param>
    /// <param name="paths">The user's folders.</param>
    /// <param name="processes">Runs programs.</param>
    /// <param name="progress">Where notices go.</param>
    public HypervisorRouter(CharlyEnvironment environment, HostPaths paths, IProcessRunner processes, IProgress<CharlyEvent> progress)
    {
        _settings = new VmSettings(environment, paths);
        _progress = progress;
        _qemu = new QemuHypervisor(environment, paths, processes, progress);
        _libvirt = new LibvirtHypervisor(environment, paths, processes, progress);
        Backends = [_qemu, _libvirt, new PropolisHypervisor(environment, paths, processes, progress), new NoopHypervisor(paths)];
    }

    /// <summary>Every backend, whether it works here or not.</summary>
    public IReadOnlyList<IHypervisor> Backends { get; }

    /// <summary>The backend of an existing machine.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.BackendMissing"/>.</exception>
    public IHypervisor For(VmHandle handle) => Find(handle.Backend) ?? throw Missing(handle.Backend, VmName.Of(handle).ToString(), "this build has no such backend");

    /// <summary>The backend for a new machine.</summary>
    /// <param name="spec">
    /// The entity. Anything but <c>auto</c> in it beats <c>CHARLY_VM_BACKEND</c>, which beats the setting <c>vm.backend</c>.
    /// </param>
    /// <param name="pinned">What was chosen for this machine before; it counts where nothing explicit is said.</param>
    /// <param name="name">The machine.</param>
    /// <param name="cancellationToken">Ends the probes.</param>
    /// <exception cref="CharlyException"><see cref="Errors.BackendMissing"/> naming what was probed; <see cref="Errors.Usage"/> for an unknown name.</exception>
    public async Task<IHypervisor> ChooseAsync(VmSpec spec, string? pinned, VmName name, CancellationToken cancellationToken = default)
    {
        // Only one backend has them, whatever is wished for all machines.
        if (spec.Network.Mode == "vnic" && spec.Backend is ("auto" or "")) return Find("propolis")!;
        var wish = spec.Backend is "auto" or "" ? _settings.Backend ?? "auto" : spec.Backend;
        if (wish is "auto" or "") wish = pinned ?? "auto";
        switch (wish)
        {
            case "auto":
                return await ChooseFreelyAsync(spec, name, cancellationToken).ConfigureAwait(false);
            case "libvirt" when !await _libvirt.IsThereAsync(cancellationToken).ConfigureAwait(false):
                throw _libvirt.Missing(name.ToString());
            default:
                return Find(wish) ?? throw new CharlyException(
                    Errors.Usage, $"\"{wish}\" is no backend", "Use auto, libvirt, qemu, propolis or noop.", target: name.ToString());
        }
    }

    private static CharlyException Missing(string backend, string machine, string why) => new(
        Errors.BackendMissing,
        $"the backend {backend} is not available for machine {machine}: {why}",
        "Install it, or say backend: qemu in the entity (or CHARLY_VM_BACKEND=qemu, or the setting vm.backend).",
        target: machine);

    private async Task<IHypervisor> ChooseFreelyAsync(VmSpec spec, VmName name, CancellationToken cancellationToken)
    {
        if (RuntimeInformation.RuntimeIdentifier.StartsWith("illumos", StringComparison.Ordinal)) return Find("propolis")!;
        var hasQemu = _qemu.FindProgram(QemuMachine.HostArchitecture) is not null;
        if (await _libvirt.IsThereAsync(cancellationToken).ConfigureAwait(false))
        {
            try
            {
                await _libvirt.CheckUserNetworkAsync(spec, cancellationToken).ConfigureAwait(false);
                return _libvirt;
            }
            catch (CharlyException e) when (hasQemu && e.Code == Errors.BackendMissing)
            {
                // Nobody asked for libvirt, so what it can't do here is no reason to fail.
                _progress.Report(new NoticeEvent(NoticeLevel.Info, $"machine {name} gets the backend qemu: {e.Message}"));
                return _qemu;
            }
        }

        if (hasQemu) return _qemu;
        throw Missing("auto", name.ToString(), $"there is neither qemu-system-{QemuMachine.HostArchitecture} on PATH nor a libvirt ({_libvirt.Missing(name.ToString()).Message})");
    }

    private IHypervisor? Find(string backend) => Backends.FirstOrDefault(b => b.Backend == backend);
}
