using OpenCharly.Foundation;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>Stops the processors of a virtual machine.</summary>
public sealed class SuspendVm
{
    private readonly VmServices _services;

    /// <summary>Makes the operation.</summary>
    /// <param name="context">What it works with.</param>
    public SuspendVm(CharlyContext context)
        : this(new VmServices(context))
    {
    }

    internal SuspendVm(VmServices services) => _services = services;

    /// <summary>Suspends; nothing to do if it is suspended.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmNotFound"/>, <see cref="Errors.VmNotCreated"/>, <see cref="Errors.VmState"/> if it is off.</exception>
    public async Task<CharlyVm> RunAsync(string name, CancellationToken cancellationToken = default)
    {
        var vm = await _services.ResolveAsync(name, cancellationToken).ConfigureAwait(false);
        var services = _services.For(vm);
        using var held = await services.LockAsync(vm, cancellationToken).ConfigureAwait(false);
        var handle = await new VmBoot(services).RecordAsync(
            await services.RequireHandleAsync(vm, cancellationToken).ConfigureAwait(false), h => services.Router.For(h).SuspendAsync(h, cancellationToken), cancellationToken).ConfigureAwait(false);
        return await services.DescribeAsync(handle, cancellationToken).ConfigureAwait(false);
    }
}
