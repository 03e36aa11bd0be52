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

    /// <summary>Cluster profile.</summary>
    public string? Cluster { get; init; }

    /// <summary>Android device.</summary>
    public string? Android { get; init; }

    /// <summary>Exclusive resources that it occupies while it runs, and may be stopped for (deploy.md §10.1); null if it may not.</summary>
    public Preemption? Preemptible { get; init; }

    /// <summary>Exclusive resources that it needs for itself while it runs.</summary>
    public IReadOnlyList<string> RequiresExclusive { get; init; } = [];

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

    /// <summary>Whether the owner allows unattended destruction; of a short-lived one always.</summary>
    public bool Disposable { get; init; }

    /// <summary>How long it lives from its add; null for one without an end.</summary>
    public EphemeralSettings? Ephemeral { get; init; }

    /// <summary>What is on record of it while it is up with an end; of a machine, which clone it is.</summary>
    public EphemeralRuntime? Life { get; init; }

    /// <summary>Free label.</summary>
    public string? Lifecycle { get; init; }

    /// <summary>Deploy path in whose venue a local deployment runs (<c>inside:</c>).</summary>
    public string? Inside { get; init; }

    /// <summary>Children that run inside this deployment's venue, in order; their keys are dotted paths.</summary>
    public IReadOnlyList<Deployment> Nested { get; init; } = [];

    /// <summary>Sibling deployments brought up with this one, in order.</summary>
    public IReadOnlyList<Deployment> Peers { get; init; } = [];

    /// <summary>Key of the deployment whose child it is; null for one that is nested in none.</summary>
    public string? Parent { get; init; }

    /// <summary>Key of the deployment that owns this peer; null for all others.</summary>
    public string? Owner { get; init; }

    /// <summary>Whether it comes from <c>eval:</c>, that is, is a bed for checks.</summary>
    public bool IsBed { get; init; }

    /// <summary>Checks, which come after those of candies, box and template (candy-and-plan.md §9.5).</summary>
    public IReadOnlyList<Check> Checks { get; init; } = [];

    /// <summary>The whole entry as written, for the fields that only one target reads; aliases are already replaced by the proper keys.</summary>
    public YamlMapping? Body { get; init; }

    /// <summary>The container engine that a pod chooses for itself; null for the usual one.</summary>
    internal string? Engine => (Body?["engine"] as YamlScalar)?.Text;

    /// <summary>Where a field stands; the entry's own place if it is not written.</summary>
    internal SourcePosition? At(string key) => Body?[key]?.Position ?? Position;
}

/// <summary>What a deployment holds and may be stopped for.</summary>
/// <param name="Holds">Tokens of the resources.</param>
/// <param name="RestoreAlways">Whether it is started again whatever became of the claimant; else only after it succeeded.</param>
public sealed record Preemption(IReadOnlyList<string> Holds, bool RestoreAlways = true);
