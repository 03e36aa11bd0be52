using System.Text;

namespace OpenCharly.Plans;

/// <summary>A row of a plan's table.</summary>
/// <param name="Number">Number of the step, from 1.</param>
/// <param name="Candy">The candy.</param>
/// <param name="Kind">Kind, with the phase where there is one.</param>
/// <param name="Scope">Scope.</param>
/// <param name="Gate">The gate and whether it is open, such as <c>with-services: closed</c>; the reason for other skips; else empty.</param>
/// <param name="Summary">The step in one line.</param>
/// <param name="Enabled">Whether it will run.</param>
public sealed record PlanRow(int Number, string Candy, string Kind, string Scope, string Gate, string Summary, bool Enabled);

/// <summary>A plan as a table: what the dry run prints (candy-and-plan.md §5.8).</summary>
/// <param name="Header">Deployment, target, chain and id.</param>
/// <param name="Rows">One a step.</param>
/// <param name="Skips">What is left out, one line each.</param>
/// <param name="Trimmed">What a filter left out: one line that counts, then one each.</param>
/// <param name="Warnings">What the user should know.</param>
public sealed record PlanView(
    string Header, IReadOnlyList<PlanRow> Rows, IReadOnlyList<string> Skips, IReadOnlyList<string> Trimmed, IReadOnlyList<string> Warnings)
{
    /// <summary>Paths of the files that are written, in order.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>What stands in place of steps where there are none: what a pod runs, or that there is nothing to do.</summary>
    public string Instead { get; init; } = "nothing to do";

    private static readonly string[] Titles = ["#", "CANDY", "KIND", "SCOPE", "GATE", "SUMMARY"];

    /// <summary>The table of a plan.</summary>
    public static PlanView Of(InstallPlan plan)
    {
        var isPod = plan.Target.StartsWith("pod:", StringComparison.Ordinal);
        var chain = plan.Files.Count > 0 ? plan.Files.Count == 1 ? "1 file" : $"{plan.Files.Count} files" : isPod ? "no files" : plan.Tags.Count == 0 ? "unknown system" : string.Join(" > ", plan.Tags);
        return new PlanView(
            $"{plan.Name} -> {plan.Target}{(plan.Host == plan.Target ? "" : $" ({plan.Host})")}  {chain}  id {plan.DeployId}",
            [.. plan.Steps.Select(s => new PlanRow(s.Number, s.Candy, KindOf(s), StepNames.Of(s.Scope), GateOf(s), s.Summary.ReplaceLineEndings(" "), s.Enabled))],
            [.. plan.Skips.Select(s => SkipLine(plan, s))],
            TrimLines(plan),
            plan.Warnings) { Instead = isPod && plan.Box is { Length: > 0 } box ? $"{plan.Host} runs {box}" : "nothing to do", Files = [.. plan.Files.Keys.Order(StringComparer.Ordinal)] };
    }

    /// <summary>The table as text, lines no wider than a terminal; a summary that does not fit is cut with an ellipsis.</summary>
    /// <param name="width">Columns; at least 60 are used.</param>
    public string ToText(int width = 120)
    {
        var cells = Rows.Select(r => new[] { $"{r.Number}", r.Candy, r.Kind, r.Scope, r.Gate, r.Summary }).Prepend(Titles).ToList();
        var widths = Enumerable.Range(0, Titles.Length - 1).Select(c => cells.Max(r => r[c].Length)).ToArray();
        var rest = Math.Max(Math.Max(width, 60) - widths.Sum(w => w + 2), 12);
        var text = new StringBuilder(Header).Append('\n');
        if (Rows.Count > 0)
        {
            foreach (var row in cells)
            {
                var line = new StringBuilder();
                for (var c = 0; c < widths.Length; c++) line.Append(row[c].PadRight(widths[c] + 2));
                text.Append(line.Append(Cut(row[^1], rest)).ToString().TrimEnd()).Append('\n');
            }
        }
        else if (Files.Count == 0)
        {
            text.Append(Instead).Append('\n');
        }

        foreach (var file in Files) text.Append(file).Append('\n');
        foreach (var skip in Skips) text.Append(skip).Append('\n');
        foreach (var trimmed in Trimmed) text.Append(trimmed).Append('\n');
        foreach (var warning in Warnings) text.Append("warning: ").Append(warning).Append('\n');
        return text.ToString();
    }

    private static string KindOf(InstallStep step) => step.Phase is { } phase && step is SystemPackagesStep ? $"{step.Kind} {StepNames.Of(phase)}" : step.Kind.ToString();

    private static string GateOf(InstallStep step) => step switch
    {
        { Gate: not StepGate.None, Skip: SkipReason.GateClosed } => $"{StepNames.Of(step.Gate)}: closed",
        { Skip: { } reason } => StepNames.Of(reason),
        { Gate: not StepGate.None } => $"{StepNames.Of(step.Gate)}: open",
        _ => "",
    };

    private static string SkipLine(InstallPlan plan, PlanSkip skip)
    {
        if (skip.Step is { } index && skip.Reason == SkipReason.GateClosed)
        {
            var step = plan.Steps[index];
            return $"[skip] {step.Kind} scope={StepNames.Of(step.Scope)} requires {skip.Hint} ({step.Candy}, step {step.Number})";
        }

        return $"[skip] {skip.Candy}{(skip.Step is { } at ? $", step {at + 1}" : "")}: {skip.Hint} ({StepNames.Of(skip.Reason)})";
    }

    private static IReadOnlyList<string> TrimLines(InstallPlan plan) => plan.Trimmed.Count == 0 ? [] :
    [
        $"[trimmed] {plan.Trimmed.Count} of {plan.Trimmed.Count + plan.Steps.Count} steps were filtered out and will not run:",
        .. plan.Trimmed.Select(t => $"[trimmed] {t.Candy}: {t.Kind} {t.Summary.ReplaceLineEndings(" ")}"),
    ];

    private static string Cut(string text, int width) => text.Length <= width ? text : text[..(width - 1)] + "…";
}
