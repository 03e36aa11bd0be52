namespace OpenCharly.Plans;

/// <summary>The gate and scope that follow from what a step does, whatever a file says about it.</summary>
internal static class PlanGuards
{
    /// <summary>The gate that a step stands behind (candy-and-plan.md §5.3).</summary>
    public static StepGate GateOf(InstallStep step) => step switch
    {
        RepoChangeStep => StepGate.AllowRepoChanges,
        SystemPackagesStep { PackagePhase: StepPhase.Prepare } => StepGate.AllowRepoChanges,
        OpStep { Verb: "cmd", Scope: StepScope.System } => StepGate.AllowRootTasks,
        ServiceCustomStep or ServicePackagedStep => StepGate.WithServices,
        _ => StepGate.None,
    };

    /// <summary>Whether a step may have the scope that it has.</summary>
    public static bool ScopeFits(InstallStep step) => step switch
    {
        SystemPackagesStep or RepoChangeStep or LocalPkgInstallStep or RebootStep => step.Scope == StepScope.System,
        OpStep op => (op.Scope == StepScope.System) == (op.ResolvedUser == "root"),
        BuilderStep builder => (builder.Scope == StepScope.System) == (builder.Builder == "aur"),
        _ => true,
    };
}
