namespace OpenCharly.Boxes;

/// <summary>Suites of Debian by version.</summary>
internal static class DebianSuite
{
    private static readonly Dictionary<string, string> Suites = new(StringComparer.Ordinal) { ["11"] = "bullseye", ["12"] = "bookworm", ["13"] = "trixie" };

    /// <summary>The suite of the first tag that is a Debian; null if none is.</summary>
    public static string? Of(IEnumerable<string> distros)
    {
        foreach (var tag in distros)
        {
            var parts = tag.Split(':', '-');
            if (parts[0] != "debian") continue;
            if (parts.Length == 1) return Suites["13"];
            return Suites.TryGetValue(parts[1], out var suite) ? suite : Suites.ContainsValue(parts[1]) ? parts[1] : null;
        }

        return null;
    }
}
