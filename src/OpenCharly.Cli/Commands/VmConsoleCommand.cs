using System.CommandLine;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly vm console</c>: the guest's serial console on this terminal.</summary>
internal sealed class VmConsoleCommand : Command
{
    private readonly Argument<string?> _name;

    public VmConsoleCommand(CommandHost host) : base("console", "Attach to the serial console of a machine; Ctrl+] detaches")
    {
        Add(_name = Parameters.VmNameOrOnly(host));
        SetAction(host.Action(RunAsync));
    }

    /// <summary>Name of the machine; empty for the only one of the VMFile.</summary>
    public string Request(ParseResult parsed) => parsed.GetValue(_name) ?? "";

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        using var console = await new OpenVmConsole(run.Context).RunAsync(Request(run.Parsed), cancellationToken).ConfigureAwait(false);
        run.Tell(Foundation.NoticeLevel.Info, $"console of {console.Name}; Ctrl+] detaches");
        run.Pause();
        if (Console.IsInputRedirected)
        {
            await console.RunAsync(Console.OpenStandardInput(), Console.OpenStandardOutput(), endsAtNothing: true, cancellationToken).ConfigureAwait(false);
            return 0;
        }

        var raw = await RawTerminal.EnterAsync(run.Context.Processes, cancellationToken).ConfigureAwait(false);
        await using (raw.ConfigureAwait(false))
        {
            await console.RunAsync(raw.Keys, Console.OpenStandardOutput(), endsAtNothing: false, cancellationToken).ConfigureAwait(false);
        }

        return 0;
    }
}
