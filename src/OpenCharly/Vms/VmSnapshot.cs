namespace OpenCharly.Vms;

/// <summary>Where a snapshot's data is.</summary>
public enum VmSnapshotMode
{
    /// <summary>Inside the machine's own disk image.</summary>
    Internal,

    /// <summary>A file of its own, on which the machine's disk, and clones, stand.</summary>
    External,
}

/// <summary>A snapshot of a machine (vm.md §2.6).</summary>
public sealed record VmSnapshot
{
    /// <summary>The machine, as people write it.</summary>
    public required string Vm { get; init; }

    /// <summary>Name, unique for the machine.</summary>
    public required string Name { get; init; }

    /// <summary>Where its data is.</summary>
    public required VmSnapshotMode Mode { get; init; }

    /// <summary>Its name inside the disk image, or libvirt's for it; null for a file of ours.</summary>
    public string? LibvirtName { get; init; }

    /// <summary>The file that holds the disk as it was then; null for an internal one.</summary>
    public string? DiskPath { get; init; }

    /// <summary>What the author says of it.</summary>
    public string? Description { get; init; }

    /// <summary>When it was taken, UTC.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>The newest snapshot of the machine at that time; null for the first.</summary>
    public string? Parent { get; init; }

    /// <summary>Clones that stand on it.</summary>
    public int Refcount { get; init; }

    /// <summary>Whether the guest's file systems were frozen for it.</summary>
    public bool Quiesced { get; init; }

    /// <summary>Whether the machine ran, and its memory is kept with the disk.</summary>
    public bool HasMemory { get; init; }

    /// <summary>The file that holds the memory, of an external one; null otherwise.</summary>
    public string? MemoryPath { get; init; }
}

/// <summary>What a backend is to freeze.</summary>
/// <param name="Name">Name of the snapshot, one that fits a file name.</param>
/// <param name="Mode">Where its data goes.</param>
/// <param name="Memory">Whether a running machine's memory is kept too.</param>
/// <param name="Quiesce">Whether to freeze the guest's file systems meanwhile; a guest that can't is told of, and no failure.</param>
/// <param name="Folder">Folder for files of the snapshot, absolute.</param>
public sealed record VmSnapshotOrder(string Name, VmSnapshotMode Mode, bool Memory, bool Quiesce, string Folder);

/// <summary>What a backend froze.</summary>
/// <param name="Handle">The machine's handle.</param>
/// <param name="LibvirtName">Its name in the disk image or in libvirt; null for a file of ours.</param>
/// <param name="DiskPath">The file that holds the disk as it was; null for an internal one.</param>
/// <param name="MemoryPath">The file that holds the memory; null without, or inside the disk.</param>
/// <param name="HasMemory">Whether the memory is kept.</param>
/// <param name="Quiesced">Whether the guest's file systems were frozen.</param>
public sealed record VmSnapshotOutcome(
    VmHandle Handle, string? LibvirtName, string? DiskPath, string? MemoryPath, bool HasMemory, bool Quiesced);
