using System.Diagnostics;
using System.Runtime.InteropServices;

namespace OpenCharly.Tests.Cli;

public sealed class SignalTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_signal_ends_the_command_with_a_word_and_exit_code_130(string signal)
    {
        using var charly = new Process
        {
            // What a shell starts in the background without job control ignores SIGINT, and so does all that it starts in turn.
            StartInfo = new ProcessStartInfo("env", ["--default-signal=INT", Path.Combine(AppContext.BaseDirectory, "charly"), "plan", "show", "-", "--verbose"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                // The test host may itself run under a dotnet that is not on the default path.
                Environment = { ["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../..")) },
            },
        };
        charly.Start();
        using var limit = new CancellationTokenSource(Deadline);
        Assert.Equal("reading the plan from standard input", await charly.StandardError.ReadLineAsync(limit.Token));
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} {charly.Id}"]);
        var error = await charly.StandardError.ReadToEndAsync(limit.Token);
        await charly.WaitForExitAsync(limit.Token);
        Assert.StartsWith("error interrupted: ", error, StringComparison.Ordinal);
        Assert.Equal(130, charly.ExitCode);
    }
}
