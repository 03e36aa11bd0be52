using System.Globalization;

namespace OpenCharly.Cli.Output;

/// <summary>Points in time and durations as text.</summary>
internal static class Times
{
    public static string Rfc3339(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>To the minute, in UTC: <c>2026-06-10 16:49Z</c>.</summary>
    public static string Short(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);

    /// <summary><c>0.4s</c>, <c>42s</c>, <c>2m07s</c>, <c>1h02m</c>.</summary>
    public static string Duration(TimeSpan time)
    {
        if (time.TotalSeconds < 9.95) return $"{time.TotalSeconds:0.0}s";
        var whole = TimeSpan.FromSeconds(Math.Round(time.TotalSeconds));
        return whole.TotalSeconds < 60 ? $"{whole.Seconds}s"
            : whole.TotalMinutes < 60 ? $"{whole.Minutes}m{whole.Seconds:00}s"
            : $"{(int)whole.TotalHours}h{whole.Minutes:00}m";
    }
}
