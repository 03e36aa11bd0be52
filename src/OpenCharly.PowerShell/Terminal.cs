using System.Diagnostics;
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
}
