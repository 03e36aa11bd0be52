using System.Globalization;
using System.Text.RegularExpressions;

namespace OpenCharly.Foundation;

/// <summary>A calendar version <c>YYYY.DDD.HHMM</c>, compared number by number (candy-and-plan.md §1.6).</summary>
public readonly partial record struct CalVer(int Year, int Day, int Time) : IComparable<CalVer>
{
    /// <summary>The oldest schema version that is accepted in project and per-host files.</summary>
    public static CalVer OldestSchema { get; } = new(2026, 144, 1443);

    /// <summary>The newest known schema version, written into files that we make.</summary>
    public static CalVer NewestSchema { get; } = new(2026, 163, 928);

    /// <summary>The schema version of ledger records.</summary>
    public static CalVer LedgerSchema { get; } = new(2026, 161, 1649);

    /// <summary>Reads a version; false if it is not three numbers separated by dots.</summary>
    public static bool TryParse(string? text, out CalVer version)
    {
        version = default;
        var match = Pattern().Match(text ?? "");
        if (!match.Success
            || !TryNumber(match.Groups[1], out var year)
            || !TryNumber(match.Groups[2], out var day)
            || !TryNumber(match.Groups[3], out var time))
        {
            return false;
        }

        version = new CalVer(year, day, time);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(CalVer other) => (Year, Day, Time).CompareTo((other.Year, other.Day, other.Time));

    /// <summary>Whether the left version is older.</summary>
    public static bool operator <(CalVer left, CalVer right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left version is newer.</summary>
    public static bool operator >(CalVer left, CalVer right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left version is older or the same.</summary>
    public static bool operator <=(CalVer left, CalVer right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left version is newer or the same.</summary>
    public static bool operator >=(CalVer left, CalVer right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public override string ToString() => $"{Year:0000}.{Day:000}.{Time:0000}";

    private static bool TryNumber(Group group, out int number) =>
        int.TryParse(group.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    [GeneratedRegex(@"^(\d+)\.(\d+)\.(\d+)\z")]
    private static partial Regex Pattern();
}
