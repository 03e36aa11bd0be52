using OpenCharly.Plans;

namespace OpenCharly.Building;

/// <summary>The files on the operator's machine that a build is made from.</summary>
internal static class BuildInputs
{
    /// <summary>Whether a step is built before it can be applied.</summary>
    public static bool IsBuilt(InstallStep step) => step is BuilderStep or LocalPkgInstallStep;

    /// <summary>The files with the digests that the plan knows; none for a step that is not built.</summary>
    public static IEnumerable<StagedFile> Of(InstallStep step) => step switch
    {
        BuilderStep s => s.Files.Select(f => new StagedFile(f.Path, Path.Combine(s.CandyFolder, f.Path), f.Sha256, f.Mode)),
        LocalPkgInstallStep s => s.Files.Select(f => new StagedFile(f.Path, Path.Combine(s.SourceFolder, f.Path), f.Sha256, f.Mode)),
        _ => [],
    };
}
