using OpenCharly.Foundation;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>Waits for a condition of a virtual machine.</summary>
public sealed class WaitVm
{
    private readonly VmServices _services;

    /// <summary>Makes the operation.</summary>
    /// <param name="context">What it works with.</param>
    public WaitVm(CharlyContext context)
        : this(new VmServices(context))
    {
    }

    internal WaitVm(VmServices services) => _services = services;

    /// <summary>Polls until the condition is met.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmWait"/> with the probe that was not met, what it saw last and the
    /// console's last lines; <see cref="Errors.VmNotRunning"/> at once if the machine is or goes off.</exception>
    public async Task<CharlyVm> RunAsync(WaitVmRequest request, CancellationToken cancellationToken = default)
    {
        var vm = await _services.ResolveAsync(request.Name, cancellationToken).ConfigureAwait(false);
        var services = _services.For(vm);
        var handle = await services.RequireHandleAsync(vm, cancellationToken).ConfigureAwait(false);
        await new VmReadiness(services).WaitAsync(handle, request.For, request.Timeout, cancellationToken).ConfigureAwait(false);
        return await services.DescribeAsync(services.Registry.Find(vm.Id) ?? handle, cancellationToken).ConfigureAwait(false);
    }
}
