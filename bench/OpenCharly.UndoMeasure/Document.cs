using System.Globalization;
using System.Text;

namespace OpenCharly.UndoMeasure;

/// <summary>The page of results.</summary>
internal static class Document
{
    public static string Render(IReadOnlyList<Result> results, long limit)
    {
        var measured = results.Where(r => r.Outcome is "same" or "differs" or "failed").ToList();
        var same = measured.Count(r => r.Outcome == "same");
        var twins = results.Count(r => r.Outcome == "left out" && r.Reason.StartsWith(Result.SameSteps, StringComparison.Ordinal));
        var page = new StringBuilder(
            $"""
            # Undo, measured

            *Written by `tools/measure-undo --document docs/undo.md`; change the program, not the page.*

            A machine is photographed: type, mode, owner, content digest or link target, and extended attributes of every path on
            its root file system; of an initrd the list of its contents without their times, for it is made anew and tells when;
            besides, which packages are marked as automatic, and which units run or have failed. A candy is
            added (`charly bundle add --yes`), deleted (`charly bundle del`), and the machine is photographed again. The two
            photographs must be the same.

            **{same} of {measured.Count} candies that were measured leave no difference**, but for what is listed below as left out of photographs; of a catalog of {results.Count} that strangers wrote;
            {twins} more come down to the same steps as one of these and were not measured a second time. The machine is Debian 13
            built from packages, with systemd as its first process: a guest of QEMU, or, for the candies with the largest packages,
            a container of `tools/container`, which has no kernel of its own and so no initrd. What is measured needs a Debian mirror and nothing else. Of each candy the steps are run that such a machine
            can serve: packages, files, folders, links, capabilities, units, shells. Authors' own scripts (`cmd`) are left out,
            because nobody can know what they do: `charly bundle del` names them before it starts. Seconds in a guest are
            those without hardware virtualisation.


            """);
        page.Append("| candy | on | packages | MB fetched | paths new | paths changed | steps | units | add s | del s | difference |\n|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
        foreach (var r in measured)
        {
            page.Append(CultureInfo.InvariantCulture, $"| {r.Candy} | {r.Machine} | {r.Packages} | {r.PackageBytes / 1e6:0.0} | {r.NewPaths} | {r.ChangedPaths} | {r.Steps} | {r.Units} | {r.AddSeconds:0.0} | {r.RemoveSeconds:0.0} | {(r.Outcome == "failed" ? "failed" : r.Difference.Count.ToString(CultureInfo.InvariantCulture))} |\n");
        }

        page.Append(CultureInfo.InvariantCulture, $"\nPaths in a photograph: about {measured.Select(r => r.Paths).DefaultIfEmpty().Max()}.\n");
        foreach (var r in measured.Where(r => r.Outcome != "same"))
        {
            page.Append(CultureInfo.InvariantCulture, $"\n{r.Candy}: {Line(r.Reason)}\n\n");
            foreach (var line in r.Difference) page.Append(CultureInfo.InvariantCulture, $"- `{line}`\n");
        }

        page.Append("\n## Steps that were left out of the candies above\n\n| what they need | candies |\n|---|---|\n");
        foreach (var group in measured.SelectMany(r => r.StepsLeftOut.Select(s => (Need: s, r.Candy))).GroupBy(p => p.Need).OrderByDescending(g => g.Count()))
        {
            page.Append(CultureInfo.InvariantCulture, $"| {group.Key} | {string.Join(", ", group.Select(g => g.Candy))} |\n");
        }

        page.Append("\n## Candies that were left out\n\n| why | candies |\n|---|---|\n");
        var others = results.Where(r => r.Outcome is "left out" or "waiting")
            .Select(r => (r.Candy, Why: r.Outcome == "waiting" ? "not run yet" : Why(r, limit)));
        foreach (var group in others.GroupBy(r => r.Why).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal))
        {
            page.Append(CultureInfo.InvariantCulture, $"| {group.Key} | {string.Join(", ", group.Select(g => g.Candy))} |\n");
        }

        page.Append("\n## What a photograph leaves out\n\n| path or unit | why |\n|---|---|\n");
        foreach (var exclusion in Exclusions.All) page.Append(CultureInfo.InvariantCulture, $"| `{exclusion.Path}` | {exclusion.Why} |\n");
        page.Append("\n## Data of services\n\nWhat a service writes while it runs is its owner's, as the data of a package's service is.\n\n| candy | path | what |\n|---|---|---|\n");
        foreach (var (candy, data) in Exclusions.OfServices) page.Append(CultureInfo.InvariantCulture, $"| {candy} | `{data.Path}` | {data.Why} |\n");
        return page.ToString();
    }

    // One row a reason: the packages that apt does not know are named in the results file.
    private static string Why(Result result, long limit) =>
        result.Reason.Contains("Unable to locate package", StringComparison.Ordinal) || result.Reason.Contains("no installation candidate", StringComparison.Ordinal)
            ? "packages that Debian does not have under these names"
            : result.Reason.Contains("Failed to enable unit", StringComparison.Ordinal) ? "a unit that Debian's package does not have; what was done before it is undone without a difference"
            : result.Reason.Contains("more than the limit", StringComparison.Ordinal) ? $"more than {limit} MiB of packages"
            : Line(result.Reason);

    private static string Line(string text) => text.ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal);
}
