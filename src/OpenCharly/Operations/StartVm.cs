using OpenCharly.Foundation;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>Boots a virtual machine.</summary>
public sealed class StartVm
{
    private readonly VmServices _services;

    /// <summary>Makes the operation.</summary>
    /// <param name="context">What it works with.</param>
    public StartVm(CharlyContext context)
        : this(new VmServices(context))
    {
    }

    internal StartVm(VmServices services) => _services = services;

    /// <summary>Boots, and returns as soon as the hypervisor runs it; <see cref="WaitVm"/> waits for the guest.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmNotFound"/>, <see cref="Errors.VmNotCreated"/>, <see cref="Errors.VmAlreadyRunning"/>,
    /// <see cref="Errors.VmState"/> if suspended, <see cref="Errors.PortInUse"/>, <see cref="Errors.QemuSpawn"/>, <see cref="Errors.QmpConnect"/>;
    /// <see cref="Errors.LeaseHeld"/> and <see cref="Errors.LeaseHolder"/> if it claims what others hold.</exception>
    public async Task<CharlyVm> RunAsync(string name, CancellationToken cancellationToken = default)
    {
        var vm = await _services.ResolveAsync(name, cancellationToken).ConfigureAwait(false);
        var services = _services.For(vm);
        await services.RequireHandleAsync(vm, cancellationToken).ConfigureAwait(false);
        var claims = new ExclusiveClaims(services.Context);
        var grant = await claims.AcquireAsync(vm, cancellationToken).ConfigureAwait(false);
        try
        {
            using var held = await services.LockAsync(vm, cancellationToken).ConfigureAwait(false);
            var started = await new VmBoot(services).StartAsync(await services.RequireHandleAsync(vm, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            return await services.DescribeAsync(started, cancellationToken).ConfigureAwait(false);
        }
        catch when (grant is { IsNew: true })
        {
            await claims.ReleaseUnlessRunningAsync(vm).ConfigureAwait(false);
            throw;
        }
    }
}
