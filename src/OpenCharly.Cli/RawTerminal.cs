using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Cli;

/// <summary>
/// The terminal without its own line editing, so that each key reaches the guest; put back at the end. Reads give nothing
/// after two tenths of a second, so that nobody is left reading when the guest goes off.
/// </summary>
internal sealed class RawTerminal : IAsyncDisposable
{
    private const string Device = "/dev/tty";

    private readonly IProcessRunner _processes;
    private readonly string _before;

    private RawTerminal(IProcessRunner processes, string before) => (_processes, _before) = (processes, before);

    /// <summary>The keys.</summary>
    public Stream Keys { get; } = new FileStream(Device, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);

    public static async Task<RawTerminal> EnterAsync(IProcessRunner processes, CancellationToken cancellationToken)
    {
        var before = await StateAsync(processes, ["-g"], cancellationToken).ConfigureAwait(false);
        var terminal = new RawTerminal(processes, before.Trim());
        await StateAsync(processes, ["raw", "-echo", "min", "0", "time", "2"], cancellationToken).ConfigureAwait(false);
        return terminal;
    }

    public async ValueTask DisposeAsync()
    {
        await Keys.DisposeAsync().ConfigureAwait(false);
        await StateAsync(_processes, [_before], CancellationToken.None).ConfigureAwait(false);
    }

    private static async Task<string> StateAsync(IProcessRunner processes, string[] arguments, CancellationToken cancellationToken)
    {
        var result = await processes.RunAsync(new ProcessRequest("stty", ["-F", Device, .. arguments]), cancellationToken).ConfigureAwait(false);
        return result.Succeeded ? result.StandardOutput : throw new CharlyException(
            Errors.Io, $"the terminal can't be switched: {result.Tail()}", "Run this command on a terminal.");
    }
}
