using System.Text;

namespace OpenCharly.Kdl;

/// <summary>What single characters mean in the two versions of the language.</summary>
internal static class KdlCharacters
{
    /// <summary>White space that ends no line.</summary>
    public static bool IsSpace(char c, int version) =>
        c is '\t' or ' ' or '\u00A0' or '\u1680' or (>= '\u2000' and <= '\u200A') or '\u202F' or '\u205F' or '\u3000'
        || (c == '\uFEFF' && version == 1);

    /// <summary>How many characters a line end takes here; 0 if there is none. CR LF is one line end.</summary>
    public static int NewlineLength(string text, int offset, int version)
    {
        if (offset >= text.Length) return 0;
        return text[offset] switch
        {
            '\r' => offset + 1 < text.Length && text[offset + 1] == '\n' ? 2 : 1,
            '\n' or '\f' or '\u0085' or '\u2028' or '\u2029' => 1,
            '\v' => version == 1 ? 0 : 1,
            _ => 0,
        };
    }

    /// <summary>Whether a character may stand in a word without quotes.</summary>
    public static bool IsIdentifier(char c, int version) => version == 1
        ? c > ' ' && !IsSpace(c, 1) && !IsNewline(c, 1) && !"\\/(){}<>;[]=,\"".Contains(c, StringComparison.Ordinal)
        : c >= ' ' && !IsSpace(c, 2) && !IsNewline(c, 2) && !"\\/(){};[]\"#=".Contains(c, StringComparison.Ordinal);

    /// <summary>Whether a code point may not stand in a document of version 2 as itself.</summary>
    public static bool IsDisallowed(int codePoint) => codePoint is
        <= 0x08 or (>= 0x0E and <= 0x1F) or 0x7F or (>= 0xD800 and <= 0xDFFF)
        or 0x200E or 0x200F or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) or 0xFEFF;

    /// <summary>A character as messages show it.</summary>
    public static string Describe(string text, int offset)
    {
        if (offset >= text.Length) return "the end of the file";
        if (NewlineLength(text, offset, 2) > 0) return "the end of the line";
        if (!Rune.TryGetRuneAt(text, offset, out var rune)) return $"half a surrogate pair (U+{(int)text[offset]:X4})";
        return Rune.IsControl(rune) || IsDisallowed(rune.Value) || Rune.IsWhiteSpace(rune) ? $"U+{rune.Value:X4}" : $"'{rune}'";
    }

    private static bool IsNewline(char c, int version) =>
        c is '\r' or '\n' or '\f' or '\u0085' or '\u2028' or '\u2029' || (c == '\v' && version != 1);
}
