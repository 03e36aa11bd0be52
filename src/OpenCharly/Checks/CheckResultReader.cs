using System.Globalization;
using System.Text.Json;
using OpenCharly.Foundation;

namespace OpenCharly.Checks;

/// <summary>Reads the results that <c>charly eval live --format json</c> prints, such as another machine's charly does.</summary>
internal static class CheckResultReader
{
    /// <summary>The results of a document.</summary>
    /// <param name="json">What was printed.</param>
    /// <param name="host">Who printed it: its files are named as that machine's.</param>
    /// <param name="target">Deploy key that the results are of here.</param>
    /// <exception cref="CharlyException"><see cref="Errors.ChecksNotRun"/> for anything else.</exception>
    public static IReadOnlyList<CheckResult> Read(string json, string host, string target)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return [.. document.RootElement.EnumerateArray().Select(item => Read(item, host, target))];
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new CharlyException(Errors.ChecksNotRun, $"{host}: its charly did not answer with results of checks: {e.Message}", "Bring a newer charly there: charly bundle add does that.", target: target, inner: e);
        }
    }

    private static CheckResult Read(JsonElement item, string host, string target) => new()
    {
        Id = Text(item, "id") ?? throw new FormatException("a result has no id"),
        Target = target,
        Verb = Text(item, "verb") ?? "",
        Subject = Text(item, "subject") ?? "",
        Candy = Text(item, "candy") ?? "",
        Section = Text(item, "section") ?? "",
        Scenario = Text(item, "scenario"),
        Description = Text(item, "description") ?? "",
        Status = Text(item, "status") switch
        {
            "pass" => CheckStatus.Pass,
            "fail" => CheckStatus.Fail,
            "skip" => CheckStatus.Skip,
            "pending" => CheckStatus.Pending,
            var other => throw new FormatException($"\"{other}\" is no status"),
        },
        Duration = item.TryGetProperty("duration_seconds", out var seconds) && seconds.ValueKind == JsonValueKind.Number ? TimeSpan.FromSeconds(seconds.GetDouble()) : TimeSpan.Zero,
        Attempts = item.TryGetProperty("attempts", out var attempts) && attempts.ValueKind == JsonValueKind.Number ? attempts.GetInt32() : 0,
        Expected = Text(item, "expected"),
        Actual = Text(item, "actual"),
        Message = Text(item, "message"),
        Position = Position(Text(item, "position"), host),
    };

    private static string? Text(JsonElement item, string name) => item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    // FILE:LINE:COLUMN, or what is left of it.
    private static SourcePosition? Position(string? text, string host)
    {
        if (text is null) return null;
        var parts = text.Split(':');
        return parts.Length > 2 && Number(parts[^2]) is { } line && Number(parts[^1]) is { } column ? new SourcePosition($"{host}:{string.Join(':', parts[..^2])}", line, column) : null;
    }

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
