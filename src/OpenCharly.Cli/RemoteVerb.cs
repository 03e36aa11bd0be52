using OpenCharly.Operations;

namespace OpenCharly.Cli;

/// <summary><c>charly --host HOST VERB …</c>: the verb runs on another machine. What follows the verb is none of this machine's business.</summary>
internal static class RemoteVerb
{
    private const string Option = "--host";

    /// <summary>Reads the beginning of a command line; null if the verb is for this machine.</summary>
    public static (string Host, IReadOnlyList<string> Words)? Of(IReadOnlyList<string> arguments)
    {
        if (arguments.Count == 0) return null;
        if (arguments[0].StartsWith(Option + "=", StringComparison.Ordinal)) return (arguments[0][(Option.Length + 1)..], [.. arguments.Skip(1)]);
        return arguments[0] == Option && arguments.Count > 1 ? (arguments[1], [.. arguments.Skip(2)]) : null;
    }

    /// <summary>Runs it there.</summary>
    /// <returns>Its exit code there.</returns>
    public static Task<int> RunAsync(CommandHost host, string target, IReadOnlyList<string> words, CancellationToken cancellationToken)
    {
        var context = new CharlyContext(host.Environment, processes: host.Processes);
        return InteractiveProgram.RunAsync(new RunOnHost(context).Command(target, words, host.Terminal is { OutIsTerminal: true, CanAsk: true }), cancellationToken);
    }
}
