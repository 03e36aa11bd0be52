using OpenCharly.Plans;

namespace OpenCharly.UndoMeasure;

/// <summary>The part of a plan that a machine can apply which reaches nothing but a Debian mirror, and that undo promises to take back.</summary>
/// <param name="Plan">The plan with that part's steps.</param>
/// <param name="LeftOut">What the other steps need, each reason once.</param>
internal sealed record Candidate(InstallPlan Plan, IReadOnlyList<string> LeftOut)
{
    private const string Command = "an author's script (`cmd`), announced as not undoable";

    private const string NoPackages = "no packages for Debian";

    /// <summary>Takes the part out of a plan.</summary>
    public static Candidate Of(InstallPlan plan)
    {
        // The unit of a package that is not to be had is not to be had either.
        var incompatible = plan.Skips.Where(s => s.Reason == SkipReason.Incompatible).Select(s => s.Candy).ToHashSet(StringComparer.Ordinal);
        string? Reason(InstallStep step) => step is ServicePackagedStep && incompatible.Contains(step.Candy) ? NoPackages : WhyNot(step);
        var reasons = plan.Steps.Select(Reason).Concat(incompatible.Count > 0 ? [NoPackages] : []);
        var kept = PlanFilter.Keep(plan, plan.Steps.Where(s => s.Enabled && Reason(s) is null));

        // What a step makes that is left out is not there to be fetched afterwards.
        var partial = plan.Steps.Where(s => Reason(s) is not null).Select(s => s.Candy).ToHashSet(StringComparer.Ordinal);
        var artifacts = kept.Artifacts.Where(a => !partial.Contains(a.Candy)).ToArray();
        if (artifacts.Length < kept.Artifacts.Count) reasons = reasons.Append("a program that is downloaded, whose files are fetched back");
        return new Candidate(
            kept with { Artifacts = artifacts },
            [.. reasons.OfType<string>().Distinct(StringComparer.Ordinal)]);
    }

    /// <summary>The same for candies that come down to the same steps.</summary>
    public string Key => string.Join(' ', Plan.Steps.Select(s => s.Digest));

    /// <summary>The packages that it asks for.</summary>
    public IReadOnlyList<string> Packages =>
        [.. Plan.Steps.OfType<SystemPackagesStep>().SelectMany(s => s.Packages).Distinct(StringComparer.Ordinal)];

    private static string? WhyNot(InstallStep step) => step switch
    {
        { Skip: SkipReason.Incompatible } => NoPackages,
        BuilderStep builder => $"built by {builder.Builder}",
        RepoChangeStep or SystemPackagesStep { PackagePhase: StepPhase.Prepare } => "a repository other than Debian's",
        LocalPkgInstallStep => "a package built from source",
        ApkInstallStep => "an Android device",
        OpStep { Verb: "download" } => "a download",
        OpStep { Verb: "cmd" } => Command,
        _ => null,
    };
}
