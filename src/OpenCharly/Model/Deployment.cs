using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>A deploy entry: what is applied where (deploy.md §2). The per-host file is already laid over the project's.</summary>
public sealed record Deployment
{
    /// <summary>Deploy key, such as <c>vm:web</c> or <c>laptop</c>.</summary>
    public required string Key { get; init; }

    /// <summary>Where it stands; null for an entry that is in no file.</summary>
    public SourcePosition? Position { get; init; }

    /// <summary>Target: <c>pod local vm k8s android</c>.</summary>
    public required string Target { get; init; }

    /// <summary>Box reference.</summary>
    public string? Box { get; init; }

    /// <summary>Local template.</summary>
    public string? Local { get; init; }

    /// <summary>Vm entity.</summary>
    public string? Vm { get; init; }

    /// <summary>Vm instance: the part of a <c>vm:name/instance</c> key after the slash.</summary>
    public string? VmInstance { get; init; }

    /// <summary>Where a local deployment goes: <c>local</c>, <c>[user@]host[:port]</c>, or an ssh alias.</summary>
    public string Host { get; init; } = "local";

    /// <summary>User of a remote host, if not in <see cref="Host"/>.</summary>
    public string? User { get; init; }

    /// <summary>Further ssh arguments.</summary>
    public IReadOnlyList<string> SshArguments { get; init; } = [];

    /// <summary>Overlay candies.</summary>
    public IReadOnlyList<string> AddCandies { get; init; } = [];

    /// <summary>Install options.</summary>
    public InstallOptions Options { get; init; } = new();

    /// <summary>Environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Environment file.</summary>
    public string? EnvironmentFile { get; init; }

    /// <summary>Pinned image version.</summary>
    public string? Tag { get; init; }

    /// <summary>Whether the owner allows unattended destruction.</summary>
    public bool Disposable { get; init; }

    /// <summary>Free label.</summary>
    public string? Lifecycle { get; init; }

    /// <summary>The whole entry as written, for the fields that only one target reads.</summary>
    public YamlMapping? Body { get; init; }
}

/// <summary>Install options; a null boolean is "not said" (deploy.md §2.1).</summary>
public sealed record InstallOptions
{
    /// <summary>Units may be written and enabled.</summary>
    public bool WithServices { get; init; }

    /// <summary>Package repositories may be changed.</summary>
    public bool AllowRepoChanges { get; init; }

    /// <summary>Scripts may run as root.</summary>
    public bool AllowRootTasks { get; init; }

    /// <summary>Candies without a matching section are left out.</summary>
    public bool SkipIncompatible { get; init; }

    /// <summary>Checks run afterwards.</summary>
    public bool Verify { get; init; }

    /// <summary>All three gates, no preflight, no prompts.</summary>
    public bool Yes { get; init; }

    /// <summary>Builder image.</summary>
    public string? BuilderImage { get; init; }

    /// <summary>Both together: booleans or-ed, the builder image of <paramref name="over"/> first.</summary>
    public InstallOptions Merge(InstallOptions over) => new()
    {
        WithServices = WithServices || over.WithServices,
        AllowRepoChanges = AllowRepoChanges || over.AllowRepoChanges,
        AllowRootTasks = AllowRootTasks || over.AllowRootTasks,
        SkipIncompatible = SkipIncompatible || over.SkipIncompatible,
        Verify = Verify || over.Verify,
        Yes = Yes || over.Yes,
        BuilderImage = over.BuilderImage ?? BuilderImage,
    };
}

/// <summary>A reusable list of candies for local deployments (deploy.md §7.3).</summary>
public sealed record LocalTemplate
{
    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Where it stands.</summary>
    public required SourcePosition Position { get; init; }

    /// <summary>Candies, in order.</summary>
    public IReadOnlyList<string> Candies { get; init; } = [];

    /// <summary>Install options.</summary>
    public InstallOptions Options { get; init; } = new();

    /// <summary>Environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Description.</summary>
    public string? Description { get; init; }

    /// <summary>Checks.</summary>
    public IReadOnlyList<YamlMapping> Checks { get; init; } = [];
}

/// <summary>A box: base and ordered candies (candy-and-plan.md §4.1).</summary>
public sealed record Box
{
    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Where it stands.</summary>
    public required SourcePosition Position { get; init; }

    /// <summary>Folder of its project.</summary>
    public required string ProjectFolder { get; init; }

    /// <summary>Version as written; empty if there is none.</summary>
    public string Version { get; init; } = "";

    /// <summary>Whether it takes part.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Base: another box, or an image.</summary>
    public string? Base { get; init; }

    /// <summary>Candies, in order.</summary>
    public IReadOnlyList<SourcedText> Candies { get; init; } = [];

    /// <summary>The whole box as written.</summary>
    public required YamlMapping Body { get; init; }
}
