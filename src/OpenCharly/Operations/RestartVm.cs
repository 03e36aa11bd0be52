using OpenCharly.Foundation;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>Shuts a virtual machine down, if it runs, and boots it.</summary>
public sealed class RestartVm
{
    private readonly VmServices _services;

    /// <summary>Makes the operation.</summary>
    /// <param name="context">What it works with.</param>
    public RestartVm(CharlyContext context)
        : this(new VmServices(context))
    {
    }

    internal RestartVm(VmServices services) => _services = services;

    /// <summary>Stops as <see cref="StopVm"/> does, and starts; a machine that is off is only started.</summary>
    /// <exception cref="CharlyException">As for <see cref="StopVm"/> and <see cref="StartVm"/>.</exception>
    public async Task<CharlyVm> RunAsync(StopVmRequest request, CancellationToken cancellationToken = default)
    {
        var vm = await _services.ResolveAsync(request.Name, cancellationToken).ConfigureAwait(false);
        var services = _services.For(vm);
        using var held = await services.LockAsync(vm, cancellationToken).ConfigureAwait(false);
        var boot = new VmBoot(services);
        var handle = await services.RequireHandleAsync(vm, cancellationToken).ConfigureAwait(false);
        var live = await services.Router.For(handle).StateAsync(handle, cancellationToken).ConfigureAwait(false);
        if (live.IsOn) handle = await boot.StopAsync(handle, request.Timeout, request.Force, cancellationToken).ConfigureAwait(false);
        handle = await boot.StartAsync(handle, cancellationToken).ConfigureAwait(false);
        return await services.DescribeAsync(handle, cancellationToken).ConfigureAwait(false);
    }
}
