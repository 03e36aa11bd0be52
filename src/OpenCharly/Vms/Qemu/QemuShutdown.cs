using OpenCharly.Foundation;

namespace OpenCharly.Vms.Qemu;

/// <summary>
/// Ends a QEMU process, gently first (vm.md §2.3): power button, SIGTERM, SIGKILL, each step announced. Every signal is
/// preceded by a look whether the process still is the machine's.
/// </summary>
internal sealed class QemuShutdown(QemuProcess process, VmHandle handle, Action<string> warn)
{
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan QuitLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan TermLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan KillLimit = TimeSpan.FromSeconds(5);

    /// <summary>Ends it.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="isSuspended">Whether its processors have to be continued before the guest can react.</param>
    /// <param name="timeout">How long the guest may take.</param>
    /// <param name="force">Ask QEMU itself, not the guest.</param>
    /// <param name="cancellationToken">Ends the wait; the machine then is in whatever state it has reached.</param>
    /// <exception cref="CharlyException"><see cref="Errors.VmStop"/> if it survives everything.</exception>
    public async Task RunAsync(int pid, bool isSuspended, TimeSpan timeout, bool force, CancellationToken cancellationToken)
    {
        if (force)
        {
            if (await CommandAsync(["quit"], cancellationToken).ConfigureAwait(false)
                && await process.WaitForEndAsync(pid, QuitLimit, cancellationToken).ConfigureAwait(false)) return;
            warn("QEMU did not quit; it is killed");
        }
        else
        {
            string[] commands = isSuspended ? ["cont", "system_powerdown"] : ["system_powerdown"];
            if (await CommandAsync(commands, cancellationToken).ConfigureAwait(false)
                && await process.WaitForEndAsync(pid, timeout, cancellationToken).ConfigureAwait(false)) return;
            warn($"the guest did not shut down within {timeout.TotalSeconds:0} s; QEMU gets SIGTERM");
            await process.SignalAsync(pid, QemuProcess.Terminate, cancellationToken).ConfigureAwait(false);
            if (await process.WaitForEndAsync(pid, TermLimit, cancellationToken).ConfigureAwait(false)) return;
            warn($"QEMU did not end within {TermLimit.TotalSeconds:0} s of SIGTERM; it gets SIGKILL");
        }

        await process.SignalAsync(pid, QemuProcess.Kill, cancellationToken).ConfigureAwait(false);
        if (await process.WaitForEndAsync(pid, KillLimit, cancellationToken).ConfigureAwait(false)) return;
        throw new CharlyException(
            Errors.VmStop,
            $"process {pid} of machine {VmName.Of(handle)} survives SIGKILL",
            "It hangs in the kernel, perhaps on a dead disk: see its state in ps, and the console log.",
            target: VmName.Of(handle).ToString());
    }

    /// <returns>False if QEMU can't be talked to; the caller then goes on to the next means.</returns>
    private async Task<bool> CommandAsync(IReadOnlyList<string> commands, CancellationToken cancellationToken)
    {
        try
        {
            using var control = await QmpClient.ConnectAsync(handle.QmpSocket ?? "", ConnectLimit, null, cancellationToken).ConfigureAwait(false);
            foreach (var command in commands) await control.ExecuteAsync(command, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (CharlyException e) when (e.Code == Errors.QmpConnect || e.Code == Errors.QmpCommand)
        {
            warn(e.Message);
            return false;
        }
    }
}
