using System.Globalization;

namespace OpenCharly.Plans;

/// <summary>
/// What a plan took for granted about its target when it was compiled. Applying it later compares: a target that has
/// changed where it matters makes the plan stale. Holds facts, digests and nothing secret.
/// </summary>
public sealed record PlanBasis
{
    /// <summary>The facts that decided what the steps are, by name; see <see cref="FactsOf"/>.</summary>
    public required IReadOnlyDictionary<string, string> Facts { get; init; }

    /// <summary>Digest of the other deploy ids that the target had under the plan's name; empty if there were none.</summary>
    public string Deploys { get; init; } = "";

    /// <summary>For each candy of the plan of which the target had steps on record that are none of the plan: a digest of those.</summary>
    public IReadOnlyDictionary<string, string> Candies { get; init; } = new Dictionary<string, string>();

    /// <summary>Digests of steps of the plan that were on record and still stood.</summary>
    public IReadOnlyList<string> Done { get; init; } = [];

    /// <summary>The facts of a target that plans depend on, under stable names.</summary>
    public static IReadOnlyDictionary<string, string> FactsOf(TargetFacts facts) => new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["distribution"] = $"{facts.OsId} {facts.OsVersion}".Trim(),
        ["distribution family"] = string.Join(' ', facts.OsLike),
        ["home folder"] = facts.Home.TrimEnd('/'),
        ["log-in shell"] = facts.LoginShell,
        ["machine"] = facts.Machine,
        ["package format"] = facts.Format ?? "",
        ["shells"] = string.Join(' ', facts.Shells),
        ["systemd"] = facts.HasSystemd ? "yes" : "no",
        ["user"] = facts.User,
        ["user id"] = string.Create(CultureInfo.InvariantCulture, $"{facts.Uid}:{facts.Gid}"),
    };

    /// <summary>The first fact that is another one now, in a clause such as <c>the user was ada and is root</c>; null if all are as they were.</summary>
    public string? WhyFactsDiffer(TargetFacts facts)
    {
        var now = FactsOf(facts);
        foreach (var (name, was) in Facts)
        {
            if (now.GetValueOrDefault(name) is { } value && value != was) return $"the {name} was {Said(was)} and is {Said(value)}";
        }

        return null;
    }

    private static string Said(string value) => value.Length == 0 ? "none" : value;
}
