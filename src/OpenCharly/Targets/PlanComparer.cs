using OpenCharly.Ledger;
using OpenCharly.Plans;

namespace OpenCharly.Targets;

/// <summary>A plan against what its target has on record and what stands there: the decisions of an add, without the add.</summary>
internal sealed class PlanComparer
{
    private readonly InstallPlan _plan;
    private readonly LinuxTargetOptions _options;
    private readonly LedgerSnapshot _snapshot;
    private readonly LedgerState _state;
    private readonly TraceCheck _check;
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<RecordedStep>> _unmatched;

    /// <summary>Makes a comparer.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="options">What makes the target different from others.</param>
    /// <param name="snapshot">What was seen there, with the closer look.</param>
    public PlanComparer(InstallPlan plan, LinuxTargetOptions options, LedgerSnapshot snapshot)
    {
        (_plan, _options, _snapshot, _state) = (plan, options, snapshot, snapshot.Records());
        _check = new TraceCheck(snapshot);
        if (snapshot.Closer is { } closer) _check.Use(closer);
        var own = plan.Steps.Select(s => s.Digest).Concat(plan.Trimmed.Select(t => t.Digest)).ToHashSet(StringComparer.Ordinal);
        _unmatched = plan.Candies.Select(c => c.Name).Where(_state.Candies.ContainsKey).ToDictionary(
            c => c, c => _state.Candies[c].Steps.Where(s => !own.Contains(s.Extra.GetValueOrDefault(LedgerExtra.Digest, ""))).ToList(), StringComparer.Ordinal);
    }

    /// <summary>Why the plan would be refused as stale, in a sentence; null if it would not.</summary>
    public string? WhyStale() => TargetBasis.WhyStale(_plan, _snapshot, _state, _check, _options.Host);

    /// <summary>All steps of the plan in order, then those that are no longer in it.</summary>
    public IReadOnlyList<PlanChange> Compare() => [.. _plan.Steps.Select(Of), .. _plan.Candies.SelectMany(c => Replaced(c.Name)), .. Removed()];

    private PlanChange Of(InstallStep step)
    {
        if (StepSelection.WhySkipped(_options, _snapshot.Facts, _plan, step) is { } skipped) return LeftOut(step, skipped);
        var isOpaque = !StepScripts.Render(step, _plan).LeavesTraces;
        if (TargetBasis.Record(_state, step.Candy, step.Digest) is { } record)
        {
            if (isOpaque && _changed.Contains(step.Candy)) return Change(step, PlanVerdict.Unknown, PlanReason.EarlierStep, $"runs again, because an earlier step of {step.Candy} does");
            if (_check.FaultOf(record) is not { } fault) return Change(step, PlanVerdict.NoChange, PlanReason.OnRecord, $"done {LedgerJson.Time(record.CompletedAt)}");
            if (fault.Kind == TraceFaultKind.Unreadable) return Change(step, PlanVerdict.Unknown, PlanReason.TraceUnreadable, fault.Text);
            _changed.Add(step.Candy);
            return Change(step, PlanVerdict.Change, fault.Kind == TraceFaultKind.Missing ? PlanReason.TraceMissing : PlanReason.TraceModified, fault.Text);
        }

        _changed.Add(step.Candy);
        var (reason, detail) = Predecessor(step) is { } before
            ? (PlanReason.DigestDiffers, Differences(step, before))
            : (PlanReason.NewStep, "not on record");
        return isOpaque
            ? Change(step, PlanVerdict.Unknown, PlanReason.OpaqueCommand, $"{detail}; what it changes shows when it has run")
            : Change(step, PlanVerdict.Change, reason, detail);
    }

    // Leaving a step out takes nothing back: what an earlier run did of it stands, or is not put right.
    private PlanChange LeftOut(InstallStep step, string why)
    {
        if (TargetBasis.Record(_state, step.Candy, step.Digest) is { } record)
        {
            return _check.FaultOf(record) is { } fault
                ? Change(step, PlanVerdict.NoChange, PlanReason.LeftOut, $"left out: {why}; on record, but {fault.Text}")
                : Change(step, PlanVerdict.NoChange, PlanReason.OnRecord, $"done {LedgerJson.Time(record.CompletedAt)}, and stays; now left out: {why}");
        }

        return Change(step, PlanVerdict.NoChange, PlanReason.LeftOut, $"left out: {why}{(Predecessor(step) is { } before ? "; " + Differences(step, before) : "")}");
    }

    /// <summary>The recorded step that this one takes the place of: the same thing with another content.</summary>
    private RecordedStep? Predecessor(InstallStep step)
    {
        if (!_unmatched.TryGetValue(step.Candy, out var candidates)) return null;
        var fields = StepFieldDigests.Read(StepFieldDigests.Of(step));
        var identity = StepFieldDigests.Identity(step);
        var best = candidates.Where(c => c.Kind == step.Kind).Select(c => (Step: c, Fields: Fields(c)))
            .Where(c => c.Fields.Count > 0 ? identity.All(i => c.Fields.GetValueOrDefault(i) == fields.GetValueOrDefault(i)) : c.Step.Summary == step.Summary)
            .OrderByDescending(c => c.Fields.Count(f => fields.GetValueOrDefault(f.Key) == f.Value)).Select(c => c.Step).FirstOrDefault();
        if (best is not null) candidates.Remove(best);
        return best;
    }

