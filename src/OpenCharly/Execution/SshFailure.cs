using System.Text.RegularExpressions;
using OpenCharly.Foundation;

namespace OpenCharly.Execution;

/// <summary>Reads ssh's messages: what kept a connection from coming up.</summary>
internal static partial class SshFailure
{
    /// <summary>Whether the machine's host key is unknown or another one than on record.</summary>
    public static bool IsHostKey(string errorText) => HostKey().IsMatch(errorText);

    /// <summary>Whether the machine refused the user.</summary>
    public static bool IsAuthentication(string errorText) => Authentication().IsMatch(errorText);

    /// <summary>Whether the connection was closed before either side said who it is: nothing ran.</summary>
    public static bool IsTurnedAway(string errorText) => TurnedAway().IsMatch(errorText);

    /// <summary>Makes the error.</summary>
    /// <param name="line">The connection.</param>
    /// <param name="failure">What ssh left behind.</param>
    /// <param name="processes">Runs <c>ssh -G</c> to learn which files ssh looked into.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<CharlyException> ExplainAsync(
        SshCommandLine line, ShellStartFailure failure, IProcessRunner processes, CancellationToken cancellationToken)
    {
        var venue = line.Destination.Venue;
        var text = failure.ErrorText;
        if (IsHostKey(text))
        {
            var changed = Offending().Match(text);
            var file = changed.Success ? changed.Groups["file"].Value
                : await KnownHostsAsync(line, processes, cancellationToken).ConfigureAwait(false);
            return new CharlyException(
                Errors.SshHostKey,
                changed.Success
                    ? $"{venue} presents another host key than the one in {file}, line {changed.Groups["line"].Value}"
                    : $"the host key of {venue} is not known in {file}",
                changed.Success
                    ? $"If the machine was made anew, remove that line, connect once with ssh and compare the fingerprint; if not, someone may be in between."
                    : $"Connect once with ssh and compare the fingerprint, or add the key to {file}.",
                target: line.Destination.Host);
        }

        if (IsAuthentication(text))
        {
            return new CharlyException(
                Errors.SshFailed,
                $"{venue} refuses the log-in: {failure.Tail}",
                "Load the key into the agent or name it in ~/.ssh/config, and check the user name.",
                target: line.Destination.Host);
        }

        if (failure.ExitCode is 126 or 127)
        {
            return new CharlyException(
                Errors.SshFailed, $"{venue} has no usable bash: {failure.Tail}", "Install bash on that machine.", target: line.Destination.Host);
        }

        return new CharlyException(
            Errors.SshFailed,
            $"{venue} can't be reached: {failure.Tail}",
            $"Check that the machine runs and that this works: ssh {Shell.Join([.. line.Destination.Arguments, line.Destination.Address])} true",
            target: line.Destination.Host);
    }

    private static async Task<string> KnownHostsAsync(SshCommandLine line, IProcessRunner processes, CancellationToken cancellationToken)
    {
        var query = new ProcessRequest("ssh", ["-G", .. line.Options, "--", line.Destination.Address]) { Timeout = TimeSpan.FromSeconds(5) };
        var result = await processes.RunAsync(query, cancellationToken).ConfigureAwait(false);
        var files = KnownHosts().Match(result.StandardOutput);
        return files.Success ? files.Groups["file"].Value : "~/.ssh/known_hosts";
    }

    [GeneratedRegex("Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED|host key is known for")]
    private static partial Regex HostKey();

    [GeneratedRegex(@"^kex_exchange_identification: ", RegexOptions.Multiline)]
    private static partial Regex TurnedAway();

    [GeneratedRegex(@"Permission denied \(|Too many authentication failures|No supported authentication methods")]
    private static partial Regex Authentication();

    [GeneratedRegex(@"Offending \S+ key in (?<file>[^\r\n]+):(?<line>\d+)")]
    private static partial Regex Offending();

    [GeneratedRegex(@"^userknownhostsfile (?<file>\S+)", RegexOptions.Multiline)]
    private static partial Regex KnownHosts();
}
