using System.Globalization;
using System.Text.Json;
using OpenCharly.Checks;
using OpenCharly.Foundation;

namespace OpenCharly.Operations;

/// <summary>Keeps what runs of checks found, a folder each, until <c>charly clean --eval</c>.</summary>
/// <param name="context">What it works with.</param>
internal sealed class CheckRuns(CharlyContext context)
{
    private string Root => context.Paths.CheckRuns;

    /// <summary>Writes the results of a run.</summary>
    /// <returns>The folder.</returns>
    public string Keep(CheckReport report)
    {
        // Sorted by name they are sorted by time.
        var time = context.Environment.Clock.GetUtcNow();
        var name = string.Concat(report.Name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '-'));
        var folder = Path.Combine(Root, $"{time.UtcDateTime.ToString("yyyyMMdd'T'HHmmss.fff'Z'", CultureInfo.InvariantCulture)}-{name}");
        AtomicFile.EnsureFolder(Root, isPrivate: true);
        AtomicFile.EnsureFolder(folder, isPrivate: true);
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true })) Write(json, report, time);
        AtomicFile.Write(Path.Combine(folder, "results.json"), stream.ToArray(), AtomicFile.Private);
        return folder;
    }

    /// <summary>The folders of all runs, the oldest first.</summary>
    public IReadOnlyList<string> All() => Directory.Exists(Root) ? [.. Directory.EnumerateDirectories(Root).Order(StringComparer.Ordinal)] : [];

    /// <summary>Removes all but the newest runs.</summary>
    /// <param name="keep">How many stay.</param>
    /// <param name="dryRun">Only say which would go.</param>
    /// <returns>The folders that went, or would go.</returns>
    public IReadOnlyList<string> Clean(int keep, bool dryRun)
    {
        string[] gone = [.. All().SkipLast(keep)];
        if (dryRun) return gone;
        foreach (var folder in gone) Directory.Delete(folder, recursive: true);
        return gone;
    }

    private static void Write(Utf8JsonWriter json, CheckReport report, DateTimeOffset time)
    {
        json.WriteStartObject();
        json.WriteString("name", report.Name);
        json.WriteString("time", time);
        json.WriteBoolean("passed", report.Passed);
        json.WriteNumber("seconds", Math.Round(report.Duration.TotalSeconds, 3));
        json.WriteStartArray("results");
        foreach (var result in report.Results)
        {
            json.WriteStartObject();
            json.WriteString("id", result.Id);
            json.WriteString("candy", result.Candy);
            json.WriteString("section", result.Section);
            json.WriteString("verb", result.Verb);
            json.WriteString("subject", result.Subject);
            json.WriteString("status", result.Status.ToString().ToLowerInvariant());
            json.WriteNumber("seconds", Math.Round(result.Duration.TotalSeconds, 3));
            if (result.Expected is { } expected) json.WriteString("expected", expected);
            if (result.Actual is { } actual) json.WriteString("actual", actual);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
