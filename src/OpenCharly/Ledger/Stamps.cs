using System.Globalization;

namespace OpenCharly.Ledger;

/// <summary>
/// How paths look from outside: a line of <c>stat</c> each. Equal lines mean an untouched file, because every change
/// of content, mode or owner moves the change time.
/// </summary>
internal static class Stamps
{
    /// <summary>Inode, size, raw mode (hex), uid, gid, change time with nanoseconds, name.</summary>
    public const string Format = "%i %s %f %u %g %.9Z %n";

    /// <summary>Where a package database tells that it changed.</summary>
    public static string? DatabaseOf(string? format) => format switch
    {
        "deb" => "/var/lib/dpkg/status",
        "rpm" => "/var/lib/rpm/rpmdb.sqlite",
        "pac" => "/var/lib/pacman/local",
        _ => null,
    };

    /// <summary>Whether a path can have a line of its own.</summary>
    public static bool CanTrace(string path) => path.StartsWith('/') && path.AsSpan().IndexOfAny('\n', '\t', '\\') < 0;

    /// <summary>The paths that tell whether a recorded step stands.</summary>
    public static IEnumerable<string> PathsOf(Ledger.RecordedStep step)
    {
        var database = DatabaseOf(step.Extra.GetValueOrDefault(LedgerExtra.Format));
        var paths = LedgerExtra.List(step.Extra, LedgerExtra.Paths).Where(CanTrace);
        return database is null ? paths : paths.Append(database);
    }

    /// <summary>Reads lines of <c>stat</c> into a map from path to the fields before it.</summary>
    public static Dictionary<string, string> Read(string text)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n'))
        {
            var at = 0;
            for (var blanks = 0; blanks < 6 && at >= 0; blanks++) at = line.IndexOf(' ', at) is var i and >= 0 ? i + 1 : -1;
            if (at > 0 && at < line.Length) map[line[at..]] = line[..(at - 1)];
        }

        return map;
    }

    /// <summary>
    /// Whether two stamps of one path mean the same state without a look at the content. Folders change whenever an
    /// entry comes or goes, so only their mode and owner count, unless the folder is a package database.
    /// </summary>
    public static bool Same(string? recorded, string? now, bool isDatabase = false)
    {
        if (recorded == now) return true;
        if (recorded is null || now is null) return false;
        var (a, b) = (recorded.Split(' '), now.Split(' '));
        return !isDatabase && a.Length == 6 && b.Length == 6 && IsFolder(a[2]) && IsFolder(b[2]) && a.AsSpan(2, 3).SequenceEqual(b.AsSpan(2, 3));
    }

    /// <summary>Whether type, mode and owner of two stamps are the same.</summary>
    public static bool SameModeAndOwner(string? recorded, string? now) =>
        recorded is not null && now is not null && recorded.Split(' ') is { Length: 6 } a && now.Split(' ') is { Length: 6 } b
        && a.AsSpan(2, 3).SequenceEqual(b.AsSpan(2, 3));

    private static bool IsFolder(string rawMode) =>
        int.TryParse(rawMode, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var mode) && (mode & 0xF000) == 0x4000;
}
