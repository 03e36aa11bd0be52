using System.Text;
using System.Text.Json;
using OpenCharly.Checks;

namespace OpenCharly.Cli.Output;

/// <summary>Results of checks: as a table, as lines, in the Test Anything Protocol, as JSON.</summary>
internal static class CheckOutput
{
    public static IReadOnlyList<TableColumnSpec> Columns { get; } =
    [
        new("STATUS"), new("CHECK"), new("CANDY"), new("VERB"), new("TIME", IsNumber: true), new("DETAIL", Wraps: true),
    ];

    public static string Print(Invocation run, IReadOnlyList<CheckReport> reports) => run.Format switch
    {
        OutputFormat.Tap => Tap([.. reports.SelectMany(r => r.Results)]),
        OutputFormat.Json => JsonText.Array(reports.SelectMany(r => r.Results), Write),
        OutputFormat.Text => string.Concat(reports.Select(r => string.Concat(r.Results.Select(Line)) + Summary(r) + "\n")),
        _ => string.Concat(reports.Select(r => run.Table(Columns, r.Results.Select(Row)) + Summary(r) + "\n")),
    };

    /// <summary>What did not pass, and how many did: for results that come with something else.</summary>
    public static string Brief(Invocation run, IReadOnlyList<CheckResult> results)
    {
        var shown = results.Where(r => run.IsVerbose || r.Status == CheckStatus.Fail).ToArray();
        return (shown.Length == 0 ? "" : run.Table(Columns, shown.Select(Row))) + Counts(results) + "\n";
    }

    public static IReadOnlyList<string> Row(CheckResult result) =>
    [
        Word(result.Status), result.Id, result.Candy, result.Verb.Length == 0 ? "-" : result.Verb,
        result.Attempts == 0 ? "-" : Times.Duration(result.Duration), Detail(result),
    ];

    /// <summary><c>vm:web: 12 checks: 10 passed, 1 failed, 1 skipped in 1.2s</c>.</summary>
    public static string Summary(CheckReport report) => $"{report.Name}: {Counts(report.Results)} in {Times.Duration(report.Duration)}";

    public static void Write(Utf8JsonWriter json, CheckResult result)
    {
        json.WriteStartObject();
        json.WriteString("target", result.Target);
        json.WriteString("id", result.Id);
        json.WriteString("status", Word(result.Status));
        json.WriteString("candy", result.Candy);
        json.WriteString("section", result.Section);
        json.Text("scenario", result.Scenario);
        json.WriteString("verb", result.Verb);
        json.WriteString("subject", result.Subject);
        json.WriteString("description", result.Description);
        json.Seconds("duration_seconds", result.Duration);
        json.WriteNumber("attempts", result.Attempts);
        json.Text("expected", result.Expected);
        json.Text("actual", result.Actual);
        json.Text("message", result.Message);
        json.Text("position", result.Position?.ToString());
        json.WriteEndObject();
    }

    /// <summary>Version 13 of the protocol, with what was expected in a block of YAML.</summary>
    public static string Tap(IReadOnlyList<CheckResult> results)
    {
        var text = new StringBuilder($"TAP version 13\n1..{results.Count}\n");
        for (var i = 0; i < results.Count; i++)
        {
            var result = results[i];
            var end = result.Status switch
            {
                CheckStatus.Skip => $" # SKIP {Flat(result.Message)}",
                CheckStatus.Pending => $" # SKIP pending: {Flat(result.Description)}",
                _ => "",
            };
            text.Append(result.Status == CheckStatus.Fail ? "not ok" : "ok").Append($" {i + 1} - {Flat(result.Id).Replace("#", "\\#", StringComparison.Ordinal)}{end}\n");
            if (result.Status != CheckStatus.Fail) continue;
            text.Append("  ---\n");
            foreach (var (name, value) in new[] { ("expected", result.Expected), ("actual", result.Actual), ("message", result.Message), ("at", result.Position?.ToString()) })
            {
                // A string of JSON is one of YAML.
                if (value is not null) text.Append($"  {name}: {JsonText.Line(json => json.WriteStringValue(value))}");
            }

            text.Append("  ...\n");
        }

        return text.ToString();
    }

    private static string Line(CheckResult result)
    {
        var head = $"{Word(result.Status),-7} {result.Id}";
        return result.Status == CheckStatus.Pass ? $"{head} ({Times.Duration(result.Duration)})\n" : $"{head}: {Detail(result)}\n";
    }

    private static string Word(CheckStatus status) => status.ToKebab();

    private static string Detail(CheckResult result) => result.Status switch
    {
        CheckStatus.Fail => string.Join("; ", new[] { result.Expected is null ? null : $"expected {result.Expected}, found {result.Actual}", Flat(result.Message) }.Where(t => !string.IsNullOrEmpty(t))),
        CheckStatus.Skip => Flat(result.Message),
        CheckStatus.Pending => Flat(result.Description),
        _ => Flat(result.Subject) is { Length: > 60 } subject ? subject[..60] + "…" : Flat(result.Subject),
    };

    private static string Counts(IReadOnlyList<CheckResult> results)
    {
        var counts = new[] { (CheckStatus.Pass, "passed"), (CheckStatus.Fail, "failed"), (CheckStatus.Skip, "skipped"), (CheckStatus.Pending, "pending") }
            .Select(s => (Count: results.Count(r => r.Status == s.Item1), Word: s.Item2)).Where(s => s.Count > 0).Select(s => $"{s.Count} {s.Word}");
        return results.Count == 0 ? "no checks" : $"{results.Count} checks: {string.Join(", ", counts)}";
    }

    private static string Flat(string? text) => (text ?? "").Trim().ReplaceLineEndings("⏎");
}
