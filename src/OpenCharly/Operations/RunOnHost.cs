using System.Globalization;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Operations;

/// <summary>Runs a verb of charly on another machine (deploy.md §13.1): the settings <c>hosts.ALIAS</c> say where it is.</summary>
/// <param name="context">What it works with.</param>
public sealed class RunOnHost(CharlyContext context)
{
    // They are about this machine.
    private static readonly string[] Local = ["settings", "version", "ssh"];

    /// <summary>The ssh command that runs it there, with the terminal if there is one.</summary>
    /// <param name="target">Alias from the settings, else <c>[user@]host[:port]</c> or an alias of ssh's own configuration.</param>
    /// <param name="words">The verb with all that follows it.</param>
    /// <param name="hasTerminal">Whether somebody sits at a terminal.</param>
    /// <exception cref="CharlyException"><see cref="Errors.Usage"/>, <see cref="Errors.ToolMissing"/>, <see cref="Errors.CfgHost"/>.</exception>
    public InteractiveCommand Command(string target, IReadOnlyList<string> words, bool hasTerminal)
    {
        if (words.Count == 0) throw new CharlyException(Errors.Usage, "--host says where, but not what", "Add a verb: charly --host HOST status", target: target);
        if (Local.Contains(words[0])) throw new CharlyException(Errors.Usage, $"\"{words[0]}\" is about this machine and can't go to another one", "Leave out --host.", target: words[0]);
        var place = Address(target);
        var (user, rest) = place.IndexOf('@', StringComparison.Ordinal) is >= 0 and var at ? (place[..(at + 1)], place[(at + 1)..]) : ("", place);
        if (place.StartsWith('-') || place.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)) || user == "@" || !Endpoint.TryParse(rest, out var endpoint, defaultPort: 22))
        {
            throw new CharlyException(Errors.CfgHost, $"\"{place.ReplaceLineEndings("⏎")}\" is no machine", "Use an alias of the settings (hosts.ALIAS), one of ssh's own, or [user@]host[:port].", target: target);
        }

        var ssh = context.Processes.Find("ssh") ?? throw new CharlyException(Errors.ToolMissing, "the program ssh is not installed", "Install the OpenSSH client.", target: "ssh");
        List<string> arguments = [hasTerminal ? "-t" : "-T", "-o", "LogLevel=ERROR"];
        if (rest != endpoint.Host && !rest.EndsWith(']')) arguments.AddRange(["-p", endpoint.Port.ToString(CultureInfo.InvariantCulture)]);

        // The shell of a command line reads no profile, which is what puts the folder of one's own programs on the path.
        arguments.AddRange(["--", user + endpoint.Host, $"PATH=\"$HOME/.local/bin:$PATH\" exec charly {Shell.Join(words)}"]);
        return new InteractiveCommand(ssh, arguments);
    }

    private string Address(string target)
    {
        var isAlias = target.Length > 0 && char.IsAsciiLetterOrDigit(target[0]) && target.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
        return isAlias ? new Settings(context.Environment, context.Paths).Get("hosts." + target).Value ?? target : target;
    }
}
