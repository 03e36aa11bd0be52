using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Vms;

/// <summary>Holds what an entity asks for against what a backend declares: what it can't do is an error before anything changes.</summary>
internal static class BackendRefusal
{
    /// <summary>Refuses a machine that the backend can't make.</summary>
    /// <param name="hypervisor">The backend.</param>
    /// <param name="spec">The entity.</param>
    /// <param name="name">The machine.</param>
    /// <param name="hasDirectBoot">Whether a kernel is given.</param>
    /// <exception cref="CharlyException"><see cref="Errors.BackendUnsupported"/>.</exception>
    public static void ThrowIfUnsupported(IHypervisor hypervisor, VmSpec spec, VmName name, bool hasDirectBoot)
    {
        var can = hypervisor.Capabilities;
        var lacking =
            spec.Network.Mode == "bridge" && !can.Bridge ? "join a bridge"
            : spec.Network.Mode == "nat" && !can.Nat && !can.UserNetwork ? "join a network of libvirt's"
            : spec.Network.PortForwards.Count > 0 && !can.UserNetwork ? "forward ports of this machine"
            : spec.Autostart && !can.Autostart && hypervisor.Backend != "qemu" ? "start machines with the host"
            : spec.Network.Mode == "vnic" && !can.Vnic ? "give a guest a VNIC"
            : hasDirectBoot && !can.DirectBoot ? "boot a kernel that is given"
            : spec.Firmware is "uefi-insecure" or "uefi-secure" && !can.Uefi ? $"boot by {spec.Firmware}"
            : null;
        if (lacking is null) return;
        throw new CharlyException(
            Errors.BackendUnsupported,
            $"vm \"{name}\": the backend {hypervisor.Backend} can't {lacking}",
            "Nothing was changed. Leave it out, or use a backend that can: docs/backends.md has the table.",
            spec.Position,
            name.ToString());
    }

    /// <summary>Whether a machine is reached by ports of this machine, and so needs one for ssh.</summary>
    public static bool ForwardsPorts(IHypervisor hypervisor, VmSpec spec) =>
        (spec.Network.Mode == "user" && hypervisor.Capabilities.UserNetwork) || (spec.Network.Mode == "nat" && hypervisor.Capabilities is { Nat: false, UserNetwork: true });
}
