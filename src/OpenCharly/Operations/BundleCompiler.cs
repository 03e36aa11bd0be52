using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Plans;

namespace OpenCharly.Operations;

/// <summary>Hands a resolved bundle to the plan compiler.</summary>
internal static class BundleCompiler
{
    public static InstallPlan Compile(Bundle bundle, TargetFacts facts, CharlyEnvironment environment) => Compiled(bundle, facts.In(DistroVocabulary.Of(bundle.Project)), environment);

    private static InstallPlan Compiled(Bundle bundle, TargetFacts facts, CharlyEnvironment environment) => PlanCompiler.Compile(new PlanRequest
    {
        Name = bundle.Entry.Key,
        Target = TargetOpener.LedgerTarget(bundle.Entry),
        TargetKind = bundle.Entry.Target,
        Host = TargetOpener.HostOf(bundle.Entry),
        Ref = bundle.Ref,
        Candies = bundle.Candies,
        AddCandies = bundle.Overlays,
        Box = bundle.Box?.Name ?? "",
        Version = bundle.Box?.Version ?? "",
        Gates = new PlanGates(
            bundle.Options.WithServices || bundle.Options.Yes,
            bundle.Options.AllowRepoChanges || bundle.Options.Yes,
            bundle.Options.AllowRootTasks || bundle.Options.Yes),
        SkipIncompatible = bundle.Options.SkipIncompatible,
        BuilderImage = bundle.Options.BuilderImage,
        BuilderImages = BuilderImages.Of(bundle, facts.Tags),
        Environment = bundle.Environment,
        ProcessEnvironment = environment.Variables,
        Facts = facts,
    });
}
