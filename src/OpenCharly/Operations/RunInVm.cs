using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>Runs a command in a virtual machine over ssh.</summary>
public sealed class RunInVm
{
    private readonly VmServices _services;

    /// <summary>Makes the operation.</summary>
    /// <param name="context">What it works with.</param>
    public RunInVm(CharlyContext context)
        : this(new VmServices(context))
    {
    }

    internal RunInVm(VmServices services) => _services = services;

    /// <summary>Runs it; its exit code is a result, not an error. Output and error stay apart.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmNotRunning"/>, <see cref="Errors.VmState"/> if it is suspended or has no
    /// network, <see cref="Errors.SshFailed"/>, <see cref="Errors.SshHostKey"/>; <see cref="Errors.Io"/> if the time is over.</exception>
    public async Task<CommandResult> RunAsync(RunInVmRequest request, CancellationToken cancellationToken = default)
    {
        var vm = await _services.ResolveAsync(request.Name, cancellationToken, request.VmFile).ConfigureAwait(false);
        var services = _services.For(vm);
        await services.RequireReachableAsync(vm, cancellationToken).ConfigureAwait(false);
        var ssh = new VmFileSsh(services).Find(vm, request.VmFile);
        var line = new SshCommandLine(services.SshAccess.DestinationFor(vm, request.User ?? ssh?.User, request.Port, request.KeyPath ?? ssh?.PrivateKey), services.Context.Paths);
        CommandResult result;
        try
        {
            result = await SshPatience.RunAsync(
                services.Context.Processes, services.Context.Environment.Clock, new ProcessRequest("ssh", line.Run(request.Command)) { Output = request.Output, Timeout = request.Timeout }, cancellationToken).ConfigureAwait(false);
        }
        catch (CharlyException e) when (e.Code == Errors.Io && request.Timeout is not null)
        {
            throw new CharlyException(
                Errors.Io,
                $"the command in machine {vm} did not end within {request.Timeout.Value.TotalSeconds:0.###} s; its connection was closed",
                "Allow more time, or look in the guest whether it still runs.",
                target: vm.ToString(),
                inner: e);
        }

        return result.ExitCode == SshFailed && Explain(vm, services.Files(vm), result) is { } error ? throw error : result;
    }

    /// <summary>ssh's own exit code for a connection that did not come up; a command may end with it too.</summary>
    private const int SshFailed = 255;

    private static CharlyException? Explain(VmName vm, VmFiles files, CommandResult result)
    {
        if (SshFailure.IsHostKey(result.StandardError))
        {
            return new CharlyException(
                Errors.SshHostKey,
                $"machine {vm} shows another host key than the one in {files.KnownHosts}",
                $"If you changed it in the guest, put the new key there; else make the machine anew: charly vm destroy {vm}",
                target: vm.ToString());
        }

        if (SshFailure.IsAuthentication(result.StandardError))
        {
            return new CharlyException(
                Errors.SshFailed, $"machine {vm} refuses the log-in: {result.Tail(1)}", "Check --user and --key; load the key into the agent.", target: vm.ToString());
        }

        string[] own = ["ssh: ", "Connection ", "kex_exchange", "banner exchange", "client_loop:", "mux_client"];
        return own.Any(o => result.Tail(1).StartsWith(o, StringComparison.Ordinal))
            ? new CharlyException(
                Errors.SshFailed,
                $"machine {vm} can't be reached: {result.Tail(1)}",
                $"It may still be booting: charly vm wait {vm}. Else see its console: charly vm log {vm} --console",
                target: vm.ToString())
            : null;
    }
}
