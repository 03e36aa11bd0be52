using System.Text;
using System.Text.Json;
using OpenCharly.Foundation;

namespace OpenCharly.Boxes;

/// <summary>The text of a Containerfile while it grows. It knows which user is in force, and how each instruction wants to be quoted.</summary>
internal sealed class ContainerfileText
{
    private readonly StringBuilder _text = new();
    private string _user = "";

    /// <summary>All of it.</summary>
    public override string ToString() => _text.ToString();

    /// <summary>A comment, on one line whatever it holds.</summary>
    public void Comment(string text) => _text.Append("# ").Append(OneLine(text)).Append('\n');

    /// <summary>An empty line.</summary>
    public void Blank()
    {
        if (_text.Length > 0 && !(_text[^1] == '\n' && (_text.Length == 1 || _text[^2] == '\n'))) _text.Append('\n');
    }

    /// <summary>An instruction that is known to be one line.</summary>
    public void Add(string line)
    {
        if (line.AsSpan().ContainsAny('\n', '\r', '\0'))
        {
            throw new CharlyException(Errors.CandyVariable, $"\"{OneLine(line)}\" would need several lines of a Containerfile", "Write the value on one line.");
        }

        _text.Append(line).Append('\n');
    }

    /// <summary>Begins a stage.</summary>
    /// <param name="image">Image or earlier stage.</param>
    /// <param name="name">Name of the stage; null for the last one.</param>
    public void From(string image, string? name = null)
    {
        Blank();
        Add($"FROM {image}{(name is null ? "" : $" AS {name}")}");
        _user = "";
    }

    /// <summary>Changes the user, if another one is in force.</summary>
    public void User(string user)
    {
        if (_user == user) return;
        Add($"USER {user}");
        _user = user;
    }

    /// <summary>Variables, in the order given, as one instruction.</summary>
    public void Environment(IReadOnlyCollection<KeyValuePair<string, string>> variables) => Pairs("ENV", variables, Value);

    /// <summary>Labels, in the order given, as one instruction.</summary>
    public void Labels(IReadOnlyCollection<KeyValuePair<string, string>> labels) => Pairs("LABEL", labels, Literal);

    /// <summary>Copies; the words are quoted as far as they need it.</summary>
    /// <param name="options">Options with their dashes.</param>
    /// <param name="source">Source.</param>
    /// <param name="destination">Destination.</param>
    public void Copy(IEnumerable<string> options, string source, string destination)
    {
        var words = IsPlain(source) && IsPlain(destination) ? $"{source} {destination}" : Json([Escape(source), Escape(destination)]);
        Add($"COPY {string.Concat(options.Select(o => o + " "))}{words}");
    }

    /// <summary>The exec form of a command.</summary>
    public static string Json(IReadOnlyList<string> words) => LabelJson.Texts(words);

    // Inside of double quotes the builder reads backslashes, and replaces variables.
    private static string Value(string text) =>
        text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/' or ':' or ',' or '@' or '%' or '+')
            ? text
            : $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("$", "\\$", StringComparison.Ordinal).Replace("\\${PATH}", "${PATH}", StringComparison.Ordinal)}\"";

    // Inside of single quotes nothing is special but their end, which JSON can spell otherwise.
    private static string Literal(string text)
    {
        if (text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/' or ':' or ',' or '@')) return text;
        return text[0] is '[' or '{' && IsJson(text) ? $"'{text.Replace("'", "\\u0027", StringComparison.Ordinal)}'"
            : text.Contains('\'') || text.Contains('\\') ? Value(text) : $"'{text}'";
    }

    private static bool IsJson(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private void Pairs(string instruction, IReadOnlyCollection<KeyValuePair<string, string>> pairs, Func<string, string> quote)
    {
        if (pairs.Count == 0) return;
        var indent = new string(' ', instruction.Length + 1);
        var lines = pairs.Select(p =>
        {
            if (p.Value.AsSpan().ContainsAny('\n', '\r', '\0'))
            {
                throw new CharlyException(Errors.CandyVariable, $"the value of {p.Key} holds a line break, which an image's {(instruction == "ENV" ? "environment" : "labels")} can't have", "Write it on one line.", target: p.Key);
            }

            return $"{p.Key}={quote(p.Value)}";
        });
        _text.Append(instruction).Append(' ').Append(string.Join($" \\\n{indent}", lines)).Append('\n');
    }

    // The builder replaces variables in paths.
    private static string Escape(string path) => path.Replace("$", "\\$", StringComparison.Ordinal);

    private static bool IsPlain(string word) => word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/' or ':' or ',' or '@' or '+' or '~');

    private static string OneLine(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)).Trim();
}
