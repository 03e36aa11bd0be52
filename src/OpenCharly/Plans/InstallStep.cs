using OpenCharly.Model;

namespace OpenCharly.Plans;

/// <summary>
/// One step of an install plan: a closed hierarchy of twelve kinds. A step is a value; it knows what it would do, on
/// whose behalf, behind which gate, and how it is undone, but it does nothing itself.
/// </summary>
public abstract record InstallStep
{
    private protected InstallStep()
    {
    }

    /// <summary>The candy that the step belongs to.</summary>
    public required string Candy { get; init; }

    /// <summary>Position in the plan, from 0, as lists and files count.</summary>
    public int Index { get; init; }

    /// <summary>Position in the plan, from 1, as people count: every message and table says this one.</summary>
    public int Number => Index + 1;

    /// <summary>The kind.</summary>
    public abstract StepKind Kind { get; }

    /// <summary>On whose behalf it works.</summary>
    public required StepScope Scope { get; init; }

    /// <summary>Where it runs.</summary>
    public StepVenue Venue { get; init; } = StepVenue.HostNative;

    /// <summary>Its phase, for kinds that have phases.</summary>
    public virtual StepPhase? Phase => null;

    /// <summary>The permission that it needs.</summary>
    public StepGate Gate { get; init; }

    /// <summary>Why it will not run; null if it will.</summary>
    public SkipReason? Skip { get; init; }

    /// <summary>Whether it will run.</summary>
    public bool Enabled => Skip is null;

    /// <summary>The step in one line, for people.</summary>
    public abstract string Summary { get; }

    /// <summary>How it is undone, as far as that is known before it runs.</summary>
    public IReadOnlyList<ReverseOp> Reverse { get; init; } = [];

    /// <summary>SHA-256 over kind, candy and fields in canonical JSON, home resolved; empty until the plan is sealed.</summary>
    public string Digest { get; init; } = "";

    /// <summary>The plan that it was taken from.</summary>
    internal StepOrigin TakenFrom { get; init; }
}

