using System.CommandLine;
using System.CommandLine.Parsing;
using OpenCharly.Foundation;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly vm ssh</c>: a shell on the terminal, or one command with its output passed through.</summary>
internal sealed class VmSshCommand : Command
{
    private readonly Argument<string> _name;
    private readonly Argument<string[]> _command = new("command")
    {
        Description = "Command line for the guest, after --; a shell on this terminal if left out",
        HelpName = "-- COMMAND",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string?> _user = Parameters.Text("--user", "USER", "Account instead of the configured one", "-l");
    private readonly Option<int?> _port = Parameters.Whole("--port", "PORT", "Port instead of the configured one", "-p");
    private readonly Option<string?> _key = Parameters.Text("--key", "PATH", "Private key instead of the configured one");
    private readonly Option<TimeSpan?> _timeout = Parameters.Duration("--timeout", "How long the command may take");

    public VmSshCommand(CommandHost host) : base("ssh", "Log in to a machine, or run a command there")
    {
        Add(_name = Parameters.VmName(host));
        Add(_command);
        Add(_user);
        Add(_port);
        Add(_key);
        Add(_timeout);
        SetAction(host.Action(RunAsync));
    }

    /// <summary>What an interactive session takes.</summary>
    public EnterVmRequest EnterRequest(ParseResult parsed) => new()
    {
        Name = parsed.GetRequiredValue(_name),
        User = parsed.GetValue(_user),
        Port = parsed.GetValue(_port),
        KeyPath = parsed.GetValue(_key),
    };

    /// <summary>What a single command takes; null without one.</summary>
    public RunInVmRequest? RunRequest(ParseResult parsed) => parsed.GetValue(_command) is { Length: > 0 } words
        ? new RunInVmRequest
        {
            Name = parsed.GetRequiredValue(_name),
            Command = string.Join(' ', words),
            User = parsed.GetValue(_user),
            Port = parsed.GetValue(_port),
            KeyPath = parsed.GetValue(_key),
            Timeout = parsed.GetValue(_timeout),
        }
        : null;

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        if (NameIsMissing(run.Parsed))
        {
            throw new CharlyException(Errors.Usage, "the NAME of the machine is missing before --", "Write charly vm ssh NAME -- COMMAND.");
        }

        if (RunRequest(run.Parsed) is not { } request)
        {
            if (run.Parsed.GetValue(_timeout) is not null)
            {
                throw new CharlyException(Errors.Usage, "--timeout without a command", "Add the command after --, or leave --timeout out.");
            }

            var session = await new EnterVm(run.Context).RunAsync(EnterRequest(run.Parsed), cancellationToken).ConfigureAwait(false);
            return await InteractiveProgram.RunAsync(session, cancellationToken).ConfigureAwait(false);
        }

        var result = await new RunInVm(run.Context).RunAsync(
            request with { Output = line => Pass(run, line) }, cancellationToken).ConfigureAwait(false);
        return result.ExitCode;
    }

    // The parser takes the first word for the name even where it stands after the dashes.
    private bool NameIsMissing(ParseResult parsed) =>
        parsed.GetResult(_name)?.Tokens is [var name]
        && parsed.Tokens.SkipWhile(t => t.Type != TokenType.DoubleDash).Any(t => ReferenceEquals(t, name));

    private static void Pass(Invocation run, Execution.OutputLine line)
    {
        if (line.IsError)
        {
            run.Terminal.Error.WriteLine(line.Text);
            return;
        }

        run.Terminal.Out.WriteLine(line.Text);
        run.Terminal.Out.Flush();
    }
}
