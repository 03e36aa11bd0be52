using System.CommandLine;
using System.CommandLine.Parsing;
using OpenCharly.Cli.Output;
using OpenCharly.Foundation;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly vm ssh</c>: a shell on the terminal, or one command with its output passed through.</summary>
internal sealed class VmSshCommand : Command
{
    private readonly Argument<string?> _name;
    private readonly Argument<string[]> _command = new("command")
    {
        Description = "Command line for the guest, after --; a shell on this terminal if left out",
        HelpName = "-- COMMAND",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string?> _user = Parameters.Text("--user", "USER", "Account instead of the configured one", "-l");
    private readonly Option<int?> _port = Parameters.Whole("--port", "PORT", "Port instead of the configured one", "-p");
    private readonly Option<string?> _key = Parameters.Text("--key", "PATH", "Private key instead of the configured one");
    private readonly Option<string?> _machine = Parameters.Text("--name", "NAME", "Name of the machine, instead of the argument");
    private readonly Option<string?> _file = Parameters.Text("--file", "PATH", "VMFile whose ssh block counts (default: VMFile.kdl of the current folder)");
    private readonly Option<TimeSpan?> _timeout = Parameters.Duration("--timeout", "How long the command may take");

    public VmSshCommand(CommandHost host) : base("ssh", "Log in to a machine, or run a command there")
    {
        Add(_name = Parameters.VmNameOrOnly(host));
        Add(_command);
        Add(_user);
        Add(_port);
        Add(_key);
        Add(_machine);
        Add(_file);
        Add(_timeout);
        SetAction(host.Action(RunAsync));
    }

    /// <summary>What a session on this terminal takes, or a command whose input and output pass through untouched.</summary>
    public EnterVmRequest EnterRequest(ParseResult parsed) => new()
    {
        Name = NameOf(parsed),
        VmFile = parsed.GetValue(_file),
        User = parsed.GetValue(_user),
        Port = parsed.GetValue(_port),
        KeyPath = parsed.GetValue(_key),
        Command = Words(parsed),
        Terminal = Words(parsed) is null,
    };

    /// <summary>What a command with a limit of time, or one whose result is wanted as JSON, takes.</summary>
    public RunInVmRequest RunRequest(ParseResult parsed) => new()
    {
        Name = NameOf(parsed),
        VmFile = parsed.GetValue(_file),
        Command = Words(parsed) ?? throw new CharlyException(
            Errors.Usage, "--timeout and --json need a command", "Add the command after --, or leave them out."),
        User = parsed.GetValue(_user),
        Port = parsed.GetValue(_port),
        KeyPath = parsed.GetValue(_key),
        Timeout = parsed.GetValue(_timeout),
    };

    private string NameOf(ParseResult parsed) => parsed.GetValue(_machine) ?? (IsWordOfCommand(parsed) ? null : parsed.GetValue(_name)) ?? "";

    private string? Words(ParseResult parsed)
    {
        // With --name, or with nothing before the dashes, what the parser took for the name is the command's first word.
        string?[] first = IsWordOfCommand(parsed) ? [parsed.GetValue(_name)] : [];
        string[] words = [.. first.OfType<string>(), .. parsed.GetValue(_command) ?? []];
        return words.Length > 0 ? string.Join(' ', words) : null;
    }

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        if (run.IsJson || run.Parsed.GetValue(_timeout) is not null)
        {
            return await RunWatchedAsync(run, cancellationToken).ConfigureAwait(false);
        }

        var session = await new EnterVm(run.Context).RunAsync(EnterRequest(run.Parsed), cancellationToken).ConfigureAwait(false);
        run.Pause();
        return await InteractiveProgram.RunAsync(session, cancellationToken).ConfigureAwait(false);
    }

    private async Task<int> RunWatchedAsync(Invocation run, CancellationToken cancellationToken)
    {
        var request = RunRequest(run.Parsed);
        var result = await new RunInVm(run.Context).RunAsync(
            run.IsJson ? request : request with { Output = line => Pass(run, line) }, cancellationToken).ConfigureAwait(false);
        if (run.IsJson) run.Print(result, _ => "", VmJson.Write);
        return result.ExitCode;
    }

    // The parser takes the first word for the name even where it stands after the dashes.
    private bool IsWordOfCommand(ParseResult parsed) =>
        parsed.GetResult(_name)?.Tokens is [var name]
        && parsed.Tokens.SkipWhile(t => t.Type != TokenType.DoubleDash).Any(t => ReferenceEquals(t, name));

    private static void Pass(Invocation run, Execution.OutputLine line)
    {
        run.Pause();
        if (line.IsError)
        {
            run.Terminal.Error.WriteLine(line.Text);
            return;
        }

        run.Terminal.Out.WriteLine(line.Text);
        run.Terminal.Out.Flush();
    }
}
