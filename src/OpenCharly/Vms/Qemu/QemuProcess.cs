using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.Qemu;

/// <summary>
/// A machine's QEMU process. A process id alone proves nothing, since the kernel gives it to others again: it is ours
/// only if its command line names our own pid file.
/// </summary>
/// <param name="pidFile">The pid file, absolute.</param>
/// <param name="processes">Asks <c>ps</c> where there is no <c>/proc</c>.</param>
internal sealed partial class QemuProcess(string pidFile, IProcessRunner processes)
{
    public const int Terminate = 15;

    public const int Kill = 9;

    /// <summary>The process id if the machine's QEMU lives, else null. Never changes anything.</summary>
    public async Task<int?> FindAsync(CancellationToken cancellationToken = default)
    {
        var pid = ReadPid();
        return pid is not null && await IsOursAsync(pid.Value, cancellationToken).ConfigureAwait(false) ? pid : null;
    }

    /// <summary>Deletes a pid file whose process is gone or another's. Only for who holds the machine's lock.</summary>
    public async Task RemoveStaleAsync(CancellationToken cancellationToken = default)
    {
        if (File.Exists(pidFile) && await FindAsync(cancellationToken).ConfigureAwait(false) is null) File.Delete(pidFile);
    }

    /// <summary>Sends a signal, if the process still is the machine's QEMU at this moment.</summary>
    /// <returns>False if it is gone.</returns>
    public async Task<bool> SignalAsync(int pid, int signal, CancellationToken cancellationToken = default)
    {
        if (!await IsOursAsync(pid, cancellationToken).ConfigureAwait(false)) return false;
        if (SendSignal(pid, signal) == 0) return true;
        var error = Marshal.GetLastPInvokeError();
        const int noSuchProcess = 3;
        if (error == noSuchProcess) return false;
        throw new CharlyException(
            Errors.VmStop,
            $"process {pid} can't be signalled: {new Win32Exception(error).Message}",
            "Run as the user that started the machine.");
    }

    /// <summary>Waits until the process is gone.</summary>
    /// <returns>False if it still lives when the time is over.</returns>
    public async Task<bool> WaitForEndAsync(int pid, TimeSpan limit, CancellationToken cancellationToken = default)
    {
        var deadline = DateTime.UtcNow + limit;
        while (await IsOursAsync(pid, cancellationToken).ConfigureAwait(false))
        {
            if (DateTime.UtcNow >= deadline) return false;
            await Task.Delay(50, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    private int? ReadPid()
    {
        try
        {
            return int.TryParse(File.ReadAllText(pidFile).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && pid > 1 ? pid : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private async Task<bool> IsOursAsync(int pid, CancellationToken cancellationToken)
    {
        if (Directory.Exists("/proc/self"))
        {
            try
            {
                // A zombie, which init has yet to collect, has an empty command line and is no machine any more.
                return File.ReadAllText($"/proc/{pid}/cmdline").Split('\0').Contains(pidFile, StringComparer.Ordinal);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        }

        var listing = await processes.RunAsync(
            new ProcessRequest("ps", "-ww", "-p", pid.ToString(CultureInfo.InvariantCulture), "-o", "args="), cancellationToken).ConfigureAwait(false);
        return listing.StandardOutput.Contains(pidFile, StringComparison.Ordinal);
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int SendSignal(int pid, int signal);
}
