namespace OpenCharly.Plans;

/// <summary>What <c>/etc/os-release</c> says about a system, as far as a plan needs it.</summary>
/// <param name="Id"><c>ID</c>, such as <c>debian</c>; empty if there is none.</param>
/// <param name="VersionId"><c>VERSION_ID</c>, such as <c>13</c>; empty if there is none.</param>
/// <param name="Like">The words of <c>ID_LIKE</c>.</param>
public sealed record OsRelease(string Id, string VersionId, IReadOnlyList<string> Like)
{
    /// <summary>Reads the text of an os-release file. Lines that are no assignment, and keys of no interest, are passed over.</summary>
    public static OsRelease Parse(string text)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var raw in text.Split('\n'))
        {
            var line = raw.Trim();
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && line[0] != '#') values[line[..equals]] = Unquote(line[(equals + 1)..]);
        }

        return new OsRelease(
            values.GetValueOrDefault("ID", "").ToLowerInvariant(),
            values.GetValueOrDefault("VERSION_ID", ""),
            values.GetValueOrDefault("ID_LIKE", "").ToLowerInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    // The file follows shell quoting, without expansions: 'text', "text with \" escapes", or a bare word.
    private static string Unquote(string value)
    {
        if (value.Length >= 2 && value[0] == '\'' && value[^1] == '\'') return value[1..^1];
        var inner = value.Length >= 2 && value[0] == '"' && value[^1] == '"' ? value[1..^1] : value;
        var text = new System.Text.StringBuilder(inner.Length);
        for (var i = 0; i < inner.Length; i++)
        {
            if (inner[i] == '\\' && i + 1 < inner.Length) i++;
            text.Append(inner[i]);
        }

        return text.ToString();
    }
}
