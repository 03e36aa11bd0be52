using System.CommandLine;
using OpenCharly.Cli.Output;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly doctor</c>.</summary>
internal static class DoctorCommand
{
    public static void Fill(Command command, CommandHost host) => command.SetAction(host.Action(RunAsync));

    private static async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var report = await new CheckHost(run.Context).RunAsync(cancellationToken).ConfigureAwait(false);
        run.Print(report, r => HostText.Of(r, run.Palette), HostText.Write);
        return report.IsReady ? 0 : 1;
    }
}
