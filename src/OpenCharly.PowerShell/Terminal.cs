using System.Diagnostics;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Operations;

namespace OpenCharly.PowerShell;

/// <summary>
/// Hands the user's terminal to a program. PowerShell itself would do so only for a command that the user typed: what a
/// cmdlet invokes has its output redirected, and ssh without a terminal opens no session worth the name.
/// </summary>
internal static class Terminal
{
    /// <summary>Runs a program on the terminal until it ends, or kills it when the pipeline stops.</summary>
    /// <returns>Its exit code.</returns>
    public static async Task<int> RunAsync(InteractiveCommand command, string workingFolder, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(command.Program, command.Arguments) { UseShellExecute = false, WorkingDirectory = workingFolder };
        using var process = Process.Start(start)!;
        try
        {
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return process.ExitCode;
    }

    /// <summary>
    /// Attaches the terminal to a console, without its own line editing; put back at the end. Reads give nothing after two
    /// tenths of a second, so that nobody is left reading when the guest goes off.
    /// </summary>
    /// <exception cref="CharlyException"><see cref="Errors.Io"/> where there is no terminal.</exception>
    public static async Task AttachAsync(VmConsole console, IProcessRunner processes, CancellationToken cancellationToken)
    {
        var before = await SwitchAsync(processes, ["-g"], cancellationToken).ConfigureAwait(false);
        await SwitchAsync(processes, ["raw", "-echo", "min", "0", "time", "2"], cancellationToken).ConfigureAwait(false);
        try
        {
            var keys = new FileStream(Device, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            await using (keys.ConfigureAwait(false))
            {
                await console.RunAsync(keys, Console.OpenStandardOutput(), endsAtNothing: false, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            await SwitchAsync(processes, [before.Trim()], CancellationToken.None).ConfigureAwait(false);
        }
    }

    private const string Device = "/dev/tty";

    private static async Task<string> SwitchAsync(IProcessRunner processes, string[] arguments, CancellationToken cancellationToken)
    {
        var result = await processes.RunAsync(new ProcessRequest("stty", ["-F", Device, .. arguments]), cancellationToken).ConfigureAwait(false);
        return result.Succeeded ? result.StandardOutput : throw new CharlyException(
            Errors.Io, $"the terminal can't be switched: {result.Tail()}", "Run this on a terminal.");
    }
}
