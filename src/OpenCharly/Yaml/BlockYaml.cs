using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace OpenCharly.Yaml;

/// <summary>
/// Writes YAML in block style. Quoted scalars are text and come out so that a YAML 1.1 reader (cloud-init and kubectl are)
/// reads the same text back, whatever it holds; plain scalars keep their spelling, so booleans and numbers stay such.
/// </summary>
internal static partial class BlockYaml
{
    private static readonly string[] ReservedWords = ["", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", "=", "<<"];

    /// <summary>A document that ends with a newline.</summary>
    public static string Write(YamlNode node)
    {
        var text = new StringBuilder();
        switch (node)
        {
            case YamlMapping { Entries.Count: > 0 } mapping:
                WriteMapping(text, mapping, 0, startsInLine: false);
                break;
            case YamlSequence { Items.Count: > 0 } sequence:
                WriteSequence(text, sequence, 0);
                break;
            default:
                text.Append(Inline(node)).Append('\n');
                break;
        }

        return text.ToString();
    }

    private static void WriteMapping(StringBuilder text, YamlMapping mapping, int indent, bool startsInLine)
    {
        foreach (var entry in mapping.Entries)
        {
            if (!startsInLine) text.Append(' ', indent);
            startsInLine = false;
            text.Append(Scalar(entry.Key with { IsQuoted = true }, isKey: true)).Append(':');
            WriteValue(text, entry.Value, indent);
        }
    }

    private static void WriteSequence(StringBuilder text, YamlSequence sequence, int indent)
    {
        foreach (var item in sequence.Items)
        {
            text.Append(' ', indent).Append('-');
            switch (item)
            {
                case YamlMapping { Entries.Count: > 0 } mapping:
                    text.Append(' ');
                    WriteMapping(text, mapping, indent + 2, startsInLine: true);
                    break;
                default:
                    WriteValue(text, item, indent);
                    break;
            }
        }
    }

    private static void WriteValue(StringBuilder text, YamlNode value, int indent)
    {
        switch (value)
        {
            case YamlMapping { Entries.Count: > 0 } mapping:
                text.Append('\n');
                WriteMapping(text, mapping, indent + 2, startsInLine: false);
                break;
            case YamlSequence { Items.Count: > 0 } sequence:
                text.Append('\n');
                WriteSequence(text, sequence, indent + 2);
                break;
            case YamlScalar { IsQuoted: true } scalar when FitsLiteral(scalar.Text):
                WriteLiteral(text, scalar.Text, indent + 2);
                break;
            default:
                text.Append(' ').Append(Inline(value)).Append('\n');
                break;
        }
    }

    private static void WriteLiteral(StringBuilder text, string content, int indent)
    {
        var body = content.TrimEnd('\n');
        var newlines = content.Length - body.Length;
        text.Append(" |").Append(newlines switch { 0 => "-", 1 => "", _ => "+" }).Append('\n');
        foreach (var line in body.Split('\n'))
        {
            if (line.Length > 0) text.Append(' ', indent).Append(line);
            text.Append('\n');
        }

        text.Append('\n', Math.Max(0, newlines - 1));
    }

    private static string Inline(YamlNode node) => node switch
    {
        YamlMapping => "{}",
        YamlSequence => "[]",
        YamlScalar scalar => Scalar(scalar, isKey: false),
        _ => throw new ArgumentException($"no YAML for {node.Description}", nameof(node)),
    };

    private static string Scalar(YamlScalar scalar, bool isKey)
    {
        var text = scalar.Text;
        if (!scalar.IsQuoted && MeansOtherThanText(text)) return text.Length == 0 ? "null" : text;
        if (!MustEscape(text))
        {
            var isPlain = PlainText().IsMatch(text) && (!scalar.IsQuoted || (isKey ? !ReservedWords.Contains(text.ToLowerInvariant()) : !MeansOtherThanText(text)));
            return isPlain ? text : "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";
        }

        var quoted = new StringBuilder("\"");
        foreach (var c in text)
        {
            quoted.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                _ when IsControl(c) => "\\u" + ((int)c).ToString("x4", CultureInfo.InvariantCulture),
                _ => c.ToString(),
            });
        }

        return quoted.Append('"').ToString();
    }

    // A literal block can't begin with a blank or an empty line without an indentation indicator; those rare texts are
    // written in double quotes.
    private static bool FitsLiteral(string text) =>
        text.Contains('\n')
        && text[0] is not (' ' or '\n' or '\t')
        && text.TrimEnd('\n').Length > 0
        && !text.Any(c => c is not ('\n' or '\t') && IsControl(c));

    private static bool MustEscape(string text) => text.Any(c => c is '\n' or '\t' || IsControl(c));

    // Also the line breaks that YAML 1.1 knows beside the newline, and the byte order mark.
    private static bool IsControl(char c) => c is < ' ' or (>= '\x7f' and <= '\x9f') or '\u2028' or '\u2029' or '\ufeff' or '\ufffe' or '\uffff';

    private static bool MeansOtherThanText(string text) =>
        ReservedWords.Contains(text.ToLowerInvariant()) || NumberOrDate().IsMatch(text);

    // Deliberately narrow: words, paths, addresses and commands without quotes. A colon or # is only itself when no blank
    // stands beside it. Everything else is quoted.
    [GeneratedRegex(@"^[A-Za-z0-9_./](?:[A-Za-z0-9_./@+=,()$~^%*;-]|:(?=[^ ])| (?=[^ #])|(?<=[^ ])#)*(?<![: ])\z")]
    private static partial Regex PlainText();

    // What YAML 1.1 takes for an integer of any base, a sexagesimal, a float, infinity or a date.
    [GeneratedRegex(
        @"^[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-f_]+|[0-9][0-9_]*(?::[0-5]?[0-9])*(?:\.[0-9_]*)?(?:e[-+]?[0-9]+)?|\.[0-9][0-9_]*(?:e[-+]?[0-9]+)?|\.inf|\.nan)\z|^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt \t].*)?\z",
        RegexOptions.IgnoreCase)]
    private static partial Regex NumberOrDate();
}
