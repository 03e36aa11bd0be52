using OpenCharly.Foundation;

namespace OpenCharly.Kdl;

/// <summary>A place in a text that moves on, and the way to tell of it.</summary>
internal sealed class KdlCursor
{
    private readonly string _file;
    private readonly int[] _lines;

    /// <summary>Begins at the begin of a text.</summary>
    /// <param name="text">The text; a byte order mark at its begin is passed over.</param>
    /// <param name="file">Name of the file, for positions.</param>
    /// <param name="version">Version of the language.</param>
    public KdlCursor(string text, string file, int version)
    {
        Text = text;
        Version = version;
        _file = file;
        _lines = LineStarts(text);
        if (text.StartsWith('\uFEFF')) Offset = 1;
    }

    /// <summary>The text.</summary>
    public string Text { get; }

    /// <summary>Version of the language: 1 or 2.</summary>
    public int Version { get; }

    /// <summary>Where we are.</summary>
    public int Offset { get; set; }

    /// <summary>Whether the text is over.</summary>
    public bool IsAtEnd => Offset >= Text.Length;

    /// <summary>The character here; NUL at the end.</summary>
    public char Current => IsAtEnd ? '\0' : Text[Offset];

    /// <summary>The place of the next character, for values.</summary>
    public SourcePosition Position => PositionOf(Offset);

    /// <summary>Whether a text stands here.</summary>
    public bool Sees(string text) => string.CompareOrdinal(Text, Offset, text, 0, text.Length) == 0;

    /// <summary>Whether a text stands at a place further on.</summary>
    public bool SeesAt(int offset, string text) => string.CompareOrdinal(Text, offset, text, 0, text.Length) == 0;

    /// <summary>Passes over a text, if it stands here.</summary>
    public bool Take(string text)
    {
        if (!Sees(text)) return false;
        Offset += text.Length;
        return true;
    }

    /// <summary>Whether a line ends here.</summary>
    public bool SeesNewline => KdlCharacters.NewlineLength(Text, Offset, Version) > 0;

    /// <summary>Passes over one line end, if there is one here.</summary>
    public bool TakeNewline()
    {
        var length = KdlCharacters.NewlineLength(Text, Offset, Version);
        Offset += length;
        return length > 0;
    }

    /// <summary>Line and column of a place.</summary>
    public SourcePosition PositionOf(int offset)
    {
        var line = Array.BinarySearch(_lines, offset);
        if (line < 0) line = ~line - 1;
        return new SourcePosition(_file, line + 1, offset - _lines[line] + 1);
    }

    /// <summary>An error at this place.</summary>
    public KdlSyntaxException Error(string message, string help) => Error(Offset, message, help);

    /// <summary>An error at a place.</summary>
    public KdlSyntaxException Error(int offset, string message, string help) => new(offset, PositionOf(offset), message, help);

    private static int[] LineStarts(string text)
    {
        List<int> starts = [0];
        for (var i = 0; i < text.Length;)
        {
            var length = KdlCharacters.NewlineLength(text, i, 2);
            i += Math.Max(1, length);
            if (length > 0) starts.Add(i);
        }

        return [.. starts];
    }
}

/// <summary>A document is not well-formed; the offset tells which version's reading came further.</summary>
internal sealed class KdlSyntaxException(int offset, SourcePosition position, string message, string help)
    : CharlyException(Errors.KdlSyntax, message, help, position)
{
    public int Offset => offset;
}
