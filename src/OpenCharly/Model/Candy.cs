using OpenCharly.Foundation;
using OpenCharly.Yaml;

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
    public IReadOnlyList<YamlMapping> Checks { get; init; } = [];

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
/// <param name="Scenarios">Scenarios as written (§9.6).</param>
public sealed record CandyDescription(string Feature, string Narrative, IReadOnlyList<string> Tags, IReadOnlyList<YamlMapping> Scenarios)
{
    /// <summary>Status: the first of broken, testing, working among the tags; <c>testing</c> if none.</summary>
    public string Status => new[] { "broken", "testing", "working" }.FirstOrDefault(s => Tags.Contains(s)) ?? "testing";
}

/// <summary>A distribution or format section (§3.4).</summary>
public sealed record PackageSection
{
    /// <summary>Tag that it applies to: <c>debian</c>, <c>debian:13</c>, <c>deb</c>.</summary>
    public required string Tag { get; init; }

    /// <summary>Packages.</summary>
    public IReadOnlyList<string> Packages { get; init; } = [];

    /// <summary>Repositories; null if the section does not say.</summary>
    public IReadOnlyList<PackageRepository>? Repositories { get; init; }

    /// <summary>Package manager options; null if the section does not say.</summary>
    public IReadOnlyList<string>? Options { get; init; }

    /// <summary>Excluded packages; null if the section does not say.</summary>
    public IReadOnlyList<string>? Exclude { get; init; }

    /// <summary>Coprs; null if the section does not say.</summary>
    public IReadOnlyList<string>? Coprs { get; init; }

    /// <summary>Module streams; null if the section does not say.</summary>
    public IReadOnlyList<string>? Modules { get; init; }

    /// <summary>Key ids; null if the section does not say.</summary>
    public IReadOnlyList<string>? Keys { get; init; }

    /// <summary>AUR part; null if there is none.</summary>
    public AurSection? Aur { get; init; }
}

/// <summary>The AUR part of a section.</summary>
/// <param name="Packages">Packages.</param>
/// <param name="Options">Options.</param>
/// <param name="Replaces">Packages that give way.</param>
public sealed record AurSection(IReadOnlyList<string> Packages, IReadOnlyList<string> Options, IReadOnlyList<string> Replaces);

/// <summary>A task: exactly one verb and its fields (§3.2), as written, before variables are substituted.</summary>
public sealed record CandyTask
{
    /// <summary>Verb: <c>cmd mkdir copy write download link setcap build</c>.</summary>
    public required string Verb { get; init; }

    /// <summary>The verb's own value.</summary>
    public required string Value { get; init; }

    /// <summary>Where the task stands.</summary>
    public required SourcePosition Position { get; init; }

    /// <summary>User: <c>root</c> (also if absent), <c>${USER}</c>, a name, <c>uid[:gid]</c>.</summary>
    public string User { get; init; } = "root";

    /// <summary>Mode, octal; null if absent.</summary>
    public string? Mode { get; init; }

    /// <summary>Destination (copy, download); target of a link.</summary>
    public string? To { get; init; }

    /// <summary>Content (write).</summary>
    public string? Content { get; init; }

    /// <summary>Archive type (download); null to infer.</summary>
    public string? Extract { get; init; }

    /// <summary>Leading path parts to drop (download).</summary>
    public int StripComponents { get; init; }

    /// <summary>Archive members (download).</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Files that teardown removes (download).</summary>
    public IReadOnlyList<string> Uninstall { get; init; } = [];

    /// <summary>Capabilities (setcap).</summary>
    public string? Capabilities { get; init; }

    /// <summary>Task environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Cached folders (container builds).</summary>
    public IReadOnlyList<string> Cache { get; init; } = [];
}

/// <summary>A service of a candy (§3.5).</summary>
public sealed record CandyService
{
    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Where it stands.</summary>
    public required SourcePosition Position { get; init; }

    /// <summary>Whether it belongs to the user's service manager.</summary>
    public bool IsUser { get; init; }

    /// <summary>Whether it is enabled and started.</summary>
    public bool Enable { get; init; }

    /// <summary>Unit that a package brings, suffix included; null for a custom service.</summary>
    public string? PackagedUnit { get; init; }

    /// <summary>Command line; null for a packaged service.</summary>
    public string? Exec { get; init; }

    /// <summary>Environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Restart policy: <c>always no on-failure unless-stopped</c>; null if absent.</summary>
    public string? Restart { get; init; }

    /// <summary>Working folder.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Account.</summary>
    public string? User { get; init; }

    /// <summary>Units that it starts after.</summary>
    public IReadOnlyList<string> After { get; init; } = [];

    /// <summary>Units that it starts before.</summary>
    public IReadOnlyList<string> Before { get; init; } = [];

    /// <summary>Targets that want it.</summary>
    public IReadOnlyList<string> WantedBy { get; init; } = [];

    /// <summary>Where its output goes: null for the journal, <c>file:PATH</c>, <c>none</c>.</summary>
    public string? StandardOutput { get; init; }

    /// <summary>Seconds that it may take to stop.</summary>
    public int? StopTimeout { get; init; }

    /// <summary>Drop-in of a packaged service; null if there is none.</summary>
    public ServiceOverrides? Overrides { get; init; }

    /// <summary>Whether it is a supervisord event listener, and for which events.</summary>
    public string? Events { get; init; }

    /// <summary>Whether supervisord starts it.</summary>
    public bool? AutoStart { get; init; }

