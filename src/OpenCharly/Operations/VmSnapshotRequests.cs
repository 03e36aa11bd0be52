using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>What <c>CreateVmSnapshot</c> works from.</summary>
public sealed record CreateVmSnapshotRequest
{
    /// <summary>Name of the machine.</summary>
    public required string Name { get; init; }

    /// <summary>Name of the snapshot: letters, digits, dashes and underscores.</summary>
    public required string Snapshot { get; init; }

    /// <summary>Where its data goes; the backend's default if null: internal for QEMU, external for libvirt.</summary>
    public VmSnapshotMode? Mode { get; init; }

    /// <summary>A word on what it is.</summary>
    public string? Description { get; init; }

    /// <summary>Freeze the guest's file systems meanwhile.</summary>
    public bool Quiesce { get; init; }

    /// <summary>Leave the memory of a running machine out.</summary>
    public bool DiskOnly { get; init; }
}

/// <summary>A snapshot of a machine, named.</summary>
/// <param name="Name">Name of the machine.</param>
/// <param name="Snapshot">Name of the snapshot.</param>
public sealed record VmSnapshotRequest(string Name, string Snapshot)
{
    /// <summary>For a removal: also if clones stand on it, which then have lost their base.</summary>
    public bool Force { get; init; }
}
