using OpenCharly.Foundation;

namespace OpenCharly.Plans;

/// <summary>Which steps of a plan are wanted; empty lists want all, several words of one list are alternatives.</summary>
public sealed record PlanSelection
{
    /// <summary>Names of candies.</summary>
    public IReadOnlyList<string> Candies { get; init; } = [];

    /// <summary>Kinds of steps.</summary>
    public IReadOnlyList<StepKind> Kinds { get; init; } = [];

    /// <summary>Scopes.</summary>
    public IReadOnlyList<StepScope> Scopes { get; init; } = [];

    /// <summary>Whether all steps are wanted.</summary>
    public bool IsAll => Candies.Count == 0 && Kinds.Count == 0 && Scopes.Count == 0;

    /// <summary>Whether a step is wanted.</summary>
    public bool Wants(InstallStep step) =>
        (Candies.Count == 0 || Candies.Contains(step.Candy))
        && (Kinds.Count == 0 || Kinds.Contains(step.Kind))
        && (Scopes.Count == 0 || Scopes.Contains(step.Scope));

    /// <summary>The wanted part of each plan; plans of which nothing is wanted are left out.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PlanNothing"/> if no plan has such a candy, or nothing at all is wanted.</exception>
    public IReadOnlyList<InstallPlan> Of(IReadOnlyList<InstallPlan> plans)
    {
        if (IsAll) return plans;
        var known = plans.SelectMany(p => p.Steps).Select(s => s.Candy).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        if (Candies.FirstOrDefault(c => !known.Contains(c)) is { } stranger)
        {
            throw new CharlyException(
                Errors.PlanNothing,
                $"no step of the plan is of a candy \"{stranger}\"",
                Nearest.Suggest(stranger, known, known.Count == 0 ? "The plan has no steps." : "Its candies are " + string.Join(", ", known) + "."),
                target: stranger);
        }

        var parts = plans.Select(p => PlanFilter.Keep(p, p.Steps.Where(Wants))).Where(p => p.Steps.Count > 0).ToList();
        return parts.Count > 0 ? parts : throw new CharlyException(
            Errors.PlanNothing,
            "no step of the plan fits the selection",
            "Look at the whole plan first, or select less strictly.",
            target: plans.Count > 0 ? plans[0].Name : null);
    }
}
