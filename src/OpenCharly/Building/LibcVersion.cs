using System.Globalization;
using System.Text.RegularExpressions;

namespace OpenCharly.Building;

/// <summary>The version of the C library, as <c>ldd --version</c> tells it.</summary>
internal static partial class LibcVersion
{
    /// <summary>Asks for it; the exit code means nothing, since some C libraries only complain.</summary>
    public const string Question = "ldd --version 2>&1 | head -n 1";

    /// <summary>The version in the first line of the answer; null for a C library that says none, or that is not glibc.</summary>
    public static Version? Parse(string answer)
    {
        var line = answer.Split('\n')[0];
        if (line.Contains("musl", StringComparison.OrdinalIgnoreCase)) return null;
        var match = Last().Match(line);
        return match.Success
            ? new Version(int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture))
            : null;
    }

    [GeneratedRegex(@"([0-9]{1,4})\.([0-9]{1,4})(?:\.[0-9]+)?\s*$")]
    private static partial Regex Last();
}
