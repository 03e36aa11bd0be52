using System.Globalization;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Vms;
using OpenCharly.Vms.Definitions;
using OpenCharly.Vms.Qemu;

namespace OpenCharly.Operations;

/// <summary>Describes the interactive ssh session into a virtual machine.</summary>
public sealed class EnterVm
{
    private static readonly TimeSpan ProbeLimit = TimeSpan.FromSeconds(30);

    private readonly VmServices _services;

    /// <summary>Makes the operation.</summary>
    /// <param name="context">What it works with.</param>
    public EnterVm(CharlyContext context)
        : this(new VmServices(context))
    {
    }

    internal EnterVm(VmServices services) => _services = services;

    /// <summary>The program and arguments that a face runs on its terminal.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmNotRunning"/>, <see cref="Errors.VmState"/>, <see cref="Errors.ToolMissing"/>.</exception>
    public async Task<InteractiveCommand> RunAsync(EnterVmRequest request, CancellationToken cancellationToken = default)
    {
        var vm = await _services.ResolveAsync(request.Name, cancellationToken, request.VmFile).ConfigureAwait(false);
        await _services.RequireReachableAsync(vm, cancellationToken).ConfigureAwait(false);
        var program = _services.Context.Processes.Find("ssh") ?? throw new CharlyException(
            Errors.ToolMissing, "the program ssh is not installed", "Install the OpenSSH client: apt-get install openssh-client.", target: "ssh");
        var services = _services.For(vm);
        var ssh = new VmFileSsh(services).Find(vm, request.VmFile);
        var destination = _services.SshAccess.DestinationFor(vm, request.User ?? ssh?.User, request.Port, request.KeyPath ?? ssh?.PrivateKey);

        // A VMFile machine is entered right after it was started, when its guest is still on the way (vm.md §2.2).
        if (vm.IsVmFile) await WaitAsync(services, vm, destination, cancellationToken).ConfigureAwait(false);
        var socket = new SshCommandLine(destination, _services.Context.Paths).ControlSocket;
        List<string> arguments = destination.ConfigFile is { } file ? ["-F", file] : [];
        arguments.AddRange(["-o", "LogLevel=ERROR", "-o", "ConnectTimeout=10"]);

        // A connection that is there is shared; a session that a person closes must not keep one open.
        arguments.AddRange(socket is null ? ["-o", "ControlPath=none"] : ["-o", "ControlMaster=no", "-o", $"ControlPath={socket}"]);
        if (destination.Port is { } port) arguments.AddRange(["-p", port.ToString(CultureInfo.InvariantCulture)]);
        arguments.AddRange(destination.Arguments);
        if (request.Command is not null) arguments.Add(request.Terminal ? "-t" : "-T");
        arguments.AddRange(["--", destination.Address]);
        if (request.Command is { } command) arguments.Add(command);
        return new InteractiveCommand(program, arguments);
    }

    private static async Task WaitAsync(VmServices services, VmName vm, SshDestination destination, CancellationToken cancellationToken)
    {
        var handle = await services.RequireHandleAsync(vm, cancellationToken).ConfigureAwait(false);
        var host = handle.SshHostPort is null ? await services.Router.For(handle).AddressAsync(handle, cancellationToken).ConfigureAwait(false) : PortAllocator.Loopback;
        if (host is null)
        {
            throw new CharlyException(
                Errors.IpTimeout, $"machine {vm} has no address on {handle.Network.Bridge} yet", $"Check that the network hands out addresses, and see the console: charly vm log {vm} --console", target: vm.ToString());
        }

        if (handle.SshHostPort is null) await new VmBoot(services).MoveSshAsync(handle, host, 22, cancellationToken).ConfigureAwait(false);
        var executor = new ExecutorFactory(services.Context.Environment, services.Context.Processes).Ssh(destination);
        await using (executor.ConfigureAwait(false))
        {
            try
            {
                var limit = ProbeLimit * await PatienceAsync(services, handle, cancellationToken).ConfigureAwait(false);
                await new SshWait(services.Context.Environment.Clock, new LateProgress(services.Context.Progress))
                    .WaitAsync(executor, host, destination.Port ?? handle.SshHostPort ?? 22, limit, cancellationToken).ConfigureAwait(false);
            }
            catch (CharlyException e) when (e.Code == Errors.DeployUnreachable)
            {
                throw new CharlyException(
                    Errors.SshFailed,
                    e.Message,
                    $"Check --user and --key. It may still be booting: charly vm wait {vm}. Else see its console: charly vm log {vm} --console",
                    target: vm.ToString(),
                    inner: e);
            }
        }
    }

    private static async Task<int> PatienceAsync(VmServices services, VmHandle handle, CancellationToken cancellationToken)
    {
        if (services.Router.For(handle) is not QemuHypervisor qemu) return 1;
        var spec = VmFileCreation.Spec(new VmDefinition { Name = handle.Name });
        return (await qemu.ChooseAcceleratorAsync(spec, cancellationToken).ConfigureAwait(false)).Patience;
    }

    /// <summary>Tells of a wait only when its first attempt failed: most are over with that.</summary>
    private sealed class LateProgress(IProgress<CharlyEvent> inner) : IProgress<CharlyEvent>
    {
        private string? _probe;

        public void Report(CharlyEvent value)
        {
            if (value is WaitEvent wait && wait.Probe != _probe) _probe = wait.Probe;
            else inner.Report(value);
        }
    }
}
