using OpenCharly.Foundation;
using OpenCharly.Vms.Libvirt;

namespace OpenCharly.Operations;

/// <summary>Removes what is left in libvirt of machines that are gone: domains named <c>charly-…</c> that are off and that nothing here knows.</summary>
public sealed class CleanVmOrphans
{
    private readonly VmServices _services;

    /// <summary>Makes the operation.</summary>
    /// <param name="context">What it works with.</param>
    public CleanVmOrphans(CharlyContext context) => _services = new VmServices(context);

    /// <summary>The domains, by name; removes none.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.BackendMissing"/>, <see cref="Errors.LibvirtFailed"/>, <see cref="Errors.RegistryCorrupt"/>.</exception>
    public Task<IReadOnlyList<string>> FindAsync(CancellationToken cancellationToken = default) => Libvirt.Domains.OrphansAsync(cancellationToken);

    /// <summary>Undefines one of them; its disks stay where they are.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmNotFound"/> if it is none of them by now, <see cref="Errors.LibvirtFailed"/>.</exception>
    public async Task RunAsync(string domain, CancellationToken cancellationToken = default)
    {
        if (!(await FindAsync(cancellationToken).ConfigureAwait(false)).Contains(domain, StringComparer.Ordinal))
        {
            throw new CharlyException(Errors.VmNotFound, $"{domain} is no domain without a machine", "Look again: it may run, or belong to a machine.", target: domain);
        }

        await Libvirt.Domains.UndefineAsync(domain, cancellationToken).ConfigureAwait(false);
    }

    private LibvirtHypervisor Libvirt => _services.Router.Backends.OfType<LibvirtHypervisor>().Single();
}
