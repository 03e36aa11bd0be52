using OpenCharly.Foundation;
using OpenCharly.Ledger;
using OpenCharly.Plans;

namespace OpenCharly.Targets;

/// <summary>The staging folder that a cut run left on the target: the files of its plan, for when nothing else has them any more.</summary>
/// <param name="session">The target.</param>
/// <param name="run">Id of the cut run.</param>
internal sealed class LeftStage(TargetSession session, string run)
{
    /// <summary>The names of files that are there whole. What is missing there must be where the plan was made.</summary>
    /// <param name="plan">The plan that is being finished.</param>
    /// <param name="runs">The steps that are still to run.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Errors.PlanStale"/> if something can be had only from the project.</exception>
    public async Task<IReadOnlySet<string>> FindAsync(InstallPlan plan, IReadOnlyList<SelectedStep> runs, CancellationToken cancellationToken)
    {
        var files = runs.SelectMany(s => s.Script!.Staged).DistinctBy(f => f.Name).ToList();
        if (files.Count == 0) return new HashSet<string>();
        var folder = Shell.Quote($"{session.Paths.Stage}/{run}");
        var script = $"cd -- {folder} 2>/dev/null || exit 0\nsha256sum -- {Shell.Join(files.Select(f => f.Name))} 2>/dev/null || :\n";
        var output = await session.MustAsync("look at the staged files", script, asRoot: runs.Any(s => s.Script!.AsRoot), cancellationToken).ConfigureAwait(false);
        var digests = output.Split('\n').Where(l => l.Length > 66).ToDictionary(l => l[66..], l => l[..64], StringComparer.Ordinal);
        var whole = files.Where(f => f.Sha256.Equals(digests.GetValueOrDefault(f.Name), StringComparison.OrdinalIgnoreCase)).Select(f => f.Name).ToHashSet(StringComparer.Ordinal);
        return files.Find(f => !whole.Contains(f.Name) && !File.Exists(f.Source)) is { } missing
            ? throw Needs(plan, $"{missing.Source} is neither on this machine nor whole on {session.Options.Host}")
            : whole;
    }

    private static CharlyException Needs(InstallPlan plan, string why) => new(
        Errors.PlanStale,
        $"{plan.Name}: the cut run can't be finished from what is on its target: {why}",
        $"Run in the project: charly bundle add {plan.Name}. Or take the run back: charly bundle repair {plan.Name} --rollback",
        target: plan.Name);
}
