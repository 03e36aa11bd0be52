using System.Text.Json;
using OpenCharly.Foundation;

namespace OpenCharly.Cli.Output;

/// <summary>How an error is told: in blocks for people, or as one JSON object.</summary>
internal static class ErrorReport
{
    /// <summary>What ended the command, as an error of the catalogue.</summary>
    public static CharlyException Explain(Exception exception) => exception switch
    {
        CharlyException own => own,
        OperationCanceledException => new CharlyException(
            Errors.Interrupted, "stopped before it was finished", "Run the same command again: what was finished is on record.", inner: exception),
        IOException or UnauthorizedAccessException => new CharlyException(
            Errors.Io, exception.Message, "Look at the file or folder that the message names, and at its permissions.", inner: exception),
        _ => new CharlyException(
            Errors.Internal,
            $"{exception.GetType().Name}: {exception.Message}",
            "This is a defect of charly. Run again with --verbose, and report it with the stack trace.",
            inner: exception),
    };

    public static int ExitCode(CharlyException error) => ExitCode(error.Code.Kind);

    /// <summary>The exit code of a kind of error (deploy.md §16): its numeric value.</summary>
    public static int ExitCode(ErrorKind kind) => (int)kind;

    // What is worse comes first: an interruption ends all, a failure may have changed something, the others have not.
    private static readonly ErrorKind[] WorstFirst =
    [
        ErrorKind.Interrupted, ErrorKind.Failed, ErrorKind.Unreachable, ErrorKind.Refused, ErrorKind.WrongState, ErrorKind.NotFound, ErrorKind.Usage, ErrorKind.ChecksFailed,
    ];

    /// <summary>The exit code for the failures of several targets: that of the worst kind; 0 if there is none.</summary>
    public static int WorstExitCode(IEnumerable<ErrorKind> kinds)
    {
        var all = kinds.ToHashSet();
        return WorstFirst.Where(all.Contains).Select(ExitCode).FirstOrDefault();
    }

    /// <summary>A block for each problem: code and message, position, help.</summary>
    public static string Text(CharlyException error, Palette palette) =>
        string.Concat(error.ToProblems().Select(problem => Block(problem, palette)));

    /// <summary>The same as one line of JSON.</summary>
    public static string Json(CharlyException error) => JsonText.Line(json =>
    {
        json.WriteStartObject();
        json.WritePropertyName("error");
        WriteObject(json, error);
        json.WriteEndObject();
    });

    public static void WriteObject(Utf8JsonWriter json, CharlyException error)
    {
        json.WriteStartObject();
        json.Text("code", error.Code.Id);
        json.Text("kind", error.Code.Kind.ToKebab());
        json.Number("exit_code", ExitCode(error));
        json.Text("message", error.Message);
        json.Text("help", error.Help);
        json.Text("target", error.Target);
        WritePosition(json, error.Position);
        if (error is CharlyValidationException many) json.Objects("problems", many.Problems, WriteProblem);
        json.WriteEndObject();
    }

    private static string Block(Problem problem, Palette palette)
    {
        var word = problem.IsWarning ? palette.Yellow("warning") : palette.Red("error");
        var text = $"{word} {problem.Code.Id}: {Indent(problem.Message)}\n";
        if (problem.Position is { } position) text += $"  at {position}\n";
        return problem.Help.Length > 0 ? text + $"  {palette.Cyan("help")}: {Indent(problem.Help)}\n" : text;
    }

    private static string Indent(string text) => text.TrimEnd('\n').Replace("\n", "\n    ", StringComparison.Ordinal);

    public static void WriteProblem(Utf8JsonWriter json, Problem problem)
    {
        json.WriteStartObject();
        json.Text("code", problem.Code.Id);
        json.Text("message", problem.Message);
        json.Text("help", problem.Help);
        WritePosition(json, problem.Position);
        json.Flag("warning", problem.IsWarning ? true : null);
        json.WriteEndObject();
    }

    private static void WritePosition(Utf8JsonWriter json, SourcePosition? position)
    {
        if (position is null) return;
        json.WriteStartObject("position");
        json.WriteString("file", position.File);
        json.WriteNumber("line", position.Line);
        json.WriteNumber("column", position.Column);
        json.WriteEndObject();
    }
}
