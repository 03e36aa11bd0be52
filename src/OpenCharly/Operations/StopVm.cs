using OpenCharly.Foundation;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>Shuts a virtual machine down.</summary>
public sealed class StopVm
{
    private readonly VmServices _services;

    /// <summary>Makes the operation.</summary>
    /// <param name="context">What it works with.</param>
    public StopVm(CharlyContext context)
        : this(new VmServices(context))
    {
    }

    internal StopVm(VmServices services) => _services = services;

    /// <summary>ACPI, then TERM, then KILL, each step announced by a warning.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmNotFound"/>, <see cref="Errors.VmNotCreated"/>, <see cref="Errors.VmNotRunning"/>,
    /// <see cref="Errors.VmStop"/>.</exception>
    public async Task<CharlyVm> RunAsync(StopVmRequest request, CancellationToken cancellationToken = default)
    {
        var vm = await _services.ResolveAsync(request.Name, cancellationToken).ConfigureAwait(false);
        var services = _services.For(vm);
        VmHandle stopped;
        using (await services.LockAsync(vm, cancellationToken).ConfigureAwait(false))
        {
            stopped = await new VmBoot(services).StopAsync(await services.RequireHandleAsync(vm, cancellationToken).ConfigureAwait(false), request.Timeout, request.Force, cancellationToken).ConfigureAwait(false);
        }

        await new ExclusiveClaims(services.Context).ReleaseAsync(vm, cancellationToken).ConfigureAwait(false);
        return await services.DescribeAsync(stopped, cancellationToken).ConfigureAwait(false);
    }
}
