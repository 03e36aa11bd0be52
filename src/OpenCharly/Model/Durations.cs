using System.Globalization;

namespace OpenCharly.Model;

/// <summary>Lengths of time as people write them: <c>10s</c>, <c>2m</c>, <c>1m30s</c>, plain seconds.</summary>
internal static class Durations
{
    // Nobody waits a month for a check; and the clock's arithmetic stays far from its limits.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(31);

    /// <summary>Reads one; false for anything else, and for more than a month.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        if (!Patterns.Duration().IsMatch(text)) return false;
        var seconds = 0.0;
        for (var at = 0; at < text.Length;)
        {
            var start = at;
            while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '.')) at++;
            var number = double.Parse(text.AsSpan(start, at - start), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
            start = at;
            while (at < text.Length && char.IsAsciiLetterLower(text[at])) at++;
            seconds += number * text[start..at] switch { "ms" => 0.001, "m" => 60, "h" => 3600, _ => 1 };
        }

        if (seconds > Longest.TotalSeconds) return false;
        duration = TimeSpan.FromSeconds(seconds);
        return true;
    }
}
