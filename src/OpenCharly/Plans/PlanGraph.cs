using System.Globalization;
using System.Net;
using System.Text;

namespace OpenCharly.Plans;

/// <summary>Pictures of a plan: a tree for terminals, Mermaid for documents, one HTML page that needs no network.</summary>
public static class PlanGraph
{
    /// <summary>A tree: the deployment, its candies, their steps.</summary>
    public static string Tree(InstallPlan plan)
    {
        var text = new StringBuilder($"{plan.Name} -> {plan.Target}  id {plan.DeployId}\n");
        var groups = Groups(plan);
        for (var g = 0; g < groups.Count; g++)
        {
            var isLast = g == groups.Count - 1;
            text.Append($"{(isLast ? "└─" : "├─")} {groups[g].Candy}\n");
            for (var s = 0; s < groups[g].Steps.Count; s++)
            {
                text.Append($"{(isLast ? "   " : "│  ")}{(s == groups[g].Steps.Count - 1 ? "└─" : "├─")} {Label(groups[g].Steps[s])}\n");
            }
        }

        return text.ToString();
    }

    /// <summary>A Mermaid flow chart: candies as boxes around their steps, in the order in which they run.</summary>
    public static string Mermaid(InstallPlan plan)
    {
        var text = new StringBuilder("flowchart TD\n");
        text.Append(CultureInfo.InvariantCulture, $"  deploy([\"{Escape(plan.Name)} → {Escape(plan.Target)}\"])\n");
        var previous = "deploy";
        var groups = Groups(plan);
        for (var g = 0; g < groups.Count; g++)
        {
            text.Append(CultureInfo.InvariantCulture, $"  subgraph c{g}[\"{Escape(groups[g].Candy)}\"]\n");
            foreach (var step in groups[g].Steps) text.Append(CultureInfo.InvariantCulture, $"    s{step.Index}[\"{Escape(Label(step))}\"]\n");
            text.Append("  end\n");
        }

        foreach (var step in plan.Steps)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {previous} --> s{step.Index}\n");
            previous = $"s{step.Index}";
        }

        var skipped = plan.Steps.Where(s => !s.Enabled).Select(s => $"s{s.Index}").ToList();
        if (skipped.Count > 0) text.Append($"  classDef skipped stroke-dasharray: 4 4,opacity:0.6\n  class {string.Join(',', skipped)} skipped\n");
        return text.ToString();
    }

    /// <summary>A page of HTML with everything in it.</summary>
    public static string Html(InstallPlan plan)
    {
        var title = $"{plan.Name} → {plan.Target}";
        var text = new StringBuilder(
            $$"""
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>{{WebUtility.HtmlEncode(title)}}</title>
            <style>
            body{font:15px/1.45 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1d2733;background:#fff}
            h1{font-size:1.3rem}h2{font-size:1rem;margin:1.4rem 0 .3rem}ol{list-style:none;padding:0;margin:0}
            li{border-left:3px solid #3a7d6c;padding:.2rem .7rem;margin:.25rem 0;background:#f4f7f6}
            li.skipped{border-color:#a9b3bd;color:#6b7682}.kind{font-weight:600}.meta{color:#5b6773;font-size:.85rem}
            pre{white-space:pre-wrap;margin:.3rem 0;font-size:.8rem}
            </style></head><body>
            <h1>{{WebUtility.HtmlEncode(title)}}</h1>
            <p class="meta">{{WebUtility.HtmlEncode(string.Join(" > ", plan.Tags))}} · id {{plan.DeployId}}</p>

            """);
        foreach (var (candy, steps) in Groups(plan))
        {
            text.Append($"<h2>{WebUtility.HtmlEncode(candy)}</h2>\n<ol>\n");
            foreach (var step in steps)
            {
                text.Append($"<li{(step.Enabled ? "" : " class=\"skipped\"")}><span class=\"kind\">{step.Kind}</span> {WebUtility.HtmlEncode(step.Summary)}");
                text.Append($"<div class=\"meta\">{step.Index} · {StepNames.Of(step.Scope)}{(step.Gate == StepGate.None ? "" : " · " + StepNames.Of(step.Gate))}");
                text.Append(step.Skip is { } reason ? $" · skipped: {StepNames.Of(reason)}</div>" : "</div>");
                var commands = StepScripts.Commands(step, plan);
                if (commands.Count > 0) text.Append($"<details><summary class=\"meta\">commands</summary><pre>{WebUtility.HtmlEncode(string.Join('\n', commands))}</pre></details>");
                text.Append("</li>\n");
            }

            text.Append("</ol>\n");
        }

        foreach (var warning in plan.Warnings) text.Append($"<p>Warning: {WebUtility.HtmlEncode(warning)}</p>\n");
        return text.Append("</body></html>\n").ToString();
    }

    private static List<(string Candy, List<InstallStep> Steps)> Groups(InstallPlan plan)
    {
        var groups = plan.Candies.Select(c => (c.Name, plan.Steps.Where(s => s.Candy == c.Name).ToList())).ToList();
        return [.. groups.Where(g => g.Item2.Count > 0)];
    }

    private static string Label(InstallStep step) =>
        $"{step.Index} {step.Kind}: {step.Summary.ReplaceLineEndings(" ")}{(step.Skip is { } reason ? $" [{StepNames.Of(reason)}]" : "")}";

    private static string Escape(string text) => WebUtility.HtmlEncode(text).Replace("\"", "#quot;", StringComparison.Ordinal).Replace("&quot;", "#quot;", StringComparison.Ordinal);
}
