using System.CommandLine;
using OpenCharly.Cli.Output;
using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Cli;

/// <summary>Reads a command line, runs the command that it names, and turns what happens into an exit code.</summary>
/// <param name="environment">Variables, home, working folder, clock.</param>
/// <param name="terminal">Where it reads and writes.</param>
/// <param name="processes">Runs programs; the real ones if null.</param>
internal sealed class CommandHost(CharlyEnvironment environment, Terminal terminal, IProcessRunner? processes = null)
{
    // No response files: references of candies begin with "@", too.
    private static readonly ParserConfiguration Parsing = new() { ResponseFileTokenReplacer = null };

    public CharlyEnvironment Environment => environment;

    public Terminal Terminal => terminal;

    public IProcessRunner? Processes => processes;

    public GlobalOptions Global { get; } = new();

    /// <summary>Parses without running.</summary>
    public ParseResult Parse(IReadOnlyList<string> arguments)
    {
        var line = Commands.ConfigCommand.Complete(arguments);
        return CommandTree.Build(this, line).Parse(line, Parsing);
    }

    /// <summary>Parses, runs, and tells errors.</summary>
    /// <returns>The exit code of the process.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var remote = RemoteVerb.Of(arguments);
        var parsed = Parse(remote is not null ? [] : arguments.Count > 0 ? arguments : ["--help"]);
        try
        {
            if (remote is { } there) return await RemoteVerb.RunAsync(this, there.Host, there.Words, cancellationToken).ConfigureAwait(false);
            if (parsed.GetResult(Global.Host) is { Implicit: false }) throw new CharlyException(Errors.Usage, "--host has to come first", "Write: charly --host HOST VERB …");
            if (parsed.Action?.ClearsParseErrors != true && (UsageError.Find(parsed) ?? Global.RefuseFormat(parsed)) is { } wrong) throw wrong;
            var configuration = new InvocationConfiguration
            {
                Output = terminal.Out,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            return await parsed.InvokeAsync(configuration, cancellationToken).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // The outermost place: whatever was not foreseen is told as a defect, with its exit code.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return Report(parsed, ErrorReport.Explain(exception));
        }
        finally
        {
            await terminal.Out.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>An action for a command: everything around its body.</summary>
    public Func<ParseResult, CancellationToken, Task<int>> Action(Func<Invocation, CancellationToken, Task<int>> body) =>
        async (parsed, cancellationToken) =>
        {
            using var run = new Invocation(this, parsed);
            await run.EnterProjectAsync(cancellationToken).ConfigureAwait(false);
            return await body(run, cancellationToken).ConfigureAwait(false);
        };

    private int Report(ParseResult parsed, CharlyException error)
    {
        terminal.Out.Flush();
        terminal.Error.Write(Global.FormatOf(parsed) == OutputFormat.Json
            ? ErrorReport.Json(error)
            : ErrorReport.Text(error, new Palette(terminal.ColorError(environment))));
        if (error.Code == Errors.Internal && parsed.GetValue(Global.Verbose)) terminal.Error.WriteLine(error.InnerException);
        return ErrorReport.ExitCode(error);
    }
}
