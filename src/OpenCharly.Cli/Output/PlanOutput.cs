using System.Text;
using OpenCharly.Plans;

namespace OpenCharly.Cli.Output;

/// <summary>Plans as table and as JSON (candy-and-plan.md §5.8).</summary>
internal static class PlanOutput
{
    private static readonly IReadOnlyList<TableColumnSpec> StepColumns =
    [
        new("#", IsNumber: true), new("CANDY"), new("KIND"), new("SCOPE"), new("GATE"), new("SUMMARY", Wraps: true),
    ];

    public static void Print(Invocation run, IReadOnlyList<InstallPlan> plans) =>
        run.Print(run.IsJson ? PlanJson.Write(plans) : string.Join('\n', plans.Select(plan => Text(run, plan))));

    /// <summary>A header line, a row a step, then what is left out and what the user should know.</summary>
    public static string Text(Invocation run, InstallPlan plan)
    {
        var view = PlanView.Of(plan);
        var text = new StringBuilder(view.Header).Append("\n\n");
        text.Append(view.Rows.Count > 0 ? run.Table(StepColumns, view.Rows.Select(Row)) : view.Files.Count > 0 ? "" : view.Instead + "\n");
        foreach (var file in view.Files) text.Append(file).Append('\n');
        Append(text, view.Skips, "");
        Append(text, view.Trimmed, "");
        Append(text, view.Warnings, "warning: ");
        return text.ToString();
    }

    /// <summary>The line that a step behind a closed gate is told with (candy-and-plan.md §5.5).</summary>
    public static string GateLine(InstallStep step) =>
        $"[skip] {step.Kind} scope={StepNames.Of(step.Scope)} requires --{StepNames.Of(step.Gate)}";

    private static IReadOnlyList<string> Row(PlanRow row) =>
        [row.Number.ToString(), row.Candy, row.Kind, row.Scope, row.Gate.Length > 0 ? row.Gate : "-", row.Summary];

    private static void Append(StringBuilder text, IReadOnlyList<string> lines, string prefix)
    {
        if (lines.Count > 0) text.Append('\n');
        foreach (var line in lines) text.Append(prefix).Append(line).Append('\n');
    }
}
