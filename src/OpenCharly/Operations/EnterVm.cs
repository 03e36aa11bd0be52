using System.Globalization;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>Describes the interactive ssh session into a virtual machine.</summary>
public sealed class EnterVm
{
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
        var vm = VmName.Parse(request.Name);
        await _services.RequireReachableAsync(vm, cancellationToken).ConfigureAwait(false);
        var program = _services.Context.Processes.Find("ssh") ?? throw new CharlyException(
            Errors.ToolMissing, "the program ssh is not installed", "Install the OpenSSH client: apt-get install openssh-client.", target: "ssh");
        var destination = _services.SshAccess.DestinationFor(vm, request.User, request.Port, request.KeyPath);
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
}
