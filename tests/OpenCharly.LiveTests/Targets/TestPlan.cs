using OpenCharly.Plans;

namespace OpenCharly.LiveTests.Targets;

/// <summary>Plans made by hand, sealed as the compiler seals them.</summary>
internal static class TestPlan
{
    public static InstallPlan Of(TargetFacts facts, params InstallStep[] steps)
    {
        var candies = steps.Select(s => s.Candy).Distinct().ToList();
        return new InstallPlan
        {
            Name = "lab",
            Target = "host",
            Host = "local",
            Ref = candies[0],
            DeployId = "0123456789abcdef",
            Home = facts.Home,
            User = facts.User,
            Gates = new PlanGates(true, true, true),
            Candies = [.. candies.Select(c => new PlannedCandy(c, "2026.180.1200"))],
            Steps = [.. steps.Select((s, i) => s with { Index = i }).Select(s => s with { Digest = PlanDigest.Of(s) })],
        };
    }

    public static OpStep Task(string candy, string user, string verb, string value) => new()
    {
        Candy = candy,
        Verb = verb,
        Value = value,
        Scope = user == "root" ? StepScope.System : StepScope.User,
        ResolvedUser = user,
        CandyFolder = "/nowhere",
        Reverse = verb == "write"
            ? [new ReverseOp { Kind = user == "root" ? ReverseKinds.RemoveFileSystem : ReverseKinds.RemoveFileUser, Targets = [value], Scope = user == "root" ? StepScope.System : StepScope.User }]
            : [],
    };

    public static SystemPackagesStep Packages(string candy, params string[] packages) => new()
    {
        Candy = candy,
        Scope = StepScope.System,
        PackagePhase = StepPhase.Install,
        Format = "deb",
        Packages = packages,
        Reverse = [new ReverseOp { Kind = ReverseKinds.PackageRemove, Format = "deb", Targets = packages, Scope = StepScope.System }],
    };
}
