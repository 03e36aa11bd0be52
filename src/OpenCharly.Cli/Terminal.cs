using System.Text;
using OpenCharly.Foundation;

namespace OpenCharly.Cli;

/// <summary>Where the command reads and writes. Tests make their own.</summary>
internal sealed class Terminal
{
    private const int WidthWithoutTerminal = 120;

    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    public TextReader In { get; init; } = TextReader.Null;

    /// <summary>Whether standard output is a terminal.</summary>
    public bool OutIsTerminal { get; init; }

    /// <summary>Whether standard error is a terminal.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>Whether somebody can answer a question: standard input and standard error are a terminal.</summary>
    public bool CanAsk { get; init; }

    /// <summary>Reads a line that is not shown while it is typed.</summary>
    public Func<string> ReadHidden { get; init; } = () => "";

    /// <summary>Columns of the terminal.</summary>
    public int Width { get; init; } = WidthWithoutTerminal;

    public static Terminal FromProcess()
    {
        var isTerminal = !Console.IsOutputRedirected;
        var errorIsTerminal = !Console.IsErrorRedirected;
        return new Terminal
        {
            Out = Writer(Console.OpenStandardOutput(), autoFlush: isTerminal),
            Error = Writer(Console.OpenStandardError(), autoFlush: true),
            In = Console.In,
            OutIsTerminal = isTerminal,
            ErrorIsTerminal = errorIsTerminal,
            ReadHidden = ReadKeys,
            CanAsk = !Console.IsInputRedirected && errorIsTerminal,
            Width = isTerminal || errorIsTerminal ? Math.Max(Console.WindowWidth, 40) : WidthWithoutTerminal,
        };
    }

    /// <summary>Whether standard output gets colours: a terminal, and neither <c>NO_COLOR</c> nor <c>TERM=dumb</c>.</summary>
    public bool ColorOut(CharlyEnvironment environment) => OutIsTerminal && AllowsColor(environment);

    /// <summary>As <see cref="ColorOut"/>, for standard error.</summary>
    public bool ColorError(CharlyEnvironment environment) => ErrorIsTerminal && AllowsColor(environment);

    private static string ReadKeys()
    {
        var line = new StringBuilder();
        for (var key = Console.ReadKey(intercept: true); key.Key != ConsoleKey.Enter; key = Console.ReadKey(intercept: true))
        {
            if (key.Key == ConsoleKey.Backspace) line.Length = Math.Max(line.Length - 1, 0);
            else if (!char.IsControl(key.KeyChar)) line.Append(key.KeyChar);
        }

        return line.ToString();
    }

    private static bool AllowsColor(CharlyEnvironment environment) =>
        environment.Variable("NO_COLOR") is null && environment.Variable("TERM") != "dumb";

    private static StreamWriter Writer(Stream stream, bool autoFlush) =>
        new(stream, new UTF8Encoding(false)) { AutoFlush = autoFlush, NewLine = "\n" };
}
