using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace OpenCharly.Tests.Cli;

public sealed class SignalTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("INT", 2)]
    [InlineData("TERM", 15)]
    public async Task A_signal_ends_the_command_with_a_word_and_exit_code_130(string name, int number)
    {
        Assert.True(OperatingSystem.IsLinux(), "reads /proc to see when the command listens for signals");
        using var charly = new Process
        {
            StartInfo = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "charly"), ["plan", "show", "-"])
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
        while (!Catches(charly.Id, number)) await Task.Delay(20, limit.Token);
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -{name} {charly.Id}"]);
        var error = await charly.StandardError.ReadToEndAsync(limit.Token);
        await charly.WaitForExitAsync(limit.Token);
        Assert.StartsWith("error interrupted: ", error, StringComparison.Ordinal);
        Assert.Equal(130, charly.ExitCode);
    }

    private static bool Catches(int process, int signal)
    {
        var caught = File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith("SigCgt:", StringComparison.Ordinal))[7..].Trim();
        return (ulong.Parse(caught, NumberStyles.HexNumber, CultureInfo.InvariantCulture) & (1UL << (signal - 1))) != 0;
    }
}
