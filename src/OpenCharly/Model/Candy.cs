using OpenCharly.Foundation;

namespace OpenCharly.Model;

/// <summary>A candy: the unit of installation (candy-and-plan.md §3), as loaded; positions are kept for messages.</summary>
public sealed record Candy
{
    /// <summary>Name; the folder's name if the file gives none.</summary>
    public required string Name { get; init; }

    /// <summary>Version as written; empty if there is none.</summary>
    public string Version { get; init; } = "";

    /// <summary>Folder that holds the manifest.</summary>
    public required string Folder { get; init; }

    /// <summary>Folder that <c>copy</c>, <c>data</c> and <c>/ctx/</c> mean: <see cref="Folder"/> joined with <c>directory:</c>.</summary>
    public required string SourceFolder { get; init; }

    /// <summary>Status by its own word: <c>broken</c>, <c>testing</c> or <c>working</c>.</summary>
    public string Status => Description?.Status ?? "testing";

    /// <summary>Where the candy's body begins.</summary>
    public required SourcePosition Position { get; init; }

    /// <summary>The project it was loaded from: its root folder.</summary>
    public required string ProjectFolder { get; init; }

    /// <summary>Description; null if there is none.</summary>
    public CandyDescription? Description { get; init; }

    /// <summary>References to candies that must come before this one.</summary>
    public IReadOnlyList<SourcedText> Require { get; init; } = [];

    /// <summary>References to candies that belong to this one.</summary>
    public IReadOnlyList<SourcedText> Members { get; init; } = [];

    /// <summary>Packages for every distribution.</summary>
    public IReadOnlyList<string> Packages { get; init; } = [];

    /// <summary>Distribution and format sections, compound keys already split, keys normalised to <c>debian:13</c>.</summary>
    public IReadOnlyList<PackageSection> Sections { get; init; } = [];

    /// <summary>Build-time variables of tasks.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>Persistent environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Folders put in front of PATH.</summary>
    public IReadOnlyList<string> PathEntries { get; init; } = [];

    /// <summary>Tasks, in order.</summary>
    public IReadOnlyList<CandyTask> Tasks { get; init; } = [];

    /// <summary>Services, in order.</summary>
    public IReadOnlyList<CandyService> Services { get; init; } = [];

    /// <summary>Shell snippets; null if there are none.</summary>
    public ShellBlock? Shell { get; init; }

    /// <summary>Ports.</summary>
    public IReadOnlyList<CandyPort> Ports { get; init; } = [];

    /// <summary>Loopback relays.</summary>
    public IReadOnlyList<int> PortRelays { get; init; } = [];

    /// <summary>Volumes.</summary>
    public IReadOnlyList<CandyVolume> Volumes { get; init; } = [];

    /// <summary>Data that volumes start with.</summary>
    public IReadOnlyList<CandyData> Data { get; init; } = [];

    /// <summary>Command aliases: name to command.</summary>
    public IReadOnlyDictionary<string, string> Aliases { get; init; } = new Dictionary<string, string>();

    /// <summary>HTTP route; null if there is none.</summary>
    public CandyRoute? Route { get; init; }

    /// <summary>Container security; null if there is none.</summary>
    public SecuritySettings? Security { get; init; }

    /// <summary>Mounted secrets.</summary>
    public IReadOnlyList<CandySecret> Secrets { get; init; } = [];

    /// <summary>Secrets without which the candy does not work.</summary>
    public IReadOnlyList<CandyRequirement> SecretRequire { get; init; } = [];

    /// <summary>Secrets that it takes if they are there.</summary>
    public IReadOnlyList<CandyRequirement> SecretAccept { get; init; } = [];

    /// <summary>Variables without which it does not work.</summary>
    public IReadOnlyList<CandyRequirement> EnvRequire { get; init; } = [];

    /// <summary>Variables that it takes if they are there.</summary>
    public IReadOnlyList<CandyRequirement> EnvAccept { get; init; } = [];

    /// <summary>Variables that it gives to other deployments: name to template.</summary>
    public IReadOnlyDictionary<string, string> EnvProvide { get; init; } = new Dictionary<string, string>();

    /// <summary>MCP endpoints that it offers.</summary>
    public IReadOnlyList<McpEndpoint> McpProvide { get; init; } = [];

    /// <summary>MCP endpoints that it needs.</summary>
    public IReadOnlyList<CandyRequirement> McpRequire { get; init; } = [];

    /// <summary>MCP endpoints that it takes if they are there.</summary>
    public IReadOnlyList<CandyRequirement> McpAccept { get; init; } = [];

