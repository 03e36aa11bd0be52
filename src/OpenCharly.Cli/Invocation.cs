using System.CommandLine;
using System.Text.Json;
using OpenCharly.Cli.Output;
using OpenCharly.Cli.Progress;
using OpenCharly.Foundation;
using OpenCharly.Operations;

namespace OpenCharly.Cli;

/// <summary>One run of one command: what was asked, the engine to ask, and where to print.</summary>
internal sealed class Invocation : IDisposable
{
    private readonly CommandHost _host;
    private readonly IEventView _events;
    private readonly string? _repository;

    public Invocation(CommandHost host, ParseResult parsed)
    {
        _host = host;
        Parsed = parsed;
        Format = host.Global.FormatOf(parsed);
        IsVerbose = parsed.GetValue(host.Global.Verbose);
        var levels = LogLevels.Read(host.Environment, IsVerbose);
        _events = EventViews.Choose(host, Format, levels);
        foreach (var part in levels.Unreadable)
        {
            _events.Report(new NoticeEvent(
                NoticeLevel.Warning, $"CHARLY_LOG: \"{part}\" is no level; use error, warn, info, debug, trace or a list of area=level"));
        }

        _repository = host.Global.ProjectRepository(parsed, host.Environment);
        Context = ContextOf(_repository is null ? host.Global.ProjectFolder(parsed, host.Environment) : null);
    }

    public ParseResult Parsed { get; }

    public OutputFormat Format { get; }

    public bool IsJson => Format == OutputFormat.Json;

    public bool IsVerbose { get; }

    public CharlyContext Context { get; private set; }

    public Palette Palette => new(Terminal.ColorOut(_host.Environment));

    public Terminal Terminal => _host.Terminal;

    /// <summary>Makes a remote repository the project, if one was asked for; it is fetched anew for commands that are told to.</summary>
    public async Task EnterProjectAsync(CancellationToken cancellationToken)
    {
        if (_repository is null) return;
        var pull = Parsed.CommandResult.Command.Options.OfType<Option<bool>>().FirstOrDefault(o => o.Name == "--pull") is { } option && Parsed.GetValue(option);
        Context = ContextOf(await new LocateProject(Context).RunAsync(_repository, pull, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Prints a result as it is.</summary>
    public void Print(string text)
    {
        _events.Pause();
        Terminal.Out.Write(text);
    }

    /// <summary>Prints one thing: JSON if asked for, else the text.</summary>
    public void Print<T>(T item, Func<T, string> text, Action<Utf8JsonWriter, T> json) =>
        Print(IsJson ? JsonText.Document(writer => json(writer, item)) : text(item));

    /// <summary>Prints a list: an array if JSON was asked for, else a table.</summary>
    public void PrintAll<T>(IReadOnlyList<T> items, Func<IReadOnlyList<T>, string> text, Action<Utf8JsonWriter, T> json) =>
        Print(IsJson ? JsonText.Array(items, json) : text(items));

    /// <summary>A table in the width of the terminal.</summary>
    public string Table(IReadOnlyList<TableColumnSpec> columns, IEnumerable<IReadOnlyList<string>> rows) =>
        TextTable.Render(columns, rows, Terminal.Width, Terminal.ColorOut(_host.Environment));

    /// <summary>Clears the terminal of what is only there for the moment, for somebody else to print.</summary>
    public void Pause() => _events.Pause();

    /// <summary>Begins each line of progress with its target, because several are worked on.</summary>
    public void NameTargets(IReadOnlyList<string> targets) => _events.Name(targets);

    /// <summary>Tells something that is no result, on standard error.</summary>
    public void Tell(NoticeLevel level, string text) => _events.Report(new NoticeEvent(level, text));

    /// <summary>Tells what went wrong on some of several targets, each on its own.</summary>
    /// <returns>The exit code of the worst of them; 0 if there is none.</returns>
    public int TellFailures(IReadOnlyList<CharlyException> failures)
    {
        _events.Pause();
        Terminal.Out.Flush();
        foreach (var failure in failures)
        {
            Terminal.Error.Write(IsJson ? ErrorReport.Json(failure) : ErrorReport.Text(failure, new Palette(Terminal.ColorError(_host.Environment))));
        }

        return ErrorReport.WorstExitCode(failures.Select(f => f.Code.Kind));
    }

    /// <summary>Asks before something that can't be taken back; only where somebody can answer.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.Denied"/> for any answer but yes.</exception>
    public async Task ConfirmAsync(string question, CancellationToken cancellationToken)
    {
        if (!Terminal.CanAsk) return;
        _events.Pause();
        await Terminal.Error.WriteAsync($"{question} [y/N] ".AsMemory(), cancellationToken).ConfigureAwait(false);
        // The console reads synchronously whatever it is asked, so the wait for the answer is one that Ctrl-C can end.
        var answer = await Task.Run(Terminal.In.ReadLine, cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
        if (answer?.Trim().ToUpperInvariant() is "Y" or "YES") return;
        throw new CharlyException(Errors.Denied, "not confirmed, so nothing was changed", "Answer y, or run the command again with --yes.");
    }

    /// <summary>A value that nobody else should see: asked for without showing it, or standard input without its last newline.</summary>
    public async Task<string> ReadSecretAsync(string question, CancellationToken cancellationToken)
    {
        if (!Terminal.CanAsk)
        {
            var text = await Task.Run(Terminal.In.ReadToEnd, cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
            return text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
        }

        return await AskHiddenAsync(question, cancellationToken).ConfigureAwait(false);
    }

    private async Task<string> AskHiddenAsync(string question, CancellationToken cancellationToken)
    {
        _events.Pause();
        await Terminal.Error.WriteAsync($"{question}: ".AsMemory(), cancellationToken).ConfigureAwait(false);
        var answer = await Task.Run(Terminal.ReadHidden, cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
        await Terminal.Error.WriteLineAsync().ConfigureAwait(false);
        return answer;
    }

    // A password is never taken from standard input, which may be the value of a secret.
    private async Task<string?> AskPasswordAsync(string question, CancellationToken cancellationToken) =>
        Terminal.CanAsk ? await AskHiddenAsync(question, cancellationToken).ConfigureAwait(false) : null;

    private CharlyContext ContextOf(string? folder) => new(_host.Environment, _events, _host.Processes, folder, AskPasswordAsync);

    public void Dispose() => _events.Dispose();
}
