using OpenCharly.Foundation;

namespace OpenCharly.Model;

/// <summary>Kinds of objects that run a deployment's pods.</summary>
public enum WorkloadKind
{
    /// <summary>Pods that can be replaced by others.</summary>
    Deployment,

    /// <summary>Pods with storage and a name of their own.</summary>
    StatefulSet,

    /// <summary>One pod a node.</summary>
    DaemonSet,

    /// <summary>A single pod that nothing replaces.</summary>
    Pod,

    /// <summary>A pod that runs to its end.</summary>
    Job,

    /// <summary>A job by a timetable.</summary>
    CronJob,
}

/// <summary>What a deploy entry says of itself to a cluster (deploy.md §7.6).</summary>
public sealed record Workload
{
    /// <summary>Key of the deployment.</summary>
    public required string Key { get; init; }

    /// <summary>The kind that was asked for; null to choose between a Deployment and a StatefulSet by whether there is storage.</summary>
    public WorkloadKind? Kind { get; init; }

    /// <summary>Namespace; null for the profile's.</summary>
    public string? Namespace { get; init; }

    /// <summary>Number of pods.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>What happens when a pod ends: <c>Always</c>, <c>OnFailure</c>, <c>Never</c>; null for the kind's own default.</summary>
    public string? Restart { get; init; }

    /// <summary>Timetable of a CronJob, in five fields.</summary>
    public string? Schedule { get; init; }

    /// <summary>Requested processors and memory, as quantities.</summary>
    public IReadOnlyDictionary<string, string> Requests { get; init; } = new Dictionary<string, string>();

    /// <summary>Most processors and memory, as quantities.</summary>
    public IReadOnlyDictionary<string, string> Limits { get; init; } = new Dictionary<string, string>();

    /// <summary>How it is reached from outside; null if it is not.</summary>
    public WorkloadIngress? Expose { get; init; }

    /// <summary>Storage.</summary>
    public IReadOnlyList<WorkloadStorage> Storage { get; init; } = [];

    /// <summary>Volumes that a pod of this entry would get.</summary>
    public IReadOnlyList<WorkloadVolume> Volumes { get; init; } = [];

    /// <summary>Checks by probe: <c>liveness</c>, <c>readiness</c>, <c>startup</c>.</summary>
    public IReadOnlyDictionary<string, Check> Probes { get; init; } = new Dictionary<string, Check>();

    /// <summary>Secrets.</summary>
    public IReadOnlyList<WorkloadSecret> Secrets { get; init; } = [];

    /// <summary>Patches of the overlay.</summary>
    public IReadOnlyList<WorkloadPatch> Patches { get; init; } = [];

    /// <summary>Files that are copied as they are, relative to the project.</summary>
    public IReadOnlyList<SourcedText> Raw { get; init; } = [];
}

/// <summary>How a deployment is reached from outside.</summary>
/// <param name="Host">Host name.</param>
/// <param name="Path">Path.</param>
/// <param name="Port">Port; null for the image's first, else 80.</param>
/// <param name="Tls">Whether it has a certificate.</param>
public sealed record WorkloadIngress(string Host, string Path, int? Port, bool Tls);

/// <summary>Storage that a deployment asks for.</summary>
/// <param name="Name">Name.</param>
/// <param name="Size">Size, as a quantity.</param>
/// <param name="Hint">What kind of storage it should be: <c>fast</c>, <c>cheap</c>, <c>encrypted</c>; null for the default.</param>
/// <param name="AccessMode">Access mode in the words of Kubernetes; null for the profile's.</param>
/// <param name="Path">Where it is mounted; null for the volume's path of the same name, else <c>/var/lib/NAME</c>.</param>
public sealed record WorkloadStorage(string Name, string Size, string? Hint, string? AccessMode, string? Path);

/// <summary>A volume of the entry, or of the image.</summary>
/// <param name="Name">Name.</param>
/// <param name="Path">Path in the container; null if only the image knows it.</param>
/// <param name="Type"><c>volume</c>, <c>bind</c> or <c>encrypted</c>.</param>
public sealed record WorkloadVolume(string Name, string? Path, string Type = "volume");

/// <summary>A secret of the entry, or of the image.</summary>
/// <param name="Name">Name.</param>
/// <param name="Variable">Variable that holds it; null if it is a file.</param>
/// <param name="Target">File below <c>/run/secrets</c>; null if it is a variable.</param>
/// <param name="Source">Where its value comes from: <c>keyring</c>, <c>env:VARIABLE</c>, <c>file:/path</c>; null for the usual places.</param>
/// <param name="Position">Where it stands; null if the image has it.</param>
public sealed record WorkloadSecret(string Name, string? Variable, string? Target, string? Source = null, SourcePosition? Position = null);

/// <summary>A change to generated objects.</summary>
/// <param name="Kind">Kind of the objects; null for all.</param>
/// <param name="Name">Name of the object; null for all.</param>
/// <param name="Namespace">Namespace of the objects; null for all.</param>
/// <param name="Patch">The patch: YAML or JSON.</param>
public sealed record WorkloadPatch(string? Kind, string? Name, string? Namespace, string Patch);