    /// <summary>Android packages.</summary>
    public IReadOnlyList<ApkPackage> Apks { get; init; } = [];

    /// <summary>Package sources: format to folder.</summary>
    public IReadOnlyDictionary<string, string> LocalPackages { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether it ends with a reboot of the guest.</summary>
    public bool Reboot { get; init; }

    /// <summary>XML fragments for a libvirt domain.</summary>
    public IReadOnlyList<string> LibvirtFragments { get; init; } = [];

    /// <summary>Container hooks: <c>post_enable</c>, <c>pre_remove</c>.</summary>
    public IReadOnlyDictionary<string, string> Hooks { get; init; } = new Dictionary<string, string>();

    /// <summary>Files fetched back after applying.</summary>
    public IReadOnlyList<CandyArtifact> Artifacts { get; init; } = [];

    /// <summary>Paths copied out of foreign images.</summary>
    public IReadOnlyList<CandyExtract> Extracts { get; init; } = [];

    /// <summary>Container engine that it insists on: <c>docker</c> or <c>podman</c>.</summary>
    public string? Engine { get; init; }

    /// <summary>Capabilities that it gives to a box.</summary>
    public CandyCapabilities? Capabilities { get; init; }

    /// <summary>Capabilities that some candy of the box must give.</summary>
    public IReadOnlyList<string> RequiresCapabilities { get; init; } = [];

    /// <summary>Checks.</summary>
    public IReadOnlyList<Check> Checks { get; init; } = [];

    /// <summary>Builders that files beside the manifest call for: <c>npm</c>, <c>pixi</c>, <c>cargo</c>; <c>aur</c> from sections. In name order.</summary>
    public IReadOnlyList<string> Builders { get; init; } = [];

    /// <summary>Pre-written unit files beside the manifest, by file name.</summary>
    public IReadOnlyList<string> UnitFiles { get; init; } = [];

    /// <summary>Whether the candy has content of its own, beyond its members.</summary>
    public bool HasOwnContent { get; init; } = true;

    /// <summary>Identity of the remote repository it came from, as <c>host/org/repo@version</c>; null for the project's own.</summary>
    public string? Repository { get; init; }
}

/// <summary>Text with the place where it stands.</summary>
/// <param name="Text">The text.</param>
/// <param name="Position">Where.</param>
public sealed record SourcedText(string Text, SourcePosition Position);

/// <summary>What a candy says of itself.</summary>
/// <param name="Feature">One line.</param>
/// <param name="Narrative">More lines.</param>
/// <param name="Tags">Free words; <c>working</c>, <c>testing</c>, <c>broken</c> set the status.</param>
/// <param name="Scenarios">Scenarios (§9.6), one with examples once a row.</param>
public sealed record CandyDescription(string Feature, string Narrative, IReadOnlyList<string> Tags, IReadOnlyList<Scenario> Scenarios)
{
    /// <summary>Status: the first of broken, testing, working among the tags; <c>testing</c> if none.</summary>
    public string Status => new[] { "broken", "testing", "working" }.FirstOrDefault(s => Tags.Contains(s)) ?? "testing";
}

/// <summary>Shell snippets (§3.6).</summary>
/// <param name="Generic">Lines for every shell; null if there are none.</param>
/// <param name="Shells">Blocks for single shells, which replace the generic one.</param>
/// <param name="Priority">Order, default 50.</param>
public sealed record ShellBlock(ShellLines? Generic, IReadOnlyDictionary<string, ShellLines> Shells, int Priority);

/// <summary>Lines for one shell, or for every shell.</summary>
/// <param name="Init">The lines; null if there are none.</param>
/// <param name="PathAppend">Folders added to PATH.</param>
/// <param name="Path">File of their own; null for the shell's start-up file.</param>
public sealed record ShellLines(string? Init, IReadOnlyList<string> PathAppend, string? Path);

/// <summary>Capabilities that a candy gives to a box.</summary>
/// <param name="PreserveUser">Keep the image's user.</param>
/// <param name="NeedsRootAfterInit">Root is needed after init.</param>
/// <param name="InitSystemHint">Init system.</param>
/// <param name="DataOnly">Nothing but data.</param>
/// <param name="OciLabels">Labels.</param>
public sealed record CandyCapabilities(
    bool PreserveUser, bool NeedsRootAfterInit, string? InitSystemHint, bool DataOnly, IReadOnlyDictionary<string, string> OciLabels);
