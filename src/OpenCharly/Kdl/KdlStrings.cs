using System.Globalization;
using System.Text;

namespace OpenCharly.Kdl;

/// <summary>Reads quoted, raw and multi-line strings.</summary>
/// <param name="cursor">The text.</param>
internal sealed class KdlStrings(KdlCursor cursor)
{
    /// <summary>Whether a raw string of version 1, such as <c>r#"…"#</c>, begins at a place.</summary>
    public static bool IsOldRaw(KdlCursor cursor, int offset)
    {
        if (cursor.Text[offset] != 'r') return false;
        var i = offset + 1;
        while (i < cursor.Text.Length && cursor.Text[i] == '#') i++;
        return i < cursor.Text.Length && cursor.Text[i] == '"';
    }

    /// <summary>The text of the string that begins here, or null if none does.</summary>
    public string? ReadIfAny()
    {
        if (cursor.IsAtEnd) return null;
        var begin = cursor.Offset;
        if (cursor.Version == 1)
        {
            if (cursor.Current == '"') return ReadQuoted(begin, mayHoldLines: true);
            if (!IsOldRaw(cursor, begin)) return null;
            cursor.Offset++;
            return ReadRaw(begin, CountHashes(), mayHoldLines: true);
        }

        if (cursor.Current == '"') return cursor.Sees("\"\"\"") ? ReadLines(begin, 0) : ReadQuoted(begin, mayHoldLines: false);
        if (cursor.Current != '#') return null;
        var hashes = CountHashes();
        if (cursor.Current == '"') return cursor.Sees("\"\"\"") ? ReadLines(begin, hashes) : ReadRaw(begin, hashes, mayHoldLines: false);
        cursor.Offset = begin;
        return null;
    }

    private int CountHashes()
    {
        var begin = cursor.Offset;
        while (cursor.Current == '#') cursor.Offset++;
        return cursor.Offset - begin;
    }

    private string ReadQuoted(int begin, bool mayHoldLines)
    {
        cursor.Offset++;
        var text = new StringBuilder();
        while (true)
        {
            if (cursor.IsAtEnd) throw Unclosed(begin, "\"");
            if (cursor.Take("\"")) return text.ToString();
            if (cursor.Current == '\\')
            {
                ReadEscape(text);
                continue;
            }

            if (!mayHoldLines && cursor.SeesNewline) throw Unclosed(begin, "\"");
            text.Append(cursor.Current);
            cursor.Offset++;
        }
    }

    private string ReadRaw(int begin, int hashes, bool mayHoldLines)
    {
        cursor.Offset++;
        var close = "\"" + new string('#', hashes);
        var start = cursor.Offset;
        while (!cursor.Sees(close))
        {
            if (cursor.IsAtEnd || (!mayHoldLines && cursor.SeesNewline)) throw Unclosed(begin, close);
            cursor.Offset++;
        }

        var text = cursor.Text[start..cursor.Offset];
        cursor.Offset += close.Length;
        return text;
    }

    /// <summary>A multi-line string: escaped white space goes first, then the indent of the last line, then the other escapes count.</summary>
    private string ReadLines(int begin, int hashes)
    {
        cursor.Offset += 3;
        if (!cursor.TakeNewline())
        {
            throw cursor.Error(
                begin, "a string in three quotes begins on the next line", "Break the line after the opening \"\"\", or use single quotes \"…\" for one line.");
        }

        var close = "\"\"\"" + new string('#', hashes);
        var lines = new List<Line> { new(cursor.Offset) };
        while (!cursor.Take(close))
        {
            if (cursor.IsAtEnd) throw Unclosed(begin, close);
            if (cursor.TakeNewline())
            {
                lines.Add(new Line(cursor.Offset));
            }
            else if (hashes == 0 && cursor.Current == '\\')
            {
                ReadEscape(lines[^1].Text);
            }
            else
            {
                lines[^1].AddLiteral(cursor.Current, cursor.Version);
                cursor.Offset++;
            }
        }

        return Dedent(lines);
    }

