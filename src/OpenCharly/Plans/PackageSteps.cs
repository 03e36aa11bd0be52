using OpenCharly.Model;

namespace OpenCharly.Plans;

/// <summary>A package repository on a live target.</summary>
public sealed record RepoChangeStep : InstallStep
{
    /// <inheritdoc/>
    public override StepKind Kind => StepKind.RepoChange;

    /// <summary>Package format.</summary>
    public required string Format { get; init; }

    /// <summary>Repository name.</summary>
    public required string Name { get; init; }

    /// <summary>File that describes it.</summary>
    public required string File { get; init; }

    /// <summary>Whole content of the file, or of the managed block where the file is shared (pac).</summary>
    public required string Content { get; init; }

    /// <summary>SHA-256 of the content, hex.</summary>
    public required string Checksum { get; init; }

    /// <summary>The repository as the candy describes it.</summary>
    public required PackageRepository Repository { get; init; }

    /// <inheritdoc/>
    public override string Summary => $"{Format} repository {Name}";
}

/// <summary>Packages of the target's own package manager.</summary>
public sealed record SystemPackagesStep : InstallStep
{
    /// <inheritdoc/>
    public override StepKind Kind => StepKind.SystemPackages;

    /// <inheritdoc/>
    public override StepPhase? Phase => PackagePhase;

    /// <summary>The part of the installation that this step does.</summary>
    public required StepPhase PackagePhase { get; init; }

    /// <summary>Package format: <c>deb</c>, <c>rpm</c>, <c>pac</c>.</summary>
    public required string Format { get; init; }

    /// <summary>Package names, in order, without doubles.</summary>
    public IReadOnlyList<string> Packages { get; init; } = [];

    /// <summary>Repositories whose keys or release packages the prepare phase brings.</summary>
    public IReadOnlyList<PackageRepository> Repositories { get; init; } = [];

    /// <summary>Options for the package manager.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>Coprs (rpm).</summary>
    public IReadOnlyList<string> Coprs { get; init; } = [];

    /// <summary>Module streams (rpm).</summary>
    public IReadOnlyList<string> Modules { get; init; } = [];

    /// <summary>Packages that must not be installed (rpm).</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>Key ids to receive (pac).</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>Folders that a container build caches.</summary>
    public IReadOnlyList<string> CacheMounts { get; init; } = [];

    /// <inheritdoc/>
    public override string Summary => PackagePhase switch
    {
        StepPhase.Prepare => $"{Format}: prepare " + string.Join(", ", Repositories.Select(r => r.Name.Length > 0 ? r.Name : r.Ppa ?? r.ReleasePackage).Concat(Coprs).Concat(Modules).Concat(Keys)),
        _ => Packages.Count == 1 ? $"{Format}: {Packages[0]}" : $"{Format}: {Packages.Count} packages ({string.Join(", ", Packages.Take(4))}{(Packages.Count > 4 ? ", …" : "")})",
    };
}

/// <summary>A package built from sources beside the candy.</summary>
public sealed record LocalPkgInstallStep : InstallStep
{
    /// <inheritdoc/>
    public override StepKind Kind => StepKind.LocalPkgInstall;

    /// <summary>Package format.</summary>
    public required string Format { get; init; }

    /// <summary>Folder of the sources as the candy names it.</summary>
    public required string Source { get; init; }

    /// <summary>Where that folder was found on the operator's machine; empty if it was not.</summary>
    public string SourceFolder { get; init; } = "";

    /// <summary>The sources with their SHA-256, so that changed sources are a changed step.</summary>
    public IReadOnlyList<CandyFile> Files { get; init; } = [];

    /// <summary>Image to build in; null for what this machine has.</summary>
    public string? BuilderImage { get; init; }

    /// <summary>The candy's folder.</summary>
    public required string CandyFolder { get; init; }

    /// <summary>The project's folder.</summary>
    public required string ProjectFolder { get; init; }

    /// <inheritdoc/>
    public override string Summary => $"{Format}: package built from {Source}";
}

/// <summary>A language builder.</summary>
public sealed record BuilderStep : InstallStep
{
    /// <inheritdoc/>
    public override StepKind Kind => StepKind.Builder;

    /// <summary>Builder: <c>pixi</c>, <c>npm</c>, <c>cargo</c>, <c>aur</c>.</summary>
    public required string Builder { get; init; }

    /// <summary>Image that it runs in; null until resolved.</summary>
    public string? BuilderImage { get; init; }

    /// <summary>The candy's folder.</summary>
    public required string CandyFolder { get; init; }

    /// <inheritdoc/>
    public override StepPhase? Phase => StepPhase.Install;

    /// <summary>Folders below the home that it produces.</summary>
    public IReadOnlyList<string> Artifacts { get; init; } = [];

    /// <summary>Packages that it installs (npm, aur).</summary>
    public IReadOnlyList<string> Packages { get; init; } = [];

    /// <summary>Programs that it installs (cargo).</summary>
    public IReadOnlyList<string> Binaries { get; init; } = [];

    /// <summary>Environment that it makes (pixi).</summary>
    public string? EnvironmentName { get; init; }

    /// <summary>Packages that give way (aur).</summary>
    public IReadOnlyList<string> Replaces { get; init; } = [];

    /// <summary>Manifest files with their SHA-256, so that a changed manifest is a changed step.</summary>
    public IReadOnlyList<CandyFile> Files { get; init; } = [];

    /// <inheritdoc/>
    public override string Summary => $"{Builder} build" + (Packages.Count > 0 ? $": {string.Join(", ", Packages.Take(4))}" : "");
}

/// <summary>Android packages.</summary>
public sealed record ApkInstallStep : InstallStep
{
    /// <inheritdoc/>
    public override StepKind Kind => StepKind.ApkInstall;

    /// <summary>The packages.</summary>
    public required IReadOnlyList<ApkPackage> Packages { get; init; }

    /// <summary>The candy's folder.</summary>
    public required string CandyFolder { get; init; }

    /// <inheritdoc/>
    public override string Summary => "apk: " + string.Join(", ", Packages.Select(p => p.Package ?? p.Apk));
}
