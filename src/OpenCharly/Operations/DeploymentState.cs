namespace OpenCharly.Operations;

/// <summary>A deployment of any target as it is right now: a row of <c>charly status</c> (pod.md §15.4).</summary>
public sealed record DeploymentState
{
    /// <summary>Target: <c>pod vm k8s local android</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Deploy key; of a machine its name, <c>base/instance</c>.</summary>
    public required string Name { get; init; }

    /// <summary><c>running stopped paused dead removing failed enabled</c>, <c>not configured</c>, or <c>unknown</c> for what did not answer.</summary>
    public required string Status { get; init; }

    /// <summary>Container of a pod, id of a machine, object of a cluster, host, or serial number of a device.</summary>
    public string Container { get; init; } = "";

    /// <summary>Image, or what stands for it.</summary>
    public string ImageReference { get; init; } = "";

    /// <summary>Instance; empty for a base.</summary>
    public string Instance { get; init; } = "";

    /// <summary>How long it runs, as the engine says it; empty where nobody says.</summary>
    public string Uptime { get; init; } = "";

    /// <summary>Published ports.</summary>
    public IReadOnlyList<PodPublishedPort> Ports { get; init; } = [];

    /// <summary>Kinds of devices.</summary>
    public IReadOnlyList<string> Devices { get; init; } = [];

    /// <summary>Tools that answered just now.</summary>
    public IReadOnlyList<PodTool> Tools { get; init; } = [];

    /// <summary>Volumes: <c>name: source -> path</c>.</summary>
    public IReadOnlyList<string> Volumes { get; init; } = [];

    /// <summary>Network.</summary>
    public string Network { get; init; } = "";

    /// <summary>Provider of its tunnel.</summary>
    public string Tunnel { get; init; } = "";

    /// <summary>Names of its secrets in the engine.</summary>
    public IReadOnlyList<string> Secrets { get; init; } = [];

    /// <summary><c>quadlet</c> or <c>direct</c> for a pod, the backend of a machine, <c>cluster</c>, <c>host</c>, <c>device</c>.</summary>
    public string RunMode { get; init; } = "";

    /// <summary>Deployments inside of it; empty unless they were asked for.</summary>
    public IReadOnlyList<PodChild> Nested { get; init; } = [];

    /// <summary>Where this is known from.</summary>
    public string Source { get; init; } = "entry";

    /// <summary>Whether it runs.</summary>
    public bool IsRunning => Status == "running";

    /// <summary>The pod that it is; null for other targets.</summary>
    public CharlyPod? Pod { get; init; }

    /// <summary>The machine that it is; null for other targets.</summary>
    public Vms.CharlyVm? Machine { get; init; }

    /// <summary>A pod as a row.</summary>
    public static DeploymentState Of(CharlyPod pod) => new()
    {
        Kind = "pod", Name = pod.Name, Status = pod.StatusWord, Container = pod.Container, ImageReference = pod.ImageReference, Instance = pod.Instance, Uptime = pod.Uptime, Ports = pod.Ports, Devices = pod.Devices,
        Tools = pod.Tools, Volumes = pod.Volumes, Network = pod.Network, Tunnel = pod.Tunnel, Secrets = pod.Secrets, RunMode = pod.RunMode, Nested = pod.Nested, Source = pod.Source, Pod = pod,
    };

    /// <inheritdoc/>
    public override string ToString() => $"{Kind} {Name}";
}
