using OpenCharly.Foundation;

namespace OpenCharly.Operations;

/// <summary>Starts a virtual machine in the foreground, with the hypervisor's monitor on the terminal.</summary>
public sealed class MonitorVm
{
    private readonly VmServices _services;

    /// <summary>Makes the operation.</summary>
    /// <param name="context">What it works with.</param>
    public MonitorVm(CharlyContext context)
        : this(new VmServices(context))
    {
    }

    internal MonitorVm(VmServices services) => _services = services;

    /// <summary>The program and arguments that a face runs on its terminal; the machine is off again when it ends.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.BackendUnsupported"/>, and what <see cref="StartVm"/> throws.</exception>
    public async Task<InteractiveCommand> RunAsync(string name, CancellationToken cancellationToken = default)
    {
        var vm = await _services.ResolveAsync(name, cancellationToken).ConfigureAwait(false);
        var services = _services.For(vm);
        using var held = await services.LockAsync(vm, cancellationToken).ConfigureAwait(false);
        var handle = await services.RequireHandleAsync(vm, cancellationToken).ConfigureAwait(false);
        var hypervisor = services.Router.For(handle);
        if (!hypervisor.Capabilities.Monitor) throw hypervisor.Unsupported("a monitor on the terminal", handle);
        await new DiskUsers(services).RefuseUnderInstancesAsync(handle, cancellationToken).ConfigureAwait(false);
        var words = await hypervisor.PrepareForegroundAsync(handle, cancellationToken).ConfigureAwait(false);
        return new InteractiveCommand(words[0], [.. words.Skip(1)]);
    }
}