    private static string Differences(InstallStep step, RecordedStep before)
    {
        var (was, now) = (Fields(before), StepFieldDigests.Read(StepFieldDigests.Of(step)));
        var names = was.Keys.Union(now.Keys, StringComparer.Ordinal).Where(f => was.GetValueOrDefault(f) != now.GetValueOrDefault(f)).ToList();
        if (was.Count == 0 || names.Count == 0) return "on record with another content";
        var words = names.Select(f => f == "packages" && step is SystemPackagesStep packages ? Packages(packages, before) : StepFieldDigests.Word(step, f)).Distinct(StringComparer.Ordinal);
        return $"on record with other {string.Join(", ", words)}";
    }

    private static string Packages(SystemPackagesStep step, RecordedStep before)
    {
        var now = step.Packages.Select(ReverseOps.BareName).ToList();
        var was = LedgerExtra.List(before.Extra, LedgerExtra.Packages);
        var changes = now.Except(was, StringComparer.Ordinal).Select(p => "+" + p).Concat(was.Except(now, StringComparer.Ordinal).Select(p => "-" + p)).ToList();
        return changes.Count == 0 ? "packages" : $"packages ({string.Join(' ', changes)})";
    }

    private static IReadOnlyDictionary<string, string> Fields(RecordedStep step) => StepFieldDigests.Read(step.Extra.GetValueOrDefault(LedgerExtra.Fields));

    /// <summary>Steps of candies that stay, which nothing in the plan takes the place of: forgotten, and undone with their candy.</summary>
    private IEnumerable<PlanChange> Replaced(string candy) => _unmatched.GetValueOrDefault(candy, [])
        .Select(s => Change(candy, s, PlanVerdict.NoChange, PlanReason.RemovedAndLeft, $"no longer in the plan: left until {candy} is removed"));

    /// <summary>Steps of candies that the bundle of this name no longer includes.</summary>
    private IEnumerable<PlanChange> Removed()
    {
        var leaving = _state.Deploys.Values.Where(d => d.Name == _plan.Name && d.Target == _plan.Target && d.DeployId != _plan.DeployId).Select(d => d.DeployId).ToList();
        var staying = _plan.Candies.Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
        var undo = UndoPlan.Of(_state, leaving);
        foreach (var record in _state.Candies.Values.Where(c => c.DeployedBy.Any(leaving.Contains) && !staying.Contains(c.Candy)).OrderBy(c => c.Candy, StringComparer.Ordinal))
        {
            var holders = record.DeployedBy.Where(d => !leaving.Contains(d)).Select(d => _state.Deploys.GetValueOrDefault(d)?.Name ?? d).ToList();
            foreach (var step in record.Steps)
            {
                var (verdict, why) = Fate(step, holders, undo.Items.Where(i => i.Candy == record.Candy).ToList());
                yield return Change(record.Candy, step, verdict, verdict == PlanVerdict.Change ? PlanReason.RemovedAndUndone : PlanReason.RemovedAndLeft, $"no longer in the plan: {why}");
            }
        }
    }

    private (PlanVerdict Verdict, string Why) Fate(RecordedStep step, List<string> holders, List<UndoItem> undo)
    {
        if (_plan.Trimmed.Count > 0) return (PlanVerdict.NoChange, "left, because a filtered plan undoes nothing");
        if (holders.Count > 0) return (PlanVerdict.NoChange, $"left, because {string.Join(", ", holders)} includes it too");
        var own = undo.Where(i => i.Operation.Extra.GetValueOrDefault(LedgerExtra.Digest) == step.Extra.GetValueOrDefault(LedgerExtra.Digest)).ToList();
        if (own.Count == 0) return (PlanVerdict.NoChange, "left, because it can't be undone");
        return own.Find(i => i.Kept is null) is null ? (PlanVerdict.NoChange, $"left, because {own[0].Kept}") : (PlanVerdict.Change, "would be undone");
    }

    private PlanChange Change(InstallStep step, PlanVerdict verdict, PlanReason reason, string detail) => new()
    {
        Name = _plan.Name, Number = step.Number, Candy = step.Candy, Kind = step.Kind, Scope = step.Scope, Summary = step.Summary,
        Verdict = verdict, Reason = reason, Detail = detail, Step = step,
    };

    private PlanChange Change(string candy, RecordedStep step, PlanVerdict verdict, PlanReason reason, string detail) => new()
    {
        Name = _plan.Name, Candy = candy, Kind = step.Kind, Scope = step.Scope, Summary = step.Summary ?? step.Kind.ToString(),
        Verdict = verdict, Reason = reason, Detail = detail,
    };
}
