using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace OpenCharly.Yaml;

/// <summary>Renders values as block-style YAML: what follows the colon of a key, and the lines below it.</summary>
/// <param name="newLine">Line break of the file.</param>
/// <param name="step">Columns of one level of indentation.</param>
internal sealed partial class YamlText(string newLine, int step)
{
    /// <summary>A rendered value.</summary>
    /// <param name="Head">What follows the colon on the key's own line, blank included; empty if nothing does.</param>
    /// <param name="Body">Whole lines below it, each without its line break.</param>
    internal readonly record struct Rendered(string Head, IReadOnlyList<string> Body);

    /// <summary>Line break of the file.</summary>
    public string NewLine => newLine;

    private static readonly SearchValues<char> SpoilingKeys = SearchValues.Create(":*&?!|>{}");

    /// <summary>Renders the value of a key.</summary>
    /// <param name="value">The value.</param>
    /// <param name="keyColumn">Column of the key, from 0.</param>
    public Rendered Render(YamlValue value, int keyColumn) => value switch
    {
        YamlScalarValue scalar => Scalar(scalar, keyColumn + step),
        YamlListValue { Items.Count: 0 } => new Rendered(" []", []),
        YamlMapValue { Entries.Count: 0 } => new Rendered(" {}", []),
        _ => new Rendered("", Block(value, keyColumn + step)),
    };

    /// <summary>One entry of a mapping as whole lines.</summary>
    public IReadOnlyList<string> Entry(string key, YamlValue value, int column)
    {
        var rendered = Render(value, column);
        return [new string(' ', column) + Key(key) + ":" + rendered.Head, .. rendered.Body];
    }

    /// <summary>One item of a list as whole lines.</summary>
    public IReadOnlyList<string> Item(YamlValue value, int column)
    {
        var indent = new string(' ', column);
        if (value is YamlScalarValue or YamlListValue { Items.Count: 0 } or YamlMapValue { Entries.Count: 0 })
        {
            var rendered = Render(value, column);
            return [indent + "-" + rendered.Head, .. rendered.Body];
        }

        var lines = Block(value, column + 2);
        return [indent + "- " + lines[0][(column + 2)..], .. lines.Skip(1)];
    }

    /// <summary>A key, quoted where needed: some signs that a plain value may hold end or spoil a plain key for one reader or another.</summary>
    public static string Key(string key) => key.AsSpan().ContainsAny(SpoilingKeys) || !CanBePlain(key) ? Quote(key) : key;

    /// <summary>Whether plain YAML reads this back as the same text and not as a number, truth value, date or null.</summary>
    internal static bool CanBePlain(string text) =>
        PlainForm().IsMatch(text) && !text.Contains(": ", StringComparison.Ordinal) && !text.Contains(" #", StringComparison.Ordinal)
        && text[^1] is not (' ' or ':') && !OtherMeaning().IsMatch(text) && text is not ("---" or "...");

    /// <summary>Double quotes with escapes: any text on one line.</summary>
    internal static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            var isPair = char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]);
            if (isPair)
            {
                quoted.Append(CultureInfo.InvariantCulture, $"\\U{char.ConvertToUtf32(c, text[++i]):X8}");
                continue;
            }

            _ = c switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                < ' ' or (>= '\u007f' and <= '\u00a0') or '\u2028' or '\u2029' or '\ufeff' => quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}"),
                _ => quoted.Append(char.IsSurrogate(c) ? '\ufffd' : c),
            };
        }

        return quoted.Append('"').ToString();
    }

    private List<string> Block(YamlValue value, int column) => value switch
    {
        YamlListValue list => [.. list.Items.SelectMany(i => Item(i, column))],
        YamlMapValue map => [.. map.Entries.SelectMany(e => Entry(e.Key, e.Value, column))],
        _ => throw new ArgumentException("only lists and mappings have a block form", nameof(value)),
    };

    private static Rendered Scalar(YamlScalarValue scalar, int column)
    {
        if (scalar.IsPlain && scalar.Content.Length == 0) return new Rendered("", []);
        if (scalar.IsPlain && IsPlainAsRead(scalar.Content)) return new Rendered(" " + scalar.Content, []);
        if (CanBePlain(scalar.Content)) return new Rendered(" " + scalar.Content, []);
        if (!IsLiteral(scalar.Content)) return new Rendered(" " + Quote(scalar.Content), []);
        var isEnded = scalar.Content[^1] == '\n';
        var indent = new string(' ', column);
        var lines = (isEnded ? scalar.Content[..^1] : scalar.Content).Split('\n').Select(l => l.Length == 0 ? l : indent + l);
        return new Rendered(isEnded ? " |" : " |-", [.. lines]);
    }

    // Several printable lines that neither begin nor end in blanks, and at most one final newline.
    private static bool IsLiteral(string text)
    {
        if (!text.Contains('\n') || text[0] is ' ' or '\t' or '\n') return false;
        var lines = (text[^1] == '\n' ? text[..^1] : text).Split('\n');
        return lines[^1].Length > 0
            && lines.All(l => l.Length == 0 || (l[^1] is not (' ' or '\t') && l.All(c => c is '\t' or (>= ' ' and <= '~') or (>= '\u00a1' and <= '\u167f'))));
    }

    private static bool IsPlainAsRead(string text) => PlainNumberOrWord().IsMatch(text);

    [GeneratedRegex(@"^[A-Za-z0-9_./$][A-Za-z0-9_./:@+,=()%^~$ {}*&!?<>|#;'-]*\z")]
    private static partial Regex PlainForm();

    // Everything that some YAML 1.1 or 1.2 reader takes for a number, a date, a truth value or null.
    [GeneratedRegex(@"^(?:[-+]?[0-9.][0-9_.,:]*(?:[eE][-+]?[0-9]+)?|0[xob][0-9a-fA-F_]+|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*|\.(?:inf|nan)|y|n|yes|no|true|false|on|off|null|~)\z", RegexOptions.IgnoreCase)]
    private static partial Regex OtherMeaning();

    [GeneratedRegex(@"^(?:[-+]?[0-9.][0-9_.:xoa-fA-FeE+-]*|[A-Za-z]+)\z")]
    private static partial Regex PlainNumberOrWord();
}
