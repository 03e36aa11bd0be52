using OpenCharly.Foundation;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>Lists the snapshots of a virtual machine.</summary>
public sealed class GetVmSnapshots
{
    private readonly VmServices _services;

    /// <summary>Makes the operation.</summary>
    /// <param name="context">What it works with.</param>
    public GetVmSnapshots(CharlyContext context)
        : this(new VmServices(context))
    {
    }

    internal GetVmSnapshots(VmServices services) => _services = services;

    /// <summary>The snapshots, oldest first; those of a destroyed machine are still listed.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmNotFound"/>, <see cref="Errors.VmNotCreated"/>, <see cref="Errors.RegistryCorrupt"/>.</exception>
    public async Task<IReadOnlyList<VmSnapshot>> RunAsync(string name, CancellationToken cancellationToken = default)
    {
        var vm = await _services.ResolveAsync(name, cancellationToken).ConfigureAwait(false);
        var all = new SnapshotRegistry(_services.Files(vm), vm.ToString()).Read();
        if (all.Count == 0) await _services.RequireHandleAsync(vm, cancellationToken).ConfigureAwait(false);
        return all;
    }
}
