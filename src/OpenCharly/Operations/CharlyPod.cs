using OpenCharly.Pods;

namespace OpenCharly.Operations;

/// <summary>What a pod is doing.</summary>
public enum PodStatus
{
    /// <summary>It runs.</summary>
    Running,

    /// <summary>Its container is there, and does not run.</summary>
    Stopped,

    /// <summary>Its processes are frozen.</summary>
    Paused,

    /// <summary>Its container can't be started any more.</summary>
    Dead,

    /// <summary>Its container is just being removed.</summary>
    Removing,

    /// <summary>Its unit failed.</summary>
    Failed,

    /// <summary>It has a quadlet and was not started.</summary>
    Enabled,

    /// <summary>It has an entry only.</summary>
    NotConfigured,
}

/// <summary>A published port of a pod.</summary>
/// <param name="HostIp">Address of this machine.</param>
/// <param name="HostPort">Port of this machine.</param>
/// <param name="ContainerPort">Port in the container.</param>
/// <param name="Protocol"><c>tcp</c> or <c>udp</c>.</param>
public sealed record PodPublishedPort(string HostIp, int HostPort, int ContainerPort, string Protocol);

/// <summary>A pod as it is right now: what runs beats the entry, the entry beats the image (pod.md §15.4).</summary>
public sealed record CharlyPod
{
    /// <summary>Deploy key.</summary>
    public required string Name { get; init; }

    /// <summary>What it is doing.</summary>
    public required PodStatus Status { get; init; }

    /// <summary>Name of its container.</summary>
    public required string Container { get; init; }

    /// <summary>Box, or image that runs.</summary>
    public string ImageReference { get; init; } = "";

    /// <summary>Instance; empty for a base.</summary>
    public string Instance { get; init; } = "";

    /// <summary>How long it runs, as the engine says it; empty if it does not.</summary>
    public string Uptime { get; init; } = "";

    /// <summary>Published ports.</summary>
    public IReadOnlyList<PodPublishedPort> Ports { get; init; } = [];

    /// <summary>Kinds of devices: gpu, kfd, dri, kvm, fuse, tun, else the name of the file.</summary>
    public IReadOnlyList<string> Devices { get; init; } = [];

    /// <summary>Tools that answered just now. Those inside the container are asked only where one pod is looked at in detail.</summary>
    public IReadOnlyList<PodTool> Tools { get; init; } = [];

    /// <summary>Volumes: <c>name: source -> path</c>.</summary>
    public IReadOnlyList<string> Volumes { get; init; } = [];

    /// <summary>Network.</summary>
    public string Network { get; init; } = "";

    /// <summary>Deployments inside of it, each before what is inside of it; empty unless they were asked for.</summary>
    public IReadOnlyList<PodChild> Nested { get; init; } = [];

    /// <summary>Provider of its tunnel.</summary>
    public string Tunnel { get; init; } = "";

    /// <summary>Names of its secrets in the engine.</summary>
    public IReadOnlyList<string> Secrets { get; init; } = [];

    /// <summary><c>quadlet</c> or <c>direct</c>.</summary>
    public string RunMode { get; init; } = "quadlet";

    /// <summary>Where this is known from: <c>container</c>, <c>quadlet</c> or <c>entry</c>.</summary>
    public string Source { get; init; } = "entry";

    /// <summary>The word for its status.</summary>
    public string StatusWord => WordOf(Status);

    /// <summary>A state for people, like <c>running</c> or <c>not configured</c>.</summary>
    public static string WordOf(PodStatus status) => status == PodStatus.NotConfigured ? "not configured" : status.ToString().ToLowerInvariant();

    /// <inheritdoc/>
    public override string ToString() => Name;
}
