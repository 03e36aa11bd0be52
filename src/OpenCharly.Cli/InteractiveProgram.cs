using System.Diagnostics;
using OpenCharly.Operations;

namespace OpenCharly.Cli;

/// <summary>Runs a program on this process's own terminal, and passes its exit code on.</summary>
internal static class InteractiveProgram
{
    public static async Task<int> RunAsync(InteractiveCommand command, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(command.Program) { UseShellExecute = false };
        foreach (var argument in command.Arguments) start.ArgumentList.Add(argument);
        using var process = new Process { StartInfo = start };
        process.Start();
        try
        {
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return process.ExitCode;
    }
}
