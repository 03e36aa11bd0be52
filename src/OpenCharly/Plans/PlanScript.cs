using System.Text;

namespace OpenCharly.Plans;

/// <summary>
/// A plan as one shell script for people to read: root's part in here-documents tagged <c>CHARLY_ROOT</c>, the user's in
/// such tagged <c>CHARLY_USER</c> (candy-and-plan.md §5.7). The functions that commands call are left out.
/// </summary>
public static class PlanScript
{
    /// <summary>The text; steps that will not run appear as comments.</summary>
    public static string Of(InstallPlan plan)
    {
        var text = new StringBuilder();
        var part = new StringBuilder();
        bool? asRoot = null;
        foreach (var step in plan.Steps)
        {
            if (!step.Enabled || step.Venue != StepVenue.HostNative)
            {
                Close(text, part, asRoot);
                asRoot = null;
                var why = step.Skip is { } reason ? $"skipped, {StepNames.Of(reason)}" : StepNames.Of(step.Venue);
                text.Append($"# {step.Number} {step.Candy}: {OneLine(step)} ({why})\n");
                continue;
            }

            var isRoot = StepScripts.RunsAsRoot(step, plan.User);
            if (asRoot != isRoot) Close(text, part, asRoot);
            asRoot = isRoot;
            part.Append($"# {step.Number} {step.Candy}: {OneLine(step)}\n");
            part.Append(string.Join('\n', StepScripts.Commands(step, plan))).Append('\n');
        }

        Close(text, part, asRoot);
        return text.ToString();
    }

    private static void Close(StringBuilder text, StringBuilder part, bool? asRoot)
    {
        if (asRoot is null || part.Length == 0) return;
        var body = part.ToString();
        var tag = asRoot.Value ? "CHARLY_ROOT" : "CHARLY_USER";
        while (body.Contains(tag, StringComparison.Ordinal)) tag += "_";
        text.Append($"{(asRoot.Value ? "sudo -n " : "")}bash -s <<'{tag}'\nset -e\n{body}{tag}\n");
        part.Clear();
    }

    private static string OneLine(InstallStep step) => step.Summary.ReplaceLineEndings(" ");
}
