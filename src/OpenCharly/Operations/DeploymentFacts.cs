namespace OpenCharly.Operations;

/// <summary>What can be seen of a deployment right now, whatever its target is (pod.md §15.4).</summary>
public abstract record DeploymentFacts
{
    /// <summary>Deploy key; of a machine its name, <c>base/instance</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Container of a pod, id of a machine, object of a cluster, host, or serial number of a device.</summary>
    public string Container { get; init; } = "";

    /// <summary>Box or image that runs, or what stands for it.</summary>
    public string ImageReference { get; init; } = "";

    /// <summary>Instance; empty for a base.</summary>
    public string Instance { get; init; } = "";

    /// <summary>How long it runs, as the engine says it; empty if it does not, or nobody says.</summary>
    public string Uptime { get; init; } = "";

    /// <summary>Published ports.</summary>
    public IReadOnlyList<PodPublishedPort> Ports { get; init; } = [];

    /// <summary>Kinds of devices: gpu, kfd, dri, kvm, fuse, tun, else the name of the file.</summary>
    public IReadOnlyList<string> Devices { get; init; } = [];

    /// <summary>Tools that answered just now. Those inside a container are asked only where one pod is looked at in detail.</summary>
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

    /// <summary>When a short-lived one is removed by itself, UTC (deploy.md §9); null for one without an end.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>Deployments inside of it, each before what is inside of it; empty unless they were asked for.</summary>
    public IReadOnlyList<PodChild> Nested { get; init; } = [];

    /// <summary>Where this is known from: <c>container</c>, <c>quadlet</c>, <c>entry</c>, <c>machine</c> or <c>ledger</c>.</summary>
    public string Source { get; init; } = "entry";
}
