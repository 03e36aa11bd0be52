namespace OpenCharly.Operations;

/// <summary>What <c>CopyVmItem</c> works from: one of the two sides is <c>NAME:PATH</c>, a path in a machine.</summary>
/// <param name="Source">Where from.</param>
/// <param name="Destination">Where to.</param>
/// <param name="Recurse">Whether folders are copied with all that they hold.</param>
public sealed record CopyVmItemRequest(string Source, string Destination, bool Recurse = false);

/// <summary>What <c>SyncVm</c> works from.</summary>
public sealed record SyncVmRequest
{
    /// <summary>Name of the machine; empty for the only one of the VMFile.</summary>
    public required string Name { get; init; }

    /// <summary>Folder or file on this machine; with a slash at its end, what the folder holds.</summary>
    public required string From { get; init; }

    /// <summary>Path in the guest.</summary>
    public required string To { get; init; }

    /// <summary>Owner of everything in the guest, <c>user[:group]</c>; as here if null.</summary>
    public string? Chown { get; init; }

    /// <summary>rsync patterns of what is left out; empty ones are skipped.</summary>
    public IReadOnlyList<string> Excludes { get; init; } = [];

    /// <summary>Delete in the guest what is not here.</summary>
    public bool Delete { get; init; }

    /// <summary>Account instead of the configured one.</summary>
    public string? User { get; init; }

    /// <summary>Port instead of the configured one.</summary>
    public int? Port { get; init; }

    /// <summary>Private key instead of the configured one.</summary>
    public string? KeyPath { get; init; }

    /// <summary>Only say what would be copied.</summary>
    public bool DryRun { get; init; }
}

/// <summary>What a copy moved.</summary>
/// <param name="Vm">The machine.</param>
/// <param name="Source">Where from.</param>
/// <param name="Destination">Where to.</param>
/// <param name="Files">Files that were sent.</param>
/// <param name="Bytes">Bytes of those files.</param>
/// <param name="Duration">Wall clock time.</param>
/// <param name="Items">Paths that were sent, where the program tells them.</param>
public sealed record TransferResult(string Vm, string Source, string Destination, long Files, long Bytes, TimeSpan Duration, IReadOnlyList<string> Items);
