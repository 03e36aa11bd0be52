using System.Text;
using System.Text.RegularExpressions;

namespace OpenCharly.Foundation;

/// <summary>
/// Regular expressions that people write in their files: the syntax of RE2, matched in time linear in the text, so
/// that no pattern can hang a run (candy-and-plan.md §9.3). Look-around and back references don't exist here.
/// </summary>
public static class LinearRegex
{
    private const string Word = "0-9A-Za-z_";
    private const string Blank = @"\t\n\f\r ";

    private static readonly Dictionary<string, string> Classes = new(StringComparer.Ordinal)
    {
        ["alnum"] = "0-9A-Za-z", ["alpha"] = "A-Za-z", ["ascii"] = @"\x00-\x7F", ["blank"] = @"\t ", ["cntrl"] = @"\x00-\x1F\x7F", ["digit"] = "0-9",
        ["graph"] = "!-~", ["lower"] = "a-z", ["print"] = " -~", ["punct"] = @"!-/:-@\[-`{-~", ["space"] = @"\t\n\v\f\r ", ["upper"] = "A-Z",
        ["word"] = Word, ["xdigit"] = "0-9A-Fa-f",
    };

    /// <summary>Makes a pattern.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="regex">The compiled pattern; null if it is malformed.</param>
    /// <param name="error">What is wrong with it; empty if nothing is.</param>
    public static bool TryCreate(string pattern, out Regex? regex, out string error)
    {
        try
        {
            regex = new Regex(Translate(pattern), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            error = "";
            return true;
        }
        catch (NotSupportedException)
        {
            error = "look-around, back references and atomic groups are not supported";
        }
        catch (ArgumentException e)
        {
            error = e.Message;
        }

        regex = null;
        return false;
    }

    /// <summary>Whether a pattern can be made, at a small part of the cost of making it.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="error">What is wrong with it; empty if nothing is.</param>
    public static bool IsValid(string pattern, out string error)
    {
        if (MayBeUnsupported(pattern)) return TryCreate(pattern, out _, out error);
        try
        {
            _ = new Regex(Translate(pattern), RegexOptions.CultureInvariant);
            error = "";
            return true;
        }
        catch (ArgumentException e)
        {
            error = e.Message;
            return false;
        }
    }

    // Whatever parses but can't be matched in linear time begins with one of these.
    private static bool MayBeUnsupported(string pattern)
    {
        for (var i = 0; i + 1 < pattern.Length; i++)
        {
            if (pattern[i] == '(' && pattern[i + 1] == '?' && (i + 2 == pattern.Length || pattern[i + 2] != ':')) return true;
            if (pattern[i] == '\\' && (char.IsAsciiDigit(pattern[i + 1]) || pattern[i + 1] is 'k' or 'G')) return true;
        }

        return false;
    }

    // RE2's classes know ASCII only, and a few spellings are its own.
    private static string Translate(string pattern)
    {
        var text = new StringBuilder(pattern.Length);
        for (var i = 0; i < pattern.Length; i++)
        {
            var rest = pattern.AsSpan(i);
            if (rest.StartsWith("(?P<", StringComparison.Ordinal))
            {
                text.Append("(?<");
                i += 3;
            }
            else if (rest.StartsWith(@"\Q", StringComparison.Ordinal))
            {
                var end = pattern.IndexOf(@"\E", i + 2, StringComparison.Ordinal);
                text.Append(Regex.Escape(pattern[(i + 2)..(end < 0 ? pattern.Length : end)]));
                i = end < 0 ? pattern.Length : end + 1;
            }
            else if (pattern[i] == '\\' && i + 1 < pattern.Length)
            {
                text.Append(pattern[++i] switch
                {
                    'd' => "[0-9]",
                    'D' => "[^0-9]",
                    'w' => $"[{Word}]",
                    'W' => $"[^{Word}]",
                    's' => $"[{Blank}]",
                    'S' => $"[^{Blank}]",
                    var other => "\\" + other,
                });
            }
            else if (pattern[i] == '[')
            {
                i = TranslateClass(pattern, i, text);
            }
            else
            {
                text.Append(pattern[i]);
            }
        }

        return text.ToString();
    }

    private static int TranslateClass(string pattern, int start, StringBuilder text)
    {
        text.Append('[');
        var i = start + 1;
        if (i < pattern.Length && pattern[i] == '^') text.Append(pattern[i++]);
        for (var first = true; i < pattern.Length && (first || pattern[i] != ']'); first = false)
        {
            var close = pattern[i] == '[' && i + 1 < pattern.Length && pattern[i + 1] == ':' ? pattern.IndexOf(":]", i, StringComparison.Ordinal) : -1;
            if (close > 0 && Classes.TryGetValue(pattern[(i + 2)..close], out var members))
            {
                text.Append(members);
                i = close + 2;
            }
            else if (pattern[i] == '\\' && i + 1 < pattern.Length)
            {
                text.Append(pattern[i + 1] switch { 'd' => "0-9", 'w' => Word, 's' => Blank, var other => "\\" + other });
                i += 2;
            }
            else
            {
                // A bracket inside of a class means itself in RE2, and a subtraction in .NET.
                if (pattern[i] is '[' or ']') text.Append('\\');
                text.Append(pattern[i++]);
            }
        }

        text.Append(']');
        return i;
    }
}
