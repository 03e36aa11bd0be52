using OpenCharly.Model;

namespace OpenCharly.Checks;

/// <summary>Checks from one place (candy-and-plan.md §9.5).</summary>
/// <param name="Section"><c>candy</c>, <c>box</c>, <c>local</c> or <c>deploy</c>.</param>
/// <param name="Owner">Name of the candy, box, template or deployment.</param>
/// <param name="Checks">Its checks.</param>
/// <param name="Scenarios">Its scenarios.</param>
public sealed record CheckSource(string Section, string Owner, IReadOnlyList<Check> Checks, IReadOnlyList<Scenario> Scenarios);

/// <summary>A check and where it comes from.</summary>
/// <param name="Check">The check.</param>
/// <param name="Section">Section of its source.</param>
/// <param name="Owner">Owner of its source.</param>
public sealed record SuiteCheck(Check Check, string Section, string Owner);

/// <summary>A scenario and where it comes from.</summary>
/// <param name="Scenario">The scenario.</param>
/// <param name="Section">Section of its source.</param>
/// <param name="Owner">Owner of its source.</param>
public sealed record SuiteScenario(Scenario Scenario, string Section, string Owner);

/// <summary>The checks of a deployment from all their sources, in the order in which they run.</summary>
public sealed class CheckSuite
{
    private CheckSuite(IReadOnlyList<SuiteCheck> checks, IReadOnlyList<SuiteScenario> scenarios)
    {
        Checks = checks;
        Scenarios = scenarios;
    }

    /// <summary>The checks; those that are switched off are not among them.</summary>
    public IReadOnlyList<SuiteCheck> Checks { get; }

    /// <summary>The scenarios.</summary>
    public IReadOnlyList<SuiteScenario> Scenarios { get; }

    /// <summary>What of it applies in a scope: <c>build</c> or <c>deploy</c>, which includes what is for the running deployment. Scenarios stay.</summary>
    public CheckSuite OfScope(string scope) => new([.. Checks.Where(c => c.Check.Scopes.Any(s => (s == "runtime" ? "deploy" : s) == scope))], Scenarios);

    /// <summary>
    /// Puts sources together, in order: an id that was there already replaces the earlier check at its place, one that
    /// is switched off removes it, a new one is added at the end.
    /// </summary>
    public static CheckSuite Merge(IEnumerable<CheckSource> sources)
    {
        var checks = new List<SuiteCheck>();
        var scenarios = new List<SuiteScenario>();
        foreach (var source in sources)
        {
            foreach (var check in source.Checks)
            {
                var item = new SuiteCheck(check, source.Section, source.Owner);
                var at = check.Id is null ? -1 : checks.FindIndex(c => c.Check.Id == check.Id);
                if (at < 0) checks.Add(item);
                else checks[at] = item;
            }

            scenarios.AddRange(source.Scenarios.Select(s => new SuiteScenario(s, source.Section, source.Owner)));
        }

        // A check that is switched off keeps its place until here, so that a still later one can switch it on again.
        checks.RemoveAll(c => c.Check.IsSwitchedOff);
        return new CheckSuite(checks, scenarios);
    }
}

/// <summary>Which checks of a suite run.</summary>
public sealed record CheckSelection
{
    /// <summary>Words, of which one must be in the id, candy, verb or scenario; with <c>*</c> and <c>?</c> it must match one of them whole. All if empty.</summary>
    public IReadOnlyList<string> Filter { get; init; } = [];

    /// <summary>Sections; all if empty.</summary>
    public IReadOnlyList<string> Sections { get; init; } = [];

    /// <summary>Scopes; all if empty.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>Whether scenarios run as well.</summary>
    public bool WithScenarios { get; init; } = true;
}
