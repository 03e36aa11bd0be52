namespace OpenCharly.Plans;

/// <summary>The twelve kinds of step (candy-and-plan.md §5.3).</summary>
public enum StepKind
{
    /// <summary>Packages of the target's package manager.</summary>
    SystemPackages,

    /// <summary>A language builder that runs in a container on the operator's machine.</summary>
    Builder,

    /// <summary>One task of a candy.</summary>
    Op,

    /// <summary>One file placed whole.</summary>
    File,

    /// <summary>A unit that a package brought.</summary>
    ServicePackaged,

    /// <summary>A unit that the candy describes.</summary>
    ServiceCustom,

    /// <summary>Environment variables and PATH entries of the user.</summary>
    ShellHook,

    /// <summary>Lines in the start-up file of a shell.</summary>
    ShellSnippet,

    /// <summary>A package repository.</summary>
    RepoChange,

    /// <summary>Android packages.</summary>
    ApkInstall,

    /// <summary>A package built from sources beside the candy.</summary>
    LocalPkgInstall,

    /// <summary>A reboot of the guest.</summary>
    Reboot,
}

/// <summary>On whose behalf a step works.</summary>
public enum StepScope
{
    /// <summary>The machine: runs as root.</summary>
    System,

    /// <summary>The user that the deployment logs in as.</summary>
    User,

    /// <summary>That user's shell start-up files.</summary>
    UserProfile,
}

/// <summary>Where a step runs.</summary>
public enum StepVenue
{
    /// <summary>On the target itself.</summary>
    HostNative,

    /// <summary>In a builder container on the operator's machine.</summary>
    ContainerBuilder,

    /// <summary>Nowhere: this target can't run it.</summary>
    Skip,
}

/// <summary>The part of a package installation that a step does.</summary>
public enum StepPhase
{
    /// <summary>Keys, coprs and modules, before the packages.</summary>
    Prepare,

    /// <summary>The packages.</summary>
    Install,

    /// <summary>What tidies up after the packages.</summary>
    Cleanup,
}

/// <summary>The permission that a step needs (candy-and-plan.md §5.5).</summary>
public enum StepGate
{
    /// <summary>None.</summary>
    None,

    /// <summary><c>--allow-repo-changes</c>.</summary>
    AllowRepoChanges,

    /// <summary><c>--allow-root-tasks</c>.</summary>
    AllowRootTasks,

    /// <summary><c>--with-services</c>.</summary>
    WithServices,
}

/// <summary>Why a step, or a whole candy, is left out.</summary>
public enum SkipReason
{
    /// <summary>Its gate is closed.</summary>
    GateClosed,

    /// <summary>The field has no meaning on this target.</summary>
    NotSupportedOnTarget,

    /// <summary>The shell is not installed on the target.</summary>
    ShellAbsent,

    /// <summary>The candy has no section for the target's distribution.</summary>
    Incompatible,

    /// <summary>The target has no known package manager.</summary>
    NoPackageManager,

    /// <summary>Another init system runs the target.</summary>
    InitSystem,

    /// <summary>The sources that a package would be built from are not there.</summary>
    NoSource,
}
