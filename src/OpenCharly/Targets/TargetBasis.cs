using System.Security.Cryptography;
using System.Text;
using OpenCharly.Foundation;
using OpenCharly.Ledger;
using OpenCharly.Plans;

namespace OpenCharly.Targets;

/// <summary>
/// What a plan remembers of its target, and whether that still holds. What the plan itself does makes it stale never, so
/// that it can be applied twice, or one part after the other: only what others did since counts.
/// </summary>
internal static class TargetBasis
{
    /// <summary>What the plan takes for granted, as the target was seen.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="snapshot">What was seen.</param>
    public static PlanBasis Of(InstallPlan plan, LedgerSnapshot snapshot)
    {
        var state = snapshot.Records();
        var check = new TraceCheck(snapshot);
        var own = Own(plan);
        return new PlanBasis
        {
            Facts = PlanBasis.FactsOf(snapshot.Facts),
            Deploys = Others(plan, state),
            Candies = plan.Candies.Select(c => (c.Name, Digest: Foreign(c.Name, own, state))).Where(c => c.Digest.Length > 0)
                .ToDictionary(c => c.Name, c => c.Digest, StringComparer.Ordinal),
            Done = [.. plan.Steps.Where(s => s.Enabled && Record(state, s.Candy, s.Digest) is { } r && Stands(check, r)).Select(s => s.Digest).Distinct(StringComparer.Ordinal)],
        };
    }

    /// <summary>Refuses a plan that was made for a target with other facts.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PlanStale"/>.</exception>
    public static void CheckFacts(InstallPlan plan, TargetFacts facts, string host)
    {
        if (plan.Basis?.WhyFactsDiffer(facts) is { } why) throw Stale(plan, host, why);

        // A plan that was compiled for a machine that was off knows no more than this.
        if (plan.Home.Length > 0 && plan.Home.TrimEnd('/') != facts.Home.TrimEnd('/')) throw Stale(plan, host, $"the plan is for the home folder {plan.Home}, and this one is {facts.Home}");
        if (plan.User.Length > 0 && plan.User != facts.User) throw Stale(plan, host, $"the plan is for the user {plan.User}, and this one is {facts.User}");

        // What follows the first tag is a matter of the project's vocabulary, too.
        if (plan.Distro.Length > 0 && facts.Tags.Count > 0 && plan.Distro != facts.Tags[0]) throw Stale(plan, host, $"the plan is for the distribution {plan.Distro}, and this one is {facts.Tags[0]}");
    }

    /// <summary>Refuses a plan if somebody else wrote records that it would replace or undo.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PlanStale"/>.</exception>
    public static void CheckRecords(InstallPlan plan, LedgerState state, string host)
    {
        if (plan.Basis is not { } basis) return;
        if (Others(plan, state) is { Length: > 0 } others && others != basis.Deploys) throw Stale(plan, host, $"another bundle was applied under the name {plan.Name} since");
        var own = Own(plan);
        foreach (var candy in plan.Candies)
        {
            if (Foreign(candy.Name, own, state) is { Length: > 0 } foreign && foreign != basis.Candies.GetValueOrDefault(candy.Name))
            {
                throw Stale(plan, host, $"another version of the candy {candy.Name} was applied since");
            }
        }
    }

    /// <summary>Refuses a plan if a step that stood when it was made stands no more.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PlanStale"/>.</exception>
    public static void CheckTraces(InstallPlan plan, LedgerState state, TraceCheck check, string host)
    {
        if (plan.Basis is not { Done.Count: > 0 } basis) return;
        foreach (var step in plan.Steps.Where(s => s.Enabled && basis.Done.Contains(s.Digest)))
        {
            var why = Record(state, step.Candy, step.Digest) is { } record ? check.WhyNot(record) : "it is no longer on record";
            if (why is not null) throw Stale(plan, host, $"step {step.Number} of {plan.Steps.Count} ({step.Candy}: {step.Summary}) stood when the plan was made, and now {why}");
        }
    }

    /// <summary>Why the plan is stale, in a sentence; null if it is not.</summary>
    public static string? WhyStale(InstallPlan plan, LedgerSnapshot snapshot, LedgerState state, TraceCheck check, string host)
    {
        try
        {
            CheckFacts(plan, snapshot.Facts, host);
            CheckRecords(plan, state, host);
            CheckTraces(plan, state, check, host);
            return null;
        }
        catch (CharlyException e) when (e.Code == Errors.PlanStale)
        {
            return e.Message;
        }
    }

    /// <summary>The record of a step; null if there is none.</summary>
    public static RecordedStep? Record(LedgerState state, string candy, string digest) =>
        state.Candies.GetValueOrDefault(candy)?.Steps.FirstOrDefault(s => s.Extra.GetValueOrDefault(LedgerExtra.Digest) == digest);

    // Without a closer look, only what the stamps settle counts as standing.
    private static bool Stands(TraceCheck check, RecordedStep record) =>
        check.Doubtful([record]).Count == 0 && check.WhyNot(record) is null;

    private static HashSet<string> Own(InstallPlan plan) =>
        plan.Steps.Select(s => s.Digest).Concat(plan.Trimmed.Select(t => t.Digest)).ToHashSet(StringComparer.Ordinal);

    private static string Others(InstallPlan plan, LedgerState state) =>
        Digest(state.Deploys.Values.Where(d => d.Name == plan.Name && d.Target == plan.Target && d.DeployId != plan.DeployId).Select(d => d.DeployId));

    private static string Foreign(string candy, HashSet<string> own, LedgerState state) =>
        Digest((state.Candies.GetValueOrDefault(candy)?.Steps ?? []).Select(s => s.Extra.GetValueOrDefault(LedgerExtra.Digest, "")).Where(d => !own.Contains(d)));

    private static string Digest(IEnumerable<string> items)
    {
        var text = string.Join('\n', items.Order(StringComparer.Ordinal));
        return text.Length == 0 ? "" : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
    }

    private static CharlyException Stale(InstallPlan plan, string host, string why) => new(
        Errors.PlanStale,
        $"{plan.Name}: {host} is not as it was when the plan was made: {why}",
        "Make the plan again, look at it, and apply that one; --force (-Force) applies this one as it is.",
        target: plan.Name);
}