/// <summary>The plan that a step belongs to: known to the step, but no part of what it is, so that equal steps of two plans are equal.</summary>
/// <param name="plan">The plan.</param>
internal readonly struct StepOrigin(InstallPlan? plan) : IEquatable<StepOrigin>
{
    public InstallPlan? Plan => plan;

    public bool Equals(StepOrigin other) => true;

    public override bool Equals(object? obj) => obj is StepOrigin;

    public override int GetHashCode() => 0;
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

/// <summary>A file of a candy, as it was when the plan was made.</summary>
/// <param name="Path">Path below the candy's folder.</param>
/// <param name="Sha256">Digest of its content, hex.</param>
/// <param name="Size">Size in bytes.</param>
/// <param name="Mode">Its mode on the operator's disk, octal such as <c>0755</c>.</param>
public sealed record CandyFile(string Path, string Sha256, long Size, string Mode);

/// <summary>One task of a candy.</summary>
public sealed record OpStep : InstallStep
{
    /// <inheritdoc/>
    public override StepKind Kind => StepKind.Op;

    /// <summary>Verb: <c>cmd mkdir copy write link download setcap</c>.</summary>
    public required string Verb { get; init; }

    /// <summary>
    /// The verb's own value with variables substituted (never for <c>cmd</c>): script, folder, source, destination of
    /// <c>write</c>, address, link, file.
    /// </summary>
    public required string Value { get; init; }

    /// <summary>Destination of <c>copy</c> and <c>download</c>; target of <c>link</c>.</summary>
    public string? To { get; init; }

    /// <summary>Content of <c>write</c>, byte for byte.</summary>
    public string? Content { get; init; }

    /// <summary>Mode, octal such as <c>0755</c>.</summary>
    public string? Mode { get; init; }

    /// <summary>User that the task runs as: <c>root</c>, the deploy user's name, another name, or <c>uid[:gid]</c>.</summary>
    public required string ResolvedUser { get; init; }

    /// <summary>The candy's folder, for <c>copy</c> and <c>/ctx/</c>.</summary>
    public required string CandyFolder { get; init; }

    /// <summary>Files that <c>copy</c> places (one, or a tree with paths below the source folder), or that <c>cmd</c> may see below <c>/ctx/</c>.</summary>
    public IReadOnlyList<CandyFile> Files { get; init; } = [];

    /// <summary>Whether the source of <c>copy</c> is a folder.</summary>
    public bool IsFolder { get; init; }

    /// <summary>Archive type of <c>download</c>: <c>tar.gz tar.xz tar.zst zip none sh</c>.</summary>
    public string? Extract { get; init; }

    /// <summary>Leading path parts to drop (download).</summary>
    public int StripComponents { get; init; }

    /// <summary>Archive members to take (download); all if empty.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Files that undo removes (download).</summary>
    public IReadOnlyList<string> Uninstall { get; init; } = [];

    /// <summary>Capabilities (setcap); empty removes them.</summary>
    public string? Capabilities { get; init; }

    /// <summary>Variables exported before <c>cmd</c> and <c>download</c>, sorted by name: the candy's <c>var</c>, then the task's <c>env</c>.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>Names of secrets that are exported as well; values are resolved at the last moment and are in no plan.</summary>
    public IReadOnlyList<string> Secrets { get; init; } = [];

    /// <summary>Folders that a container build caches.</summary>
    public IReadOnlyList<string> Cache { get; init; } = [];

    /// <inheritdoc/>
    public override string Summary => Verb switch
    {
        "cmd" => "cmd: " + (Value.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault(l => !l.StartsWith('#')) ?? ""),
        "copy" or "download" when To is not null => $"{Verb}: {Value} -> {To}",
        "link" => $"link: {Value} -> {To}",
        _ => $"{Verb}: {Value}",
    };
}

/// <summary>One file placed whole.</summary>
public sealed record FileStep : InstallStep
{
    /// <inheritdoc/>
    public override StepKind Kind => StepKind.File;

    /// <summary>Path on the operator's machine.</summary>
    public required string Source { get; init; }

    /// <summary>Digest of the content, hex.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Destination.</summary>
    public required string Destination { get; init; }

    /// <summary>Mode, octal.</summary>
    public string Mode { get; init; } = "0644";

    /// <summary>Owner <c>user[:group]</c>; by scope if null.</summary>
    public string? Owner { get; init; }

    /// <inheritdoc/>
    public override string Summary => $"file: {Destination}";
}

/// <summary>A unit that a package brought.</summary>
public sealed record ServicePackagedStep : InstallStep
{
    /// <inheritdoc/>
    public override StepKind Kind => StepKind.ServicePackaged;

    /// <summary>Unit name with suffix.</summary>
    public required string Unit { get; init; }

    /// <summary>Whether it is enabled and started.</summary>
    public bool Enable { get; init; }

    /// <summary>Text of the drop-in; null if there is none.</summary>
    public string? OverridesText { get; init; }

    /// <summary>Path of the drop-in.</summary>
    public string? OverridesPath { get; init; }

    /// <inheritdoc/>
    public override string Summary => $"{(Enable ? "enable " : "")}{Unit}{(OverridesPath is null ? "" : " with overrides")}";
}

/// <summary>A unit that the candy describes.</summary>
public sealed record ServiceCustomStep : InstallStep
{
    /// <inheritdoc/>
    public override StepKind Kind => StepKind.ServiceCustom;

    /// <summary>Unit name without suffix: <c>charly-&lt;candy&gt;-&lt;name&gt;</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Text of the unit file.</summary>
    public required string UnitText { get; init; }

    /// <summary>Path of the unit file.</summary>
    public required string UnitPath { get; init; }

    /// <summary>Whether it is enabled and started.</summary>
    public bool Enable { get; init; }

    /// <inheritdoc/>
    public override string Summary => $"{Name}.service{(Enable ? ", enabled" : "")}";
}

/// <summary>Environment variables and PATH entries of the user, in an env.d file.</summary>
public sealed record ShellHookStep : InstallStep
{
    /// <inheritdoc/>
    public override StepKind Kind => StepKind.ShellHook;

    /// <summary>Variables, in ordinal order of their names.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>Folders put in front of PATH, in order.</summary>
    public IReadOnlyList<string> PathEntries { get; init; } = [];

    /// <summary>Path of the env.d file.</summary>
    public required string EnvFile { get; init; }

    /// <inheritdoc/>
    public override string Summary =>
        "environment: " + string.Join(", ", Variables.Keys.Concat(PathEntries.Count > 0 ? ["PATH"] : []));
}

/// <summary>Lines in the start-up file of one shell.</summary>
public sealed record ShellSnippetStep : InstallStep
{
    /// <inheritdoc/>
    public override StepKind Kind => StepKind.ShellSnippet;

    /// <summary>Where it comes from: <c>candy</c>, <c>box</c> or <c>deploy</c>.</summary>
    public string Origin { get; init; } = "candy";

    /// <summary>Shell: <c>bash zsh fish sh</c>.</summary>
    public required string Shell { get; init; }

    /// <summary>The lines, PATH additions included.</summary>
    public required string Snippet { get; init; }

    /// <summary>Folders that the snippet adds to PATH, already part of <see cref="Snippet"/>.</summary>
    public IReadOnlyList<string> PathAppend { get; init; } = [];

    /// <summary>File that it goes into.</summary>
    public required string Destination { get; init; }

    /// <summary>Tag of the managed block: the candy's name.</summary>
    public required string Marker { get; init; }

    /// <summary>True if the destination is a file of its own, false for a managed block.</summary>
    public bool UseDropIn { get; init; }

    /// <summary>Order among snippets.</summary>
    public int Priority { get; init; } = 50;

    /// <inheritdoc/>
    public override string Summary => $"{Shell} snippet in {Destination}";
}

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

/// <summary>A reboot of the guest, after everything else of its candy.</summary>
public sealed record RebootStep : InstallStep
{
    /// <inheritdoc/>
    public override StepKind Kind => StepKind.Reboot;

    /// <inheritdoc/>
    public override string Summary => "reboot";
}
