using System.Globalization;
using System.IO.Enumeration;
using OpenCharly.Checks.Probes;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Checks;

/// <summary>A task that is ready to run.</summary>
/// <param name="Task">The task.</param>
/// <param name="Check">Its check, variables filled in.</param>
/// <param name="Probe">The question to the machine.</param>
internal sealed record PreparedTask(CheckTask Task, Check Check, Probe Probe)
{
    /// <summary>Whether the question is for the operator's machine.</summary>
    public bool FromHost => Check is CommandCheck { FromHost: true } or HttpCheck { FromHost: true };

    /// <summary>Where the question goes: the operator's machine, a peer, or the place itself.</summary>
    public string Venue => FromHost ? "host" : Check.Peer is { } peer ? "peer " + peer : "";
}

/// <summary>Decides what tasks need no machine, prepares the others, and turns their verdicts into results.</summary>
internal sealed class TaskJudge(IReadOnlyList<CheckTask> tasks, CheckPlace place, bool hasOperatorMachine)
{
    private readonly CheckVariables _variables = new(place);
    private readonly Dictionary<string, int> _background = tasks
        .Where(t => t.Check is CommandCheck { IsBackground: true }).GroupBy(t => t.Id).ToDictionary(g => g.Key, g => g.Last().Number, StringComparer.Ordinal);

    /// <summary>Whether a task needs the results of a batch before it can be prepared.</summary>
    public static bool NeedsResultOf(CheckTask task, CheckTask earlier) =>
        task.Check is SummarizeCheck
        || (task.Check is not null && earlier.Check?.Capture is { } name && CheckVariables.Uses(task.Check, name))
        || (task.Scenario is not null && ReferenceEquals(task.Scenario, earlier.Scenario) && earlier.Role switch
        {
            TaskRole.Setup => task.Role is not TaskRole.Setup and not TaskRole.Teardown,
            TaskRole.Precondition => task.Role is TaskRole.Precondition or TaskRole.Step or TaskRole.OnFail,
            TaskRole.Step => task.Role is TaskRole.OnFail,
            _ => false,
        })
        || (task.Scenario is not null && earlier.Scenario is not null && task.Scenario.DependsOn.Contains(earlier.Scenario.BaseName));

    /// <summary>As <see cref="NeedsResultOf"/>, of any in a batch.</summary>
    public static bool MustWait(CheckTask task, IEnumerable<PreparedTask> batch) => batch.Any(b => NeedsResultOf(task, b.Task));

    /// <summary>Prepares a task; null if it has its result already, or turned out not to be needed.</summary>
    public PreparedTask? Prepare(CheckTask task)
    {
        if (task.Result is not null) return null;
        if (task.Role == TaskRole.OnFail && !Siblings(task).Any(s => s.Role is TaskRole.Step or TaskRole.Precondition && s.Result?.Status == CheckStatus.Fail)) return null;
        if (WhyNot(task) is { } verdict) return Settle(task, verdict, task.Check);
        var filled = _variables.Fill(task.Check!, task.Locals);
        if (filled.Missing is { } missing)
        {
            return Settle(task, missing.StartsWith("${PEER_", StringComparison.Ordinal) ? Verdict.Error($"{missing} has no value: no such peer is deployed") : Verdict.Skip($"{missing} has no value here"), task.Check);
        }

        if (filled.Check is null) return Settle(task, Verdict.Error(filled.Error ?? "its text makes no check"), task.Check);
        if (Decide(filled.Check) is { } decided) return Settle(task, decided, filled.Check);
        return ProbeFactory.For(filled, place, task.Section == "candy" ? task.Owner : "", _background) is { } probe
            ? new PreparedTask(task, filled.Check, probe)
            : Settle(task, WhyNoProbe(filled.Check), filled.Check);
    }

    /// <summary>Writes down what an attempt came to, and keeps what it captured.</summary>
    public void Conclude(PreparedTask prepared, Verdict verdict, TimeSpan duration, int attempt) =>
        prepared.Task.Result = prepared.Task.Conclude(Keep(prepared.Check, verdict), prepared.Check) with { Duration = duration, Attempts = attempt };

    private PreparedTask? Settle(CheckTask task, Verdict verdict, Check? check)
    {
        task.Result = task.Conclude(check is null ? verdict : Keep(check, verdict), check);
        return null;
    }

    private IEnumerable<CheckTask> Siblings(CheckTask task) => tasks.Where(t => t.Scenario is not null && ReferenceEquals(t.Scenario, task.Scenario));

