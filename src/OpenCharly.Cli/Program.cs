using System.Runtime.InteropServices;
using System.Text;
using OpenCharly.Foundation;

namespace OpenCharly.Cli;

internal static class Program
{
    private static int Main(string[] args)
    {
        // The version is asked for by scripts before every use of a guest, so it is answered before anything is built.
        if (args is ["--version"] or ["version"])
        {
            using var output = Console.OpenStandardOutput();
            output.Write(Encoding.UTF8.GetBytes($"charly {BuildVersion.Text}\n"));
            return 0;
        }

        return RunAsync(args).GetAwaiter().GetResult();
    }

    private static async Task<int> RunAsync(string[] args)
    {
        using var interrupt = new CancellationTokenSource();
        using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, CancelOnce);
        using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, CancelOnce);
        using var onHangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, CancelOnce);
        var host = new CommandHost(CharlyEnvironment.FromProcess(), Terminal.FromProcess());
        return await host.RunAsync(args, interrupt.Token).ConfigureAwait(false);

        // The first signal asks the engine to stop and tidy up; the second one has its ordinary, deadly effect.
        void CancelOnce(PosixSignalContext context)
        {
            if (interrupt.IsCancellationRequested) return;
            context.Cancel = true;
            interrupt.Cancel();
        }
    }
}
