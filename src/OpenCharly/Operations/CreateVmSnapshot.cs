using OpenCharly.Foundation;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>Takes a snapshot of a virtual machine, running or not.</summary>
public sealed class CreateVmSnapshot
{
    private readonly VmServices _services;

    /// <summary>Makes the operation.</summary>
    /// <param name="context">What it works with.</param>
    public CreateVmSnapshot(CharlyContext context)
        : this(new VmServices(context))
    {
    }

    internal CreateVmSnapshot(VmServices services) => _services = services;

    /// <summary>Takes it. A running machine stands still meanwhile, and its memory is kept too unless that is left out.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.SnapshotExists"/>, <see cref="Errors.BadName"/>, <see cref="Errors.BackendUnsupported"/>,
    /// <see cref="Errors.VmState"/>, <see cref="Errors.SnapshotFailed"/>, and what <see cref="StartVm"/> throws for the name.</exception>
    public async Task<VmSnapshot> RunAsync(CreateVmSnapshotRequest request, CancellationToken cancellationToken = default)
    {
        var vm = await _services.ResolveAsync(request.Name, cancellationToken).ConfigureAwait(false);
        var services = _services.For(vm);
        using var held = await services.LockAsync(vm, cancellationToken).ConfigureAwait(false);
        var handle = await services.RequireHandleAsync(vm, cancellationToken).ConfigureAwait(false);
        return await new VmSnapshotting(services, handle).TakeAsync(request, cancellationToken).ConfigureAwait(false);
    }
}
