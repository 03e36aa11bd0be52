using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace OpenCharly.Plans;

/// <summary>
/// Plans as one page of HTML: everything is in it, nothing is fetched. Its content security policy lets exactly its own
/// style and script run, so that even a mistake in quoting could not run anything else.
/// </summary>
internal static class PlanPage
{
    public static string Of(IReadOnlyList<InstallPlan> plans)
    {
        var title = string.Join(", ", plans.Select(p => p.Name).Distinct(StringComparer.Ordinal));
        var text = new StringBuilder(
            $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '{HashOf(PlanPageStyle.Text)}'; script-src '{HashOf(PlanPageScript.Text)}'; base-uri 'none'; form-action 'none'">
            <title>Install plan: {E(title)}</title>
            <style>{PlanPageStyle.Text}</style>
            </head>
            <body>
            <div class="tools" role="search">
            <label for="find">Filter</label>
            <input id="find" type="search" placeholder="candy, path, command …" autocomplete="off">
            <label class="check"><input id="root" type="checkbox"> as root</label>
            <label class="check"><input id="left" type="checkbox"> left out</label>
            <button id="open" type="button">Open all</button>
            <button id="close" type="button">Close all</button>
            <output id="count" for="find root left" aria-live="polite"></output>
            </div>
            <main>

            """);
        foreach (var plan in plans) Append(text, plan);
        return text.Append($"</main>\n<script>{PlanPageScript.Text}</script>\n</body>\n</html>\n").ToString();
    }

    private static void Append(StringBuilder text, InstallPlan plan)
    {
        text.Append($"<article>\n<header>\n<h1>{E(plan.Name)}{(plan.Target == plan.Name ? "" : $" <span class=\"to\">→ {E(plan.Target)}</span>")}</h1>\n<dl>\n");
        Fact(text, "Host", plan.Host);
        Fact(text, "System", string.Join(" › ", plan.Tags));
        Fact(text, "User", plan.User.Length > 0 ? $"{plan.User}, at home in {plan.Home}" : "");
        Fact(text, "From", string.Join(" + ", plan.AddCandies.Prepend(plan.Ref).Where(r => r.Length > 0)));
        Fact(text, "Id", plan.DeployId);
        text.Append("</dl>\n<p class=\"gates\">");
        foreach (var gate in new[] { StepGate.AllowRepoChanges, StepGate.AllowRootTasks, StepGate.WithServices }) text.Append(GateBadge(gate, plan.Gates.Allows(gate)));
        var runs = plan.Steps.Count(s => s.Enabled);
        text.Append(CultureInfo.InvariantCulture, $"</p>\n<p class=\"sum\">{runs} {(runs == 1 ? "step runs" : "steps run")}");
        if (plan.Steps.Count > runs) text.Append(CultureInfo.InvariantCulture, $", {plan.Steps.Count - runs} left out");
        if (plan.Trimmed.Count > 0) text.Append(CultureInfo.InvariantCulture, $", {plan.Trimmed.Count} filtered out");
        text.Append("</p>\n");
        foreach (var warning in plan.Warnings) text.Append($"<p class=\"warning\"><strong>Warning</strong> {E(warning)}</p>\n");
        text.Append("</header>\n");
        foreach (var (candy, version, steps) in PlanGraph.Groups(plan))
        {
            text.Append(CultureInfo.InvariantCulture, $"<section>\n<h2>{E(candy)} <span class=\"version\">{E(version)}</span></h2>\n<ol start=\"{steps[0].Number}\">\n");
            foreach (var step in steps) Append(text, plan, step);
            text.Append("</ol>\n</section>\n");
        }

        Notes(text, "Not part of this plan", plan.Skips.Where(s => s.Step is null).Select(s => (s.Candy, $"{s.Hint} ({StepNames.Of(s.Reason)})")));
        Notes(text, "Filtered out", plan.Trimmed.Select(t => (t.Candy, $"{t.Kind}: {t.Summary}")));
        text.Append("</article>\n");
    }

    private static void Append(StringBuilder text, InstallPlan plan, InstallStep step)
    {
        var isRoot = StepScripts.RunsAsRoot(step, plan.User);
        text.Append(CultureInfo.InvariantCulture, $"<li value=\"{step.Number}\" class=\"step{(isRoot ? " root" : "")}{(step.Enabled ? "" : " left")}\"><details><summary>");
        text.Append(CultureInfo.InvariantCulture, $"<span class=\"n\">{step.Number}</span><span class=\"kind\">{step.Kind}{(step is SystemPackagesStep && step.Phase is { } phase ? " " + StepNames.Of(phase) : "")}</span> ");
        text.Append($"<span class=\"what\">{E(step.Summary)}</span><span class=\"badges\">");
        text.Append(isRoot ? "<span class=\"badge asroot\">root</span>" : $"<span class=\"badge\">{E(plan.User.Length > 0 ? plan.User : "user")}</span>");
        if (step.Gate != StepGate.None) text.Append(GateBadge(step.Gate, plan.Gates.Allows(step.Gate)));
        if (step.Skip is { } skip and not SkipReason.GateClosed) text.Append($"<span class=\"badge closed\">{StepNames.Of(skip)}</span>");
        text.Append("</span></summary>\n<div class=\"body\">");

        // A step behind a closed gate shows what opening it would run.
        var commands = StepScripts.Commands(step with { Skip = null }, plan);
        if (step.Skip == SkipReason.GateClosed) text.Append($"<p>Left out: it needs <code>--{StepNames.Of(step.Gate)}</code>.</p>");
        if (commands.Count > 0) text.Append($"<h3>{(step.Enabled ? "Runs" : "Would run")}</h3><pre tabindex=\"0\">{E(string.Join('\n', commands))}</pre>");
        text.Append("<h3>Undone by</h3>");
        if (step.Reverse.Count == 0)
        {
            text.Append($"<p>{(step is OpStep { Verb: "cmd" } ? "Nothing: what a command of a candy did, only its author can undo." : "Nothing recorded before it runs.")}</p>");
        }
        else
        {
            text.Append("<ul class=\"undo\">");
            foreach (var reverse in step.Reverse) text.Append($"<li><code>{E(reverse.Kind)}</code> {E(string.Join(", ", reverse.Targets))}</li>");
            text.Append("</ul>");
        }

        text.Append($"<p class=\"digest\">sha256 {E(step.Digest)}</p></div></details></li>\n");
    }

    private static void Notes(StringBuilder text, string title, IEnumerable<(string Candy, string Text)> notes)
    {
        var all = notes.ToList();
        if (all.Count == 0) return;
        text.Append($"<section class=\"notes\">\n<h2>{title}</h2>\n<ul>\n");
        foreach (var (candy, note) in all) text.Append($"<li class=\"left\"><strong>{E(candy)}</strong> {E(note)}</li>\n");
        text.Append("</ul>\n</section>\n");
    }

    private static void Fact(StringBuilder text, string name, string value)
    {
        if (value.Length > 0) text.Append($"<div><dt>{name}</dt><dd>{E(value)}</dd></div>\n");
    }

    private static string GateBadge(StepGate gate, bool isOpen) =>
        $"<span class=\"badge {(isOpen ? "opened" : "closed")}\">{StepNames.Of(gate)}: {(isOpen ? "open" : "closed")}</span>";

    private static string E(string text) => WebUtility.HtmlEncode(text);

    private static string HashOf(string text) => "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
