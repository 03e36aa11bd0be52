using System.Text.Json;
using OpenCharly.Operations;
using OpenCharly.Plans;
using OpenCharly.Targets;

namespace OpenCharly.Cli.Output;

/// <summary>What plans would change: a table for each target, or one JSON array.</summary>
internal static class PlanChangeOutput
{
    private static readonly IReadOnlyList<TableColumnSpec> Columns =
    [
        new("#", IsNumber: true), new("CANDY"), new("KIND"), new("VERDICT"), new("STEP", Wraps: true), new("WHY", Wraps: true),
    ];

    public static int Print(Invocation run, IReadOnlyList<PlanComparison> comparisons)
    {
        run.Print(run.IsJson
            ? JsonText.Array(comparisons.SelectMany(c => c.Changes), Write)
            : string.Join('\n', comparisons.Where(c => c.Failure is null).Select(c => Text(run, c))));
        return run.TellFailures([.. comparisons.Select(c => c.Failure).OfType<Foundation.CharlyException>()]);
    }

    private static string Text(Invocation run, PlanComparison comparison)
    {
        var changes = comparison.Changes;
        int Count(PlanVerdict verdict) => changes.Count(c => c.Verdict == verdict);
        var table = changes.Count == 0 ? "" : run.Table(Columns, changes.Select(Row)) + "\n";
        return $"{table}{comparison.Name}: {Count(PlanVerdict.Change)} change, {Count(PlanVerdict.NoChange)} no change, {Count(PlanVerdict.Unknown)} unknown until run\n";
    }

    private static IReadOnlyList<string> Row(PlanChange change) =>
    [
        change.Number?.ToString() ?? "-", change.Candy, change.Kind.ToString(), change.Verdict.ToKebab().Replace('-', ' '), change.Summary.ReplaceLineEndings(" "), change.Detail,
    ];

    private static void Write(Utf8JsonWriter json, PlanChange change)
    {
        json.WriteStartObject();
        json.WriteString("name", change.Name);
        json.Number("number", change.Number);
        json.WriteString("candy", change.Candy);
        json.WriteString("kind", change.Kind.ToString());
        json.WriteString("scope", StepNames.Of(change.Scope));
        json.WriteString("summary", change.Summary);
        json.WriteString("verdict", change.Verdict.ToKebab());
        json.WriteString("reason", change.Reason.ToKebab());
        json.WriteString("detail", change.Detail);
        json.Text("digest", change.Step?.Digest);
        json.WriteEndObject();
    }
}
