using OpenCharly.Foundation;
using OpenCharly.Plans;
using OpenCharly.Targets;

namespace OpenCharly.UndoMeasure;

/// <summary>One candy: add, count, remove, photograph, compare.</summary>
internal static class Measurement
{
    public static async Task<(Result Result, Photograph After)> RunAsync(
        Machine machine, string candy, Candidate candidate, long bytes, Photograph before, CancellationToken cancellationToken)
    {
        var packagesBefore = await machine.CountPackagesAsync(cancellationToken).ConfigureAwait(false);
        var result = new Result
        {
            Candy = candy,
            Machine = machine.Kind,
            Outcome = "failed",
            PackageBytes = bytes,
            Paths = before.Count,
            Units = candidate.Plan.Steps.Count(s => s is ServiceCustomStep or ServicePackagedStep),
            StepsLeftOut = candidate.LeftOut,
            Key = candidate.Key,
        };
        try
        {
            var added = await machine.ApplyAsync(candidate.Plan, cancellationToken).ConfigureAwait(false);
            var (isNew, changed) = await machine.CountAsync(cancellationToken).ConfigureAwait(false);
            result = result with
            {
                AddSeconds = added.Duration.TotalSeconds,
                Steps = added.Steps.Count(s => s.Status == StepStatus.Done),
                Packages = await machine.CountPackagesAsync(cancellationToken).ConfigureAwait(false) - packagesBefore,
                NewPaths = isNew,
                ChangedPaths = changed,
                Reason = added.Failure is { } failure ? "add: " + failure.Message : "",
            };
        }
        catch (CharlyException e)
        {
            result = result with { Reason = "add: " + e.Message };
        }

        // A failed add is undone all the same, and must leave nothing either.
        var removed = await machine.RemoveAsync(cancellationToken).ConfigureAwait(false);
        var after = await machine.PhotographAsync(cancellationToken).ConfigureAwait(false);
        var difference = Exclusions.WithoutDataOf(candy, before.DifferenceTo(after));
        if (removed.Failure is { } undo) result = result with { Reason = string.Join("; ", new[] { result.Reason, "del: " + undo.Message + string.Concat(removed.Undone.Where(u => u.Status == "failed").Select(u => " [" + u.Detail + "]")) }.Where(r => r.Length > 0)) };
        return (result with
        {
            RemoveSeconds = removed.Duration.TotalSeconds,
            Difference = difference,
            Outcome = IsUnitUnknown(result.Reason) && difference.Count == 0 ? "left out" : result.Reason.Length > 0 ? "failed" : difference.Count > 0 ? "differs" : "same",
        }, after);
    }

    // The candy was written for another version of the package. What had been done of it is undone all the same.
    private static bool IsUnitUnknown(string reason) =>
        reason.Contains("Failed to enable unit: Unit ", StringComparison.Ordinal) && reason.TrimEnd().TrimEnd('.').EndsWith(" does not exist", StringComparison.Ordinal);
}
