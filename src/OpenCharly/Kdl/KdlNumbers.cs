using System.Globalization;
using OpenCharly.Foundation;

namespace OpenCharly.Kdl;

/// <summary>Reads numbers: decimal with fraction and exponent, hexadecimal, octal, binary, with underscores between digits.</summary>
internal static class KdlNumbers
{
    /// <summary>Whether a word can only be meant as a number: no bare text begins so.</summary>
    public static bool LooksLikeNumber(string word, int version)
    {
        var rest = word.AsSpan(word[0] is '+' or '-' ? 1 : 0);
        if (version == 2 && rest.StartsWith('.')) rest = rest[1..];
        return rest.Length > 0 && char.IsAsciiDigit(rest[0]);
    }

    /// <summary>The number, or null if the word is none.</summary>
    public static KdlNumber? Parse(string word, string? type, SourcePosition position)
    {
        var isNegative = word[0] == '-';
        var digits = word[0] is '+' or '-' ? word[1..] : word;
        var radix = digits.Length > 1 && digits[0] == '0' ? digits[1] switch { 'x' => 16, 'o' => 8, 'b' => 2, _ => 10 } : 10;
        return radix == 10 ? ParseDecimal(word, type, position) : ParseRadix(word, digits.AsSpan(2), radix, isNegative, type, position);
    }

    private static KdlNumber? ParseRadix(string word, ReadOnlySpan<char> digits, int radix, bool isNegative, string? type, SourcePosition position)
    {
        if (digits.Length == 0 || digits[0] == '_') return null;
        double value = 0;
        Int128 integer = 0;
        var fits = true;
        foreach (var c in digits)
        {
            if (c == '_') continue;
            var digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : radix;
            if (digit >= radix) return null;
            value = (value * radix) + digit;
            if (fits) integer = (integer * radix) + digit;
            fits = fits && integer <= (Int128)long.MaxValue + 1;
        }

        integer = isNegative ? -integer : integer;
        fits = fits && integer >= long.MinValue && integer <= long.MaxValue;
        return new KdlNumber(word, isNegative ? -value : value, fits ? (long)integer : null, type, position);
    }

    private static KdlNumber? ParseDecimal(string word, string? type, SourcePosition position)
    {
        var i = word[0] is '+' or '-' ? 1 : 0;
        if (!SkipDigits(word, ref i)) return null;
        var isWhole = i == word.Length;
        if (i < word.Length && word[i] == '.')
        {
            i++;
            if (!SkipDigits(word, ref i)) return null;
        }

        if (i < word.Length && word[i] is ('e' or 'E'))
        {
            i++;
            if (i < word.Length && word[i] is ('+' or '-')) i++;
            if (!SkipDigits(word, ref i)) return null;
        }

        if (i < word.Length) return null;
        var plain = word.Replace("_", "", StringComparison.Ordinal);
        var value = double.Parse(plain, NumberStyles.Float, CultureInfo.InvariantCulture);
        long? integer = isWhole && long.TryParse(plain, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole : null;
        return new KdlNumber(word, value, integer, type, position);
    }

    private static bool SkipDigits(string word, ref int i)
    {
        if (i >= word.Length || !char.IsAsciiDigit(word[i])) return false;
        while (i < word.Length && (char.IsAsciiDigit(word[i]) || word[i] == '_')) i++;
        return true;
    }
}
