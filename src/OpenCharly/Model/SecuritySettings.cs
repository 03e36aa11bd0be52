namespace OpenCharly.Model;

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
