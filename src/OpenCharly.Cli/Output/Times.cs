using System.Globalization;

namespace OpenCharly.Cli.Output;

/// <summary>Points in time and durations as text.</summary>
internal static class Times
{
    public static string Rfc3339(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>To the minute, in UTC: <c>2026-06-10 16:49Z</c>.</summary>
    public static string Short(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);

    /// <summary><c>0.4s</c>, <c>42s</c>, <c>2m07s</c>, <c>1h02m</c>.</summary>
    public static string Duration(TimeSpan time) =>
        time.TotalSeconds < 9.95 ? $"{time.TotalSeconds:0.0}s"
        : time.TotalSeconds < 59.5 ? $"{time.TotalSeconds:0}s"
        : time.TotalMinutes < 60 ? $"{(int)time.TotalMinutes}m{time.Seconds:00}s"
        : $"{(int)time.TotalHours}h{time.Minutes:00}m";
}