    private Verdict? WhyNot(CheckTask task)
    {
        if (task.Scenario is { } scenario && WhyNot(task, scenario) is { } reason) return Verdict.Skip(reason);
        if (task.Check is not { } check) return new Verdict(CheckStatus.Pending, Message: "nothing checks this step");
        if (check.ExcludedDistros.FirstOrDefault(place.Facts.Tags.Contains) is { } distro) return Verdict.Skip($"does not apply to {distro}");
        if (check.Peer is { } peer && !place.Peers.ContainsKey(peer)) return Verdict.Error($"the peer {peer} is not deployed");
        return check is InstrumentCheck ? Verdict.Skip($"{check.Verb} checks need a running pod with that instrument") : null;
    }

    private string? WhyNot(CheckTask task, Scenario scenario)
    {
        if (scenario.Pod is { } pod) return $"the scenario is for the pod {pod}";
        foreach (var name in scenario.DependsOn)
        {
            if (name == scenario.BaseName) return "the scenario depends on itself";
            var others = tasks.Where(t => t.Scenario?.BaseName == name).ToArray();
            if (others.Length == 0) return $"there is no scenario \"{name}\"";
            if (others.Any(o => o.Result?.Status == CheckStatus.Fail)) return $"the scenario \"{name}\" failed";
            if (others.All(o => o.Result is null)) return $"the scenario \"{name}\" did not run before";
        }

        if (task.Role is TaskRole.Setup or TaskRole.Teardown or TaskRole.OnFail) return null;
        var broken = Siblings(task).TakeWhile(s => s != task).FirstOrDefault(s => s.Role is TaskRole.Setup or TaskRole.Precondition && s.Result?.Status == CheckStatus.Fail);
        return broken is null ? null : $"{broken.Id} failed";
    }

    private Verdict? Decide(Check check) => check switch
    {
        MatchingCheck matching => Matching.Mismatch(matching.Contains, matching.Value) is { } expected
            ? Verdict.Fail($"a text {expected}", Matching.Quote(matching.Value))
            : Verdict.Pass(matching.Value),
        SummarizeCheck summarize => Summarize(summarize),
        CommandCheck { FromHost: true } or HttpCheck { FromHost: true } when !hasOperatorMachine => Verdict.Skip("nothing runs from the operator's machine here"),
        _ => null,
    };

    private static Verdict WhyNoProbe(Check check) => check switch
    {
        PackageCheck => Verdict.Skip("no known package manager there"),
        KillCheck kill => Verdict.Error($"no check \"{kill.Target}\" runs in the background"),
        _ => Verdict.Skip($"{check.Verb} can't be answered there"),
    };

    private Verdict Summarize(SummarizeCheck check)
    {
        var results = tasks.Select(t => t.Result).OfType<CheckResult>().Where(r => check.Ids.Any(id => FileSystemName.MatchesSimpleExpression(id, r.Id, ignoreCase: false) || r.Id.StartsWith(id + "[", StringComparison.Ordinal))).ToArray();
        if (results.Length == 0) return Verdict.Error($"no check of the id {string.Join(", ", check.Ids)} ran before");
        var times = results.Where(r => r.Attempts > 0).Select(r => r.Duration.TotalSeconds).DefaultIfEmpty(0).ToArray();
        int Count(CheckStatus status) => results.Count(r => r.Status == status);
        var line = string.Create(CultureInfo.InvariantCulture,
            $"count={results.Length} pass={Count(CheckStatus.Pass)} fail={Count(CheckStatus.Fail)} skip={Count(CheckStatus.Skip)} min={times.Min():0.000} avg={times.Average():0.000} max={times.Max():0.000}");
        if (Count(CheckStatus.Fail) > 0) return Verdict.Fail("no failed check", line);
        return Matching.Mismatch(check.Output, line) is { } expected ? Verdict.Fail(expected, line) : Verdict.Pass(line) with { Message = line };
    }

    private Verdict Keep(Check check, Verdict verdict)
    {
        if (check.Capture is not { } name || verdict.Status != CheckStatus.Pass) return verdict;
        var text = verdict.Captured ?? "";
        if (check.CaptureExtract is { } pattern)
        {
            var match = LinearRegex.TryCreate(pattern, out var regex, out _) ? regex!.Match(text) : System.Text.RegularExpressions.Match.Empty;
            if (!match.Success) return Verdict.Fail($"a text matching {Matching.Quote(pattern)}", Matching.Quote(text));
            text = match.Groups.Count > 1 ? match.Groups[1].Value : match.Value;
        }

        _variables.Capture(name, text);
        return verdict;
    }
}
