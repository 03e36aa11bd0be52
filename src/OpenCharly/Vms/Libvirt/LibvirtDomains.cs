using System.Xml.Linq;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.Libvirt;

/// <summary>The domains that a libvirt has, whoever made them.</summary>
/// <param name="virsh">Talks to libvirt.</param>
/// <param name="paths">The user's folders, where machines of ours are known.</param>
internal sealed class LibvirtDomains(Virsh virsh, HostPaths paths)
{
    private static readonly string[] WithAllOfIt = ["--nvram", "--managed-save", "--snapshots-metadata", "--checkpoints-metadata"];

    /// <summary>All domains of the session, ours and others', as they are defined.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.BackendMissing"/>, <see cref="Errors.LibvirtFailed"/>.</exception>
    public async Task<IReadOnlyList<DomainFacts>> ListAsync(CancellationToken cancellationToken)
    {
        if (!await virsh.IsThereAsync(cancellationToken).ConfigureAwait(false)) throw virsh.Missing("that libvirt has");
        var listed = await virsh.MustAsync(new VmName("all"), "list", ["list", "--all", "--name"], cancellationToken).ConfigureAwait(false);
        var domains = new List<DomainFacts>();
        foreach (var name in listed.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Order(StringComparer.Ordinal))
        {
            var xml = await virsh.RunAsync(["dumpxml", "--inactive", name], cancellationToken).ConfigureAwait(false);

            // One that is removed meanwhile is none.
            if (xml.Succeeded) domains.Add(DomainFacts.Read(XElement.Parse(xml.StandardOutput)));
            else if (!Virsh.IsUnknown(xml)) throw virsh.Failed(new VmName(name), "describe", xml);
        }

        return domains;
    }

    /// <summary>Domains named as charly names its own, which are off and whose machine nobody here knows: neither a record nor a folder of it is left.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.BackendMissing"/>, <see cref="Errors.LibvirtFailed"/>.</exception>
    public async Task<IReadOnlyList<string>> OrphansAsync(CancellationToken cancellationToken)
    {
        if (!await virsh.IsThereAsync(cancellationToken).ConfigureAwait(false)) throw virsh.Missing("that libvirt has");
        var listed = await virsh.MustAsync(new VmName("all"), "list", ["list", "--inactive", "--name"], cancellationToken).ConfigureAwait(false);
        var known = new VmRegistry(paths).Read();
        return
        [
            .. listed.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Where(n => n.StartsWith("charly-", StringComparison.Ordinal) && !known.ContainsKey(n) && !Directory.Exists(paths.VmState(n)))
                .Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>Undefines a domain that is off; its disks stay.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.LibvirtFailed"/>.</exception>
    public async Task UndefineAsync(string domain, CancellationToken cancellationToken)
    {
        var undefined = await virsh.RunAsync(["undefine", domain, .. WithAllOfIt], cancellationToken).ConfigureAwait(false);
        if (!undefined.Succeeded && !Virsh.IsUnknown(undefined)) throw virsh.Failed(new VmName(domain), "remove", undefined);
    }
}
