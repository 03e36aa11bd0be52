using OpenCharly.Foundation;

namespace OpenCharly.Plans;

/// <summary>Makes consistent plans of parts of a plan.</summary>
public static class PlanFilter
{
    /// <summary>A plan with only some of the steps, in the plan's own order: indexes are numbered anew, notes on steps that
    /// are left keep to them, notes on whole candies stay. What is left out is listed in <see cref="InstallPlan.Trimmed"/>.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="steps">Steps of it, in any order; doubles count once.</param>
    /// <exception cref="CharlyException"><see cref="Errors.PlanStep"/> for a step of another plan.</exception>
    public static InstallPlan Keep(InstallPlan plan, IEnumerable<InstallStep> steps)
    {
        var kept = new SortedSet<int>();
        foreach (var step in steps)
        {
            if (step.Index < 0 || step.Index >= plan.Steps.Count || plan.Steps[step.Index].Digest != step.Digest || plan.Steps[step.Index].Candy != step.Candy)
            {
                throw new CharlyException(
                    Errors.PlanStep, $"step {step.Number} ({step.Summary}) is no step of the plan for {plan.Name}", "Take steps and plan from the same Get-CharlyPlan.", target: plan.Name);
            }

            kept.Add(step.Index);
        }

        if (kept.Count == plan.Steps.Count) return plan;
        var candies = kept.Select(i => plan.Steps[i].Candy).ToHashSet(StringComparer.Ordinal);
        var secrets = kept.Select(i => plan.Steps[i]).OfType<OpStep>().SelectMany(s => s.Secrets).ToHashSet(StringComparer.Ordinal);
        var places = kept.Select((old, index) => (old, index)).ToDictionary(p => p.old, p => p.index);
        return plan with
        {
            Steps = [.. kept.Select(old => plan.Steps[old] with { Index = places[old] })],
            Skips = [.. plan.Skips.Where(s => s.Step is null || places.ContainsKey(s.Step.Value)).Select(s => s with { Step = s.Step is { } old ? places[old] : null })],
            Secrets = [.. plan.Secrets.Where(s => secrets.Contains(s.Name))],
            Artifacts = [.. plan.Artifacts.Where(a => candies.Contains(a.Candy))],
            Trimmed = [.. plan.Trimmed, .. plan.Steps.Where(s => !kept.Contains(s.Index)).Select(s => new TrimmedStep(s.Candy, s.Kind, s.Summary, s.Digest))],
        };
    }

    /// <summary>Steps that were taken out of plans, put back: one plan for each that they come from, with only those steps.</summary>
    /// <param name="steps">Steps of any number of plans, in any order.</param>
    /// <returns>The plans, in the order in which their first steps came.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.PlanStep"/> for a step that no plan holds.</exception>
    public static IReadOnlyList<InstallPlan> Regroup(IEnumerable<InstallStep> steps)
    {
        var groups = new List<(InstallPlan Plan, List<InstallStep> Steps)>();
        foreach (var step in steps)
        {
            var plan = step.TakenFrom.Plan ?? throw new CharlyException(
                Errors.PlanStep, $"the step \"{step.Summary}\" belongs to no plan", "Pipe steps that were taken from a plan, or name the plan too.", target: step.Candy);
            var at = groups.FindIndex(g => ReferenceEquals(g.Plan, plan));
            if (at < 0) groups.Add((plan, [step]));
            else groups[at].Steps.Add(step);
        }

        return [.. groups.Select(g => Keep(g.Plan, g.Steps))];
    }

    /// <summary>The plan with other gates: steps that they guard open or close accordingly.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="gates">All gates as they shall stand.</param>
    public static InstallPlan WithGates(InstallPlan plan, PlanGates gates)
    {
        var steps = new List<InstallStep>();
        var skips = plan.Skips.Where(s => s.Reason != SkipReason.GateClosed).ToList();
        foreach (var step in plan.Steps)
        {
            var skip = step.Skip is null or SkipReason.GateClosed ? gates.Allows(step.Gate) ? null : SkipReason.GateClosed : step.Skip;
            if (skip == SkipReason.GateClosed) skips.Add(new PlanSkip(step.Candy, step.Index, SkipReason.GateClosed, "--" + PlanGates.FlagOf(step.Gate)));
            steps.Add(step with { Skip = skip });
        }

        return plan with { Gates = gates, Steps = steps, Skips = skips };
    }
}
