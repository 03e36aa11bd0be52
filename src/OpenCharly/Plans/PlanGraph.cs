using System.Globalization;
using System.Text;

namespace OpenCharly.Plans;

/// <summary>How a plan is drawn.</summary>
public enum PlanPicture
{
    /// <summary>A tree for terminals.</summary>
    Tree,

    /// <summary>A Mermaid flow chart for documents.</summary>
    Mermaid,

    /// <summary>One page of HTML that needs no network.</summary>
    Html,
}

/// <summary>Pictures of plans. Whatever a candy is called or does, it is text in them and nothing else.</summary>
public static class PlanGraph
{
    /// <summary>Draws plans: trees below each other, one flow chart, one page.</summary>
    /// <param name="plans">The plans; at least one.</param>
    /// <param name="picture">How.</param>
    public static string Draw(IReadOnlyList<InstallPlan> plans, PlanPicture picture) => picture switch
    {
        PlanPicture.Tree => string.Join('\n', plans.Select(Tree)),
        PlanPicture.Mermaid => Mermaid(plans),
        _ => PlanPage.Of(plans),
    };

    /// <summary>A tree: the deployment, its candies, their steps.</summary>
    public static string Tree(InstallPlan plan)
    {
        var text = new StringBuilder(Plain($"{plan.Name} -> {plan.Target}  id {plan.DeployId}")).Append('\n');
        var branches = Groups(plan).Select(g => (Title: g.Candy, Leaves: g.Steps.Select(s => $"{s.Number} {Label(s)}").ToList())).ToList();
        if (plan.Trimmed.Count > 0) branches.Add(("filtered out", [.. plan.Trimmed.Select(t => $"{t.Candy}: {t.Kind}: {t.Summary}")]));
        for (var b = 0; b < branches.Count; b++)
        {
            var isLast = b == branches.Count - 1;
            text.Append(isLast ? "└─ " : "├─ ").Append(Plain(branches[b].Title)).Append('\n');
            for (var l = 0; l < branches[b].Leaves.Count; l++)
            {
                text.Append(isLast ? "   " : "│  ").Append(l == branches[b].Leaves.Count - 1 ? "└─ " : "├─ ").Append(Plain(branches[b].Leaves[l])).Append('\n');
            }
        }

        return text.ToString();
    }

    /// <summary>A Mermaid flow chart: candies as boxes around their steps, in the order in which they run.</summary>
    public static string Mermaid(params IReadOnlyList<InstallPlan> plans)
    {
        var text = new StringBuilder("flowchart TD\n");
        var skipped = new List<string>();
        for (var p = 0; p < plans.Count; p++)
        {
            var plan = plans[p];
            var prefix = plans.Count == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"p{p}");
            var previous = $"{prefix}deploy";
            text.Append($"  {previous}([\"{Quoted($"{plan.Name} → {plan.Target}")}\"])\n");
            var groups = Groups(plan);
            for (var g = 0; g < groups.Count; g++)
            {
                text.Append(CultureInfo.InvariantCulture, $"  subgraph {prefix}c{g}[\"{Quoted(groups[g].Candy)}\"]\n");
                foreach (var step in groups[g].Steps) text.Append(CultureInfo.InvariantCulture, $"    {prefix}s{step.Number}[\"{Quoted($"{step.Number} {Label(step)}")}\"]\n");
                text.Append("  end\n");
            }

            foreach (var step in plan.Steps)
            {
                var node = string.Create(CultureInfo.InvariantCulture, $"{prefix}s{step.Number}");
                text.Append($"  {previous} --> {node}\n");
                previous = node;
                if (!step.Enabled) skipped.Add(node);
            }
        }

        if (skipped.Count > 0) text.Append($"  classDef skipped stroke-dasharray: 4 4,opacity:0.6\n  class {string.Join(',', skipped)} skipped\n");
        return text.ToString();
    }

    /// <summary>The steps of a plan by candy, in the plan's order; candies without steps are left out.</summary>
    internal static IReadOnlyList<(string Candy, string Version, IReadOnlyList<InstallStep> Steps)> Groups(InstallPlan plan)
    {
        var versions = plan.Candies.ToDictionary(c => c.Name, c => c.Version, StringComparer.Ordinal);
        return [.. plan.Steps.GroupBy(s => s.Candy).Select(g => (g.Key, versions.GetValueOrDefault(g.Key, ""), (IReadOnlyList<InstallStep>)[.. g]))];
    }

    private static string Label(InstallStep step) => $"{step.Kind}: {step.Summary}{Note(step)}";

    private static string Note(InstallStep step) => step switch
    {
        { Skip: SkipReason.GateClosed } => $" [{StepNames.Of(step.Gate)}: closed]",
        { Skip: { } reason } => $" [{StepNames.Of(reason)}]",
        { Gate: not StepGate.None } => $" [{StepNames.Of(step.Gate)}: open]",
        _ => "",
    };

    /// <summary>One line without anything that moves a cursor.</summary>
    private static string Plain(string text) => string.Concat(text.ReplaceLineEndings(" ").Select(c => char.IsControl(c) ? '\uFFFD' : c));

    // Mermaid reads its text several times over: for directives, comments, styles and Markdown, before it looks for
    // quotes. Entities are the one thing that survives all of it, so every letter that could mean anything becomes one.
    private static string Quoted(string text)
    {
        var quoted = new StringBuilder();
        foreach (var rune in text.ReplaceLineEndings(" ").EnumerateRunes())
        {
            if (Rune.IsControl(rune)) quoted.Append("#65533;");
            else if (rune.IsAscii && (char.IsAsciiLetterOrDigit((char)rune.Value) || rune.Value is ' ' or '.' or '_' or '-' or '/' or ',')) quoted.Append((char)rune.Value);
            else quoted.Append(CultureInfo.InvariantCulture, $"#{rune.Value};");
        }

        return quoted.ToString();
    }
}
