using System.IO.Enumeration;
using OpenCharly.Model;

namespace OpenCharly.Checks;

/// <summary>Lays the selected checks of a suite out in the order in which they run: the lists first, then the scenarios.</summary>
internal sealed class CheckSchedule
{
    private readonly List<CheckTask> _tasks = [];
    private readonly Dictionary<string, int> _unnamed = new(StringComparer.Ordinal);
    private readonly CheckSelection _selection;

    private CheckSchedule(CheckSelection selection) => _selection = selection;

    /// <summary>The tasks of a suite.</summary>
    public static IReadOnlyList<CheckTask> Of(CheckSuite suite, CheckSelection selection)
    {
        var schedule = new CheckSchedule(selection);
        foreach (var item in suite.Checks)
        {
            var id = item.Check.Id ?? schedule.NameOf($"{item.Owner}.{item.Check.Verb}");
            if (schedule.IsIn(item.Section) && schedule.IsScope(item.Check) && schedule.IsWanted(id, item.Owner, item.Check.Verb, null)) schedule.Add(item.Check, id, item.Section, item.Owner);
        }

        if (selection.WithScenarios)
        {
            foreach (var item in Sort(schedule.Closure(suite.Scenarios))) schedule.Add(item);
        }

        return schedule._tasks;
    }

    /// <summary>A name as part of an id: letters and digits, dashes between words.</summary>
    internal static string Slug(string name) =>
        string.Join('-', new string([.. name.Select(c => char.IsLetterOrDigit(c) ? char.ToLowerInvariant(c) : ' ')]).Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private bool IsIn(string section) => _selection.Sections.Count == 0 || _selection.Sections.Contains(section);

    private bool IsScope(Check check) =>
        _selection.Scopes.Count == 0 || check.Scopes.Any(s => _selection.Scopes.Contains(s == "runtime" ? "deploy" : s));

    private bool IsWanted(params string?[] names) => _selection.Filter.Count == 0 || _selection.Filter.Any(word => names.Any(name => name is not null && (
        word.Contains('*') || word.Contains('?') ? FileSystemName.MatchesSimpleExpression(word, name) : name.Contains(word, StringComparison.OrdinalIgnoreCase))));

    private string NameOf(string stem)
    {
        _unnamed[stem] = _unnamed.GetValueOrDefault(stem) + 1;
        return $"{stem}.{_unnamed[stem]}";
    }

    // A wanted scenario brings those that it depends on.
    private List<SuiteScenario> Closure(IReadOnlyList<SuiteScenario> all)
    {
        var wanted = all.Where(s => IsIn(s.Section) && (IsWanted(s.Scenario.Name, s.Owner, Slug(s.Scenario.Name))
            || s.Scenario.Steps.Any(step => step.Check is { } check && IsWanted(check.Id, check.Verb)))).ToHashSet();
        for (var before = -1; before != wanted.Count;)
        {
            before = wanted.Count;
            var names = wanted.SelectMany(w => w.Scenario.DependsOn).ToHashSet(StringComparer.Ordinal);
            wanted.UnionWith(all.Where(s => names.Contains(s.Scenario.BaseName)));
        }

        return [.. all.Where(wanted.Contains)];
    }

    // As they are written, but each after those that it depends on; what goes in a circle stays as it is.
    private static List<SuiteScenario> Sort(List<SuiteScenario> left)
    {
        var sorted = new List<SuiteScenario>();
        while (left.Count > 0)
        {
            var open = left.Select(s => s.Scenario.BaseName).ToHashSet(StringComparer.Ordinal);
            var next = left.Find(s => !s.Scenario.DependsOn.Any(d => d != s.Scenario.BaseName && open.Contains(d))) ?? left[0];
            sorted.Add(next);
            left.Remove(next);
        }

        return sorted;
    }

    private void Add(SuiteScenario item)
    {
        var scenario = item.Scenario;
        var slug = Slug(scenario.Name);
        var number = 0;
        Side(scenario.Setup, "setup", TaskRole.Setup);
        var isGround = false;
        foreach (var step in scenario.Steps)
        {
            number++;
            if (step.Keyword is not ("and" or "but")) isGround = step.Keyword is "given" or "when";
            if (step.Check is { IsSwitchedOff: true } || (step.Check is { } check && !IsScope(check))) continue;
            Add(step.Check, step.Check?.Id ?? $"{slug}#{number}", item.Section, item.Owner, scenario, isGround ? TaskRole.Precondition : TaskRole.Step, $"{step.Keyword} {step.Text}", step.Position);
        }

        Side(scenario.OnFail, "on_fail", TaskRole.OnFail);
        Side(scenario.Teardown, "teardown", TaskRole.Teardown);

        void Side(IReadOnlyList<Check> checks, string word, TaskRole role)
        {
            for (var i = 0; i < checks.Count; i++) Add(checks[i], checks[i].Id ?? $"{slug}#{word}.{i + 1}", item.Section, item.Owner, scenario, role, word);
        }
    }

    private void Add(
        Check? check, string id, string section, string owner, Scenario? scenario = null, TaskRole role = TaskRole.Check, string? words = null, Foundation.SourcePosition? position = null)
    {
        var count = check?.Count ?? 1;
        for (var run = 0; run < count; run++)
        {
            _tasks.Add(new CheckTask
            {
                Number = _tasks.Count + 1,
                Check = check,
                Id = count == 1 ? id : $"{id}[{run}]",
                Section = section,
                Owner = owner,
                Description = check is { Description.Length: > 0 } ? check.Description : words ?? "",
                Position = position ?? check?.Position,
                Scenario = scenario,
                Role = role,
                Locals = count == 1 ? new Dictionary<string, string>() : new Dictionary<string, string> { [check!.IndexVariable] = run.ToString() },
            });
        }
    }
}
