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
        run.Print(run.IsJson ? Json(plans) : string.Join('\n', plans.Select(plan => Text(run, plan))));

    public static string Json(IReadOnlyList<InstallPlan> plans) => PlanJson.Write(plans);

    public static IReadOnlyList<InstallPlan> Parse(string text, string file) => PlanJson.Read(text, file);

    /// <summary>A header line, a row a step, then what is left out and what the user should know.</summary>
    public static string Text(Invocation run, InstallPlan plan)
    {
        var text = new StringBuilder($"{plan.Name} on {plan.Host}  {string.Join(" > ", plan.Tags)}  id {plan.DeployId}\n");
        if (plan.Steps.Count > 0) text.Append('\n').Append(run.Table(StepColumns, plan.Steps.Select(Row)));
        if (plan.Skips.Count > 0) text.Append('\n');
        foreach (var skip in plan.Skips) text.Append(Describe(plan, skip)).Append('\n');
        if (plan.Warnings.Count > 0) text.Append('\n');
        foreach (var warning in plan.Warnings) text.Append("warning: ").Append(warning).Append('\n');
        return text.ToString();
    }

    private static IReadOnlyList<string> Row(InstallStep step) =>
    [
        step.Index.ToString(), step.Candy, step.Kind.ToString(), step.Scope.ToKebab(), Gate(step), step.Summary,
    ];

    private static string Gate(InstallStep step) => step switch
    {
        { Skip: SkipReason.GateClosed } => "closed",
        { Skip: { } reason } => "skip: " + reason.ToKebab(),
        { Gate: StepGate.None } => "-",
        _ => "open",
    };

    private static string Describe(InstallPlan plan, PlanSkip skip) =>
        skip is { Reason: SkipReason.GateClosed, Step: { } index } && plan.Steps.FirstOrDefault(s => s.Index == index) is { } step
            ? GateLine(step)
            : $"[skip] {skip.Candy}: {skip.Reason.ToKebab()}: {skip.Hint}";

    /// <summary>The line that a step behind a closed gate is told with (candy-and-plan.md §5.5).</summary>
    public static string GateLine(InstallStep step) =>
        $"[skip] {step.Kind} scope={step.Scope.ToKebab()} requires --{PlanGates.FlagOf(step.Gate)}";
}
