namespace OpenCharly.Foundation;

/// <summary>Names with the wildcards of shells: <c>*</c>, <c>?</c> and sets such as <c>[ab]</c> and <c>[0-9]</c>; <c>[!ab]</c> is any other character.</summary>
public static class NamePattern
{
    /// <summary>Whether a text has wildcards; a bracket that is never closed is none.</summary>
    public static bool IsPattern(string text) =>
        text.AsSpan().ContainsAny('*', '?') || (text.IndexOf('[', StringComparison.Ordinal) is >= 0 and var open && text.IndexOf(']', open + 1) > 0);

    /// <summary>Whether a name is what a pattern describes, from its first character to its last. Case counts: names differ by it.</summary>
    public static bool Matches(string pattern, string name)
    {
        int at = 0, next = 0, star = -1, retry = 0;
        while (next < name.Length)
        {
            if (at < pattern.Length && pattern[at] == '*')
            {
                (star, retry) = (at++, next);
            }
            else if (at < pattern.Length && Takes(pattern, at, name[next], out var end))
            {
                (at, next) = (end, next + 1);
            }
            else if (star >= 0)
            {
                // The last star takes one character more.
                (at, next) = (star + 1, ++retry);
            }
            else
            {
                return false;
            }
        }

        while (at < pattern.Length && pattern[at] == '*') at++;
        return at == pattern.Length;
    }

    // One element of the pattern against one character; where the next element begins.
    private static bool Takes(string pattern, int at, char c, out int end)
    {
        end = at + 1;
        if (pattern[at] == '?') return true;

        // The first bracket of a set may be one of its characters: []ab].
        var first = at + 1 < pattern.Length && pattern[at + 1] is '!' or '^' ? at + 2 : at + 1;
        var close = pattern[at] == '[' && first < pattern.Length ? pattern.IndexOf(']', first + 1) : -1;
        if (close < 0) return pattern[at] == c;
        end = close + 1;
        return IsIn(pattern.AsSpan(first, close - first), c) != (first == at + 2);
    }

    private static bool IsIn(ReadOnlySpan<char> set, char c)
    {
        for (var i = 0; i < set.Length; i++)
        {
            if (i + 2 < set.Length && set[i + 1] == '-')
            {
                if (c >= set[i] && c <= set[i + 2]) return true;
                i += 2;
            }
            else if (set[i] == c)
            {
                return true;
            }
        }

        return false;
    }
}
