using OpenCharly.Foundation;

namespace OpenCharly.Kdl;

/// <summary>Reads names and values: bare words, strings, numbers and keywords.</summary>
/// <param name="cursor">The text.</param>
internal sealed class KdlWords(KdlCursor cursor)
{
    private readonly KdlStrings _strings = new(cursor);

    /// <summary>A name that must be here.</summary>
    /// <param name="what">What it names, for messages.</param>
    public KdlName ReadName(string what)
    {
        if (ReadNameIfAny() is { } name) return name;
        throw Unexpected($"{what} needs a name");
    }

    /// <summary>A name, or null if a number, a keyword or something else stands here.</summary>
    public KdlName? ReadNameIfAny()
    {
        var begin = cursor.Offset;
        if (_strings.ReadIfAny() is { } text) return new KdlName(text, cursor.PositionOf(begin));
        var word = PeekWord(begin);
        if (word.Length == 0 || KdlNumbers.LooksLikeNumber(word, cursor.Version)) return null;
        if (cursor.Version == 1 && (word is "true" or "false" or "null")) return null;
        if (cursor.Version == 2 && (word is "true" or "false" or "null" or "inf" or "-inf" or "nan"))
        {
            throw cursor.Error(begin, $"{word} is a reserved word", $"Write #{word} for the value, or \"{word}\" for the text.");
        }

        cursor.Offset += word.Length;
        return new KdlName(word, cursor.PositionOf(begin));
    }

    /// <summary>Whether a word without quotes began at a place.</summary>
    public bool IsBare(int offset) =>
        cursor.Text[offset] != '"' && !(cursor.Text[offset] == 'r' && KdlStrings.IsOldRaw(cursor, offset));

    /// <summary>A value that must be here.</summary>
    /// <param name="type">Its type annotation, already read.</param>
    /// <param name="begin">Where it, or its annotation, begins.</param>
    public KdlValue ReadValue(string? type, int begin)
    {
        var position = cursor.PositionOf(begin);
        var start = cursor.Offset;
        if (cursor.Version == 2 && cursor.Current == '#' && ReadKeyword(type, position) is { } keyword) return keyword;
        if (cursor.Version == 1 && ReadOldKeyword(type, position) is { } old) return old;
        var word = PeekWord(start);
        if (word.Length > 0 && KdlNumbers.LooksLikeNumber(word, cursor.Version))
        {
            if (KdlNumbers.Parse(word, type, position) is not { } number)
            {
                throw cursor.Error(
                    start, $"{Short(word)} is no number", "Numbers are such as 42, -1.5, 1e9, 0xff, 0o755, 0b11, with _ between digits; quote a word that begins like one.");
            }

            cursor.Offset += word.Length;
            return number;
        }

        if (ReadNameIfAny() is { } text)
        {
            if (cursor.Version == 1 && IsBare(start))
            {
                throw cursor.Error(start, $"the value {text.Text} needs quotes", $"Write \"{text.Text}\", or the file in KDL 2, where bare words are values.");
            }

            return new KdlString(text.Text, type, position);
        }

        throw Unexpected("a value is missing");
    }

    private KdlValue? ReadKeyword(string? type, SourcePosition position)
    {
        var end = cursor.Offset + 1;
        while (end < cursor.Text.Length && KdlCharacters.IsIdentifier(cursor.Text[end], 2)) end++;
        var word = cursor.Text[cursor.Offset..end];
        KdlValue? value = word switch
        {
            "#true" => new KdlBoolean(true, type, position),
            "#false" => new KdlBoolean(false, type, position),
            "#null" => new KdlNull(type, position),
            "#inf" => new KdlNumber(word, double.PositiveInfinity, null, type, position),
            "#-inf" => new KdlNumber(word, double.NegativeInfinity, null, type, position),
            "#nan" => new KdlNumber(word, double.NaN, null, type, position),
            _ => null,
        };
        if (value is not null) cursor.Offset = end;
        else if (word.Length > 1) throw cursor.Error($"{Short(word)} is no keyword", "The keywords are #true, #false, #null, #inf, #-inf and #nan; quote a word that begins with #.");
        return value;
    }

    private KdlValue? ReadOldKeyword(string? type, SourcePosition position)
    {
        var word = PeekWord(cursor.Offset);
        KdlValue? value = word switch
        {
            "true" => new KdlBoolean(true, type, position),
            "false" => new KdlBoolean(false, type, position),
            "null" => new KdlNull(type, position),
            _ => null,
        };
        if (value is not null) cursor.Offset += word.Length;
        return value;
    }

    private string PeekWord(int offset)
    {
        var end = offset;
        while (end < cursor.Text.Length && KdlCharacters.IsIdentifier(cursor.Text[end], cursor.Version)) end++;
        return cursor.Text[offset..end];
    }

    private KdlSyntaxException Unexpected(string what) => cursor.Error(
        $"{what}, and here is {KdlCharacters.Describe(cursor.Text, cursor.Offset)}",
        cursor.Current is '#' ? "Quote a word that holds #." : "Write a word; quote one that holds blanks or any of (){}[]/\\\"#;= .");

    private static string Short(string word) => word.Length > 40 ? word[..40] + "…" : word;
}
