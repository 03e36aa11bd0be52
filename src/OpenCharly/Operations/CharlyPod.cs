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
public sealed record CharlyPod : DeploymentFacts
{
    /// <summary>What it is doing.</summary>
    public required PodStatus Status { get; init; }

    /// <summary>The word for its status.</summary>
    public string StatusWord => WordOf(Status);

    /// <summary>A state for people, like <c>running</c> or <c>not configured</c>.</summary>
    public static string WordOf(PodStatus status) => status == PodStatus.NotConfigured ? "not configured" : status.ToString().ToLowerInvariant();

    /// <inheritdoc/>
    public override string ToString() => Name;
}
