using System.Xml;
using System.Xml.Linq;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Vms.Qemu;

namespace OpenCharly.Vms.Libvirt;

/// <summary>What a domain needs to know of this machine and its libvirt.</summary>
/// <param name="virsh">libvirt.</param>
/// <param name="settings">The user's settings.</param>
/// <param name="processes">Finds programs.</param>
/// <param name="probe">Tells whether guests run on the hardware.</param>
internal sealed class LibvirtHost(Virsh virsh, VmSettings settings, IProcessRunner processes, AcceleratorProbe probe)
{
    /// <summary>libvirt 9.1 is the first that has passt and does not tell so in its capabilities.</summary>
    private static readonly Version FirstWithPasst = new(9, 1);

    /// <summary>What guests of an entity run on.</summary>
    public async Task<Accelerator> ChooseAcceleratorAsync(VmSpec spec, CancellationToken cancellationToken)
    {
        var architecture = QemuMachineBuilder.Architecture(spec);
        if (virsh.Uri.Host is not null && spec.Accelerator == "auto")
        {
            // What the processor over there can do is for its own libvirt to say.
            var capabilities = await virsh.RunAsync(["capabilities"], cancellationToken).ConfigureAwait(false);
            return capabilities.StandardOutput.Contains("<domain type='kvm'", StringComparison.Ordinal)
                ? new Accelerator(AcceleratorKind.Kvm, $"{virsh.Uri.Host} offers it")
                : new Accelerator(AcceleratorKind.Tcg, $"{virsh.Uri.Host} offers no KVM");
        }

        var program = processes.Find($"qemu-system-{architecture}") ?? processes.Find("/usr/libexec/qemu-kvm");
        return program is null && spec.Accelerator == "auto"
            ? new Accelerator(AcceleratorKind.Tcg, $"there is no qemu-system-{architecture} to try KVM with")
            : await probe.ChooseAsync(spec.Accelerator, architecture, program ?? "", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>How user networking is had here.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.BackendMissing"/> where forwarded ports would be dropped without a word.</exception>
    public async Task<UserNetwork> ChooseUserNetworkAsync(VmSpec spec, CancellationToken cancellationToken)
    {
        if (!DomainNetwork.NeedsUserNetwork(spec)) return UserNetwork.Passt;
        switch (settings.UserNetwork)
        {
            case "slirp":
                return UserNetwork.Slirp;
            case null or "passt":
                break;
            case var other:
                throw new CharlyException(Errors.Usage, $"\"{other}\" is no way to have user networking", "Use passt or slirp in CHARLY_VM_USER_NETWORK or the setting vm.user_network.");
        }

        if (await PasstObstacleAsync(spec, cancellationToken).ConfigureAwait(false) is not { } obstacle) return UserNetwork.Passt;
        throw new CharlyException(
            Errors.BackendMissing,
            $"the backend libvirt can't forward ports to machine {spec.Name}: {obstacle}",
            "Install passt and libvirt 9.1 or newer; or use network mode bridge or nat; or backend: qemu; or QEMU's own network for libvirt machines too: CHARLY_VM_USER_NETWORK=slirp, or the setting vm.user_network.",
            spec.Position,
            spec.Name);
    }

    /// <summary>The user's subordinate ids, where there are any.</summary>
    public static SubordinateIds? SubordinateIds()
    {
        var user = HostUser.Current();
        return Libvirt.SubordinateIds.Find(user.Name, user.User, user.Group, Text("/etc/subuid"), Text("/etc/subgid"));

        static string Text(string path) => File.Exists(path) ? File.ReadAllText(path) : "";
    }

    private async Task<string?> PasstObstacleAsync(VmSpec spec, CancellationToken cancellationToken)
    {
        var capabilities = await virsh.RunAsync(["domcapabilities", "--arch", QemuMachineBuilder.Architecture(spec), "--virttype", "qemu"], cancellationToken).ConfigureAwait(false);
        if (capabilities.Succeeded && BackendTypes(capabilities.StandardOutput) is { } types) return types.Contains("passt") ? null : "passt is not installed";
        var version = await virsh.RunAsync(["version", "--daemon"], cancellationToken).ConfigureAwait(false);
        if (Running(version.StandardOutput) is { } running && running < FirstWithPasst) return $"libvirt {running.ToString(3)} has no passt";
        return virsh.Uri.Host is null && processes.Find("passt") is null ? "passt is not installed" : null;
    }

    /// <summary>The network backends that libvirt names; null if it is too old to name any.</summary>
    internal static IReadOnlyList<string>? BackendTypes(string capabilities)
    {
        try
        {
            return XElement.Parse(capabilities).Element("devices")?.Element("interface")?.Elements("enum")
                .Where(e => (string?)e.Attribute("name") == "backendType").Elements("value").Select(v => v.Value).ToArray();
        }
        catch (XmlException)
        {
            return null;
        }
    }

    /// <summary>The version in what <c>virsh version --daemon</c> prints: the daemon's, which starts the machines; else the library's.</summary>
    internal static Version? Running(string text)
    {
        foreach (var begin in (string[])["Running against daemon: ", "Using library: libvirt "])
        {
            if (text.Split('\n').FirstOrDefault(l => l.StartsWith(begin, StringComparison.Ordinal)) is { } line && Version.TryParse(line[begin.Length..].Trim(), out var version)) return version;
        }

        return null;
    }
}
