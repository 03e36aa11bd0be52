using System.Text;
using OpenCharly.Targets;

namespace OpenCharly.Cli.Output;

/// <summary>Deployments for people: a line a pod that says whether entry and quadlet agree (deploy.md §3.4), a table of all others.</summary>
internal static class BundleAudit
{
    private const int NameWidth = 40;

    public static string Text(Invocation run, IReadOnlyList<BundleStatus> bundles)
    {
        if (bundles.Count == 0) return "Nothing is deployed.\n";
        var text = new StringBuilder();
        var pods = bundles.Where(b => b.Target == "pod").ToArray();
        foreach (var pod in pods) text.Append(Line(pod)).Append('\n');
        var others = bundles.Where(b => b.Target != "pod").ToArray();
        if (others.Length == 0) return text.ToString();
        if (pods.Length > 0) text.Append('\n');
        return text.Append(run.Table(BundleText.StatusColumns, others.Select(BundleText.StatusRow))).ToString();
    }

    /// <summary>One pod: key, whether a file has an entry, whether there is a quadlet, and what that means.</summary>
    public static string Line(BundleStatus pod) =>
        $"{pod.Name.PadRight(NameWidth)} charly.yml: {(pod.HasEntry ? "yes" : "no ")} quadlet: {(pod.HasQuadlet == true ? "yes" : "no ")} ({pod.Status}){(BundleText.Ends(pod) is { } ends ? " " + ends : "")}";
}