    /// <summary>Seconds until supervisord calls it started.</summary>
    public int? StartSeconds { get; init; }

    /// <summary>Starts that supervisord tries.</summary>
    public int? StartRetries { get; init; }

    /// <summary>Exit codes that supervisord expects.</summary>
    public string? ExitCodes { get; init; }

    /// <summary>Signal that stops it.</summary>
    public string? StopSignal { get; init; }

    /// <summary>Order of supervisord.</summary>
    public int? Priority { get; init; }
}

/// <summary>A drop-in for a packaged unit.</summary>
/// <param name="Environment">Variables.</param>
/// <param name="After">Units that it starts after.</param>
/// <param name="Exec">New command line; null to keep.</param>
public sealed record ServiceOverrides(IReadOnlyDictionary<string, string> Environment, IReadOnlyList<string> After, string? Exec);

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

/// <summary>A port.</summary>
/// <param name="Number">1 to 65535.</param>
/// <param name="Scheme">Scheme, <c>http</c> by default.</param>
public sealed record CandyPort(int Number, string Scheme);

/// <summary>A volume.</summary>
/// <param name="Name">Name.</param>
/// <param name="Path">Path in the container.</param>
public sealed record CandyVolume(string Name, string Path);

/// <summary>Data that a volume starts with.</summary>
/// <param name="Source">Folder of the candy.</param>
/// <param name="Volume">Volume.</param>
/// <param name="Destination">Folder in the volume; null for its root.</param>
public sealed record CandyData(string Source, string Volume, string? Destination);

/// <summary>An HTTP route.</summary>
/// <param name="Host">Host name.</param>
/// <param name="Port">Port.</param>
public sealed record CandyRoute(string Host, int Port);

/// <summary>A mounted secret.</summary>
/// <param name="Name">Name.</param>
/// <param name="Variable">Environment variable that names its file.</param>
/// <param name="Target">Path in the container.</param>
public sealed record CandySecret(string Name, string Variable, string Target);

/// <summary>A variable, secret or endpoint that a candy needs or takes.</summary>
/// <param name="Name">Name.</param>
/// <param name="Description">What it is for.</param>
/// <param name="Key">Credential store path (secrets).</param>
/// <param name="Default">Value if there is none.</param>
public sealed record CandyRequirement(string Name, string Description, string? Key, string? Default);

/// <summary>An MCP endpoint.</summary>
/// <param name="Name">Name.</param>
/// <param name="Url">Address template.</param>
/// <param name="Transport"><c>http</c> or <c>sse</c>.</param>
public sealed record McpEndpoint(string Name, string Url, string Transport);

/// <summary>A file fetched back after applying (§6.9).</summary>
/// <param name="Name">Name.</param>
/// <param name="Path">Path on the target.</param>
/// <param name="RetrieveTo">Path on the operator's machine.</param>
/// <param name="Mode">Mode, octal.</param>
/// <param name="WaitSeconds">How long to wait for it.</param>
/// <param name="Rewrites">Replacements, in order.</param>
/// <param name="IsOptional">Whether it may be missing.</param>
public sealed record CandyArtifact(
    string Name, string Path, string RetrieveTo, string? Mode, int WaitSeconds, IReadOnlyList<(string Find, string Replace)> Rewrites, bool IsOptional);

/// <summary>A path copied out of a foreign image.</summary>
/// <param name="Source">Image.</param>
/// <param name="Path">Path in it.</param>
/// <param name="Destination">Path in the box.</param>
public sealed record CandyExtract(string Source, string Path, string Destination);

/// <summary>Container security (§3.7).</summary>
public sealed record SecuritySettings
{
    /// <summary>Privileged container.</summary>
    public bool? Privileged { get; init; }

    /// <summary>Cgroup namespace.</summary>
    public string? CgroupNamespace { get; init; }

    /// <summary>IPC mode.</summary>
    public string? IpcMode { get; init; }

    /// <summary>Added capabilities.</summary>
    public IReadOnlyList<string> CapAdd { get; init; } = [];

    /// <summary>Devices.</summary>
    public IReadOnlyList<string> Devices { get; init; } = [];

    /// <summary>Security options.</summary>
    public IReadOnlyList<string> SecurityOptions { get; init; } = [];

    /// <summary>Added groups.</summary>
    public IReadOnlyList<string> GroupAdd { get; init; } = [];

    /// <summary>Mounts.</summary>
    public IReadOnlyList<string> Mounts { get; init; } = [];

    /// <summary>Size of /dev/shm.</summary>
    public string? ShmSize { get; init; }

    /// <summary>Hard memory limit.</summary>
    public string? MemoryMax { get; init; }

    /// <summary>Memory above which the kernel throttles.</summary>
    public string? MemoryHigh { get; init; }

    /// <summary>Swap limit.</summary>
    public string? MemorySwapMax { get; init; }

    /// <summary>Processors.</summary>
    public string? Cpus { get; init; }
}

/// <summary>Capabilities that a candy gives to a box.</summary>
/// <param name="PreserveUser">Keep the image's user.</param>
/// <param name="NeedsRootAfterInit">Root is needed after init.</param>
/// <param name="InitSystemHint">Init system.</param>
/// <param name="DataOnly">Nothing but data.</param>
/// <param name="OciLabels">Labels.</param>
public sealed record CandyCapabilities(
    bool PreserveUser, bool NeedsRootAfterInit, string? InitSystemHint, bool DataOnly, IReadOnlyDictionary<string, string> OciLabels);