    private string Dedent(List<Line> lines)
    {
        var last = lines[^1];
        if (last.Indent < last.Text.Length)
        {
            throw cursor.Error(
                last.Offset, "the closing quotes of a multi-line string stand on a line of their own", "Break the line before the closing \"\"\", and escape nothing in front of it.");
        }

        var indent = last.Text.ToString();
        var text = new StringBuilder();
        for (var i = 0; i < lines.Count - 1; i++)
        {
            if (i > 0) text.Append('\n');
            var line = lines[i];
            if (line.Indent == line.Text.Length) continue;
            if (line.Indent < indent.Length || line.Text.ToString(0, indent.Length) != indent)
            {
                throw cursor.Error(
                    line.Offset,
                    "this line is indented otherwise than the closing quotes of its string",
                    "Begin each line of the string with the very blanks and tabs that stand before the closing quotes.");
            }

            text.Append(line.Text, indent.Length, line.Text.Length - indent.Length);
        }

        return text.ToString();
    }

    private void ReadEscape(StringBuilder text)
    {
        var begin = cursor.Offset++;
        if (cursor.Version == 2 && SkipEscapedSpace()) return;
        var c = cursor.Current;
        cursor.Offset++;
        switch (c)
        {
            case 'n': text.Append('\n'); break;
            case 'r': text.Append('\r'); break;
            case 't': text.Append('\t'); break;
            case 'b': text.Append('\b'); break;
            case 'f': text.Append('\f'); break;
            case '\\': text.Append('\\'); break;
            case '"': text.Append('"'); break;
            case 's' when cursor.Version == 2: text.Append(' '); break;
            case '/' when cursor.Version == 1: text.Append('/'); break;
            case 'u': text.Append(ReadUnicode(begin).ToString()); break;
            default:
                throw cursor.Error(
                    begin,
                    $"a backslash before {KdlCharacters.Describe(cursor.Text, begin + 1)} means nothing",
                    cursor.Version == 2 ? "Write \\\\ for a backslash, or use a raw string: #\"…\"#." : "Write \\\\ for a backslash, or use a raw string: r\"…\".");
        }
    }

    private bool SkipEscapedSpace()
    {
        var begin = cursor.Offset;
        while (!cursor.IsAtEnd)
        {
            if (KdlCharacters.IsSpace(cursor.Current, 2)) cursor.Offset++;
            else if (!cursor.TakeNewline()) break;
        }

        return cursor.Offset > begin;
    }

    private Rune ReadUnicode(int begin)
    {
        var end = cursor.Text.IndexOf('}', cursor.Offset, Math.Min(8, cursor.Text.Length - cursor.Offset));
        var digits = cursor.Current == '{' && end > cursor.Offset + 1 ? cursor.Text[(cursor.Offset + 1)..end] : "";
        if (digits.Length is 0 or > 6 || !digits.All(char.IsAsciiHexDigit))
        {
            throw cursor.Error(begin, "\\u is followed by one to six hexadecimal digits in braces", "Write it such as \\u{1F600}.");
        }

        if (!Rune.TryCreate(int.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture), out var rune))
        {
            throw cursor.Error(begin, $"\\u{{{digits}}} is no character", "Use a Unicode scalar value: up to 10FFFF, without D800 to DFFF.");
        }

        cursor.Offset = end + 1;
        return rune;
    }

    private KdlSyntaxException Unclosed(int begin, string close) =>
        cursor.Error(begin, "this string has no end", $"Close it with {close}; a string of several lines is written in three quotes, or in version 1 in one.");

    /// <summary>A line of a multi-line string: how much of its begin is white space as written, escapes not counted.</summary>
    private sealed class Line(int offset)
    {
        public int Offset => offset;

        public StringBuilder Text { get; } = new();

        public int Indent { get; private set; }

        public void AddLiteral(char c, int version)
        {
            if (Indent == Text.Length && KdlCharacters.IsSpace(c, version)) Indent++;
            Text.Append(c);
        }
    }
}
