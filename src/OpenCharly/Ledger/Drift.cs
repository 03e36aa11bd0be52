namespace OpenCharly.Ledger;

/// <summary>What about a thing on record is no longer as it was applied.</summary>
public enum DriftKind
{
    /// <summary>A file has another content.</summary>
    Modified,

    /// <summary>A file, folder or link is gone.</summary>
    Missing,

    /// <summary>Something stands where a step left nothing.</summary>
    Reappeared,

    /// <summary>A file became a folder, a link a file, and so on.</summary>
    TypeChanged,

    /// <summary>A link points elsewhere.</summary>
    LinkChanged,

    /// <summary>Another mode.</summary>
    ModeChanged,

    /// <summary>Another owner or group.</summary>
    OwnerChanged,

    /// <summary>The lines of a managed block were edited.</summary>
    BlockChanged,

    /// <summary>A managed block was taken out of its file.</summary>
    BlockMissing,

    /// <summary>A package is not installed any more.</summary>
    PackageRemoved,

    /// <summary>A package has another version.</summary>
    PackageVersion,

    /// <summary>A unit was enabled, disabled, masked, or no longer runs.</summary>
    UnitState,

    /// <summary>A run was cut in this step, so it may be half done.</summary>
    Unfinished,
}

/// <summary>One difference between what a ledger says and what stands on its target, made by somebody other than charly.</summary>
public sealed record DriftItem
{
    /// <summary>Display name of the target, such as <c>vm:web</c>.</summary>
    public required string Target { get; init; }

    /// <summary>Deploy key of a bundle that holds the candy.</summary>
    public required string Bundle { get; init; }

    /// <summary>Candy whose step made it.</summary>
    public required string Candy { get; init; }

    /// <summary>The step in one line.</summary>
    public required string Step { get; init; }

    /// <summary>What differs.</summary>
    public required DriftKind Kind { get; init; }

    /// <summary>Absolute path; or the name of the package or unit.</summary>
    public required string Path { get; init; }

    /// <summary>As it was applied: <c>sha256:…</c>, <c>-&gt; target</c>, octal mode, <c>user:group</c>, version, unit state; null if there is nothing to say.</summary>
    public string? Before { get; init; }

    /// <summary>As it is now, in the same words; null if it is gone.</summary>
    public string? After { get; init; }

    /// <summary>Who owns the path now, <c>user:group</c>; null for what is gone, and for packages and units.</summary>
    public string? Owner { get; init; }

    /// <summary>When the path was changed last, UTC; null where <see cref="Owner"/> is.</summary>
    public DateTimeOffset? ChangedAt { get; init; }
}

/// <summary>What one look at a target found.</summary>
/// <param name="Target">Display name of the target.</param>
/// <param name="Bundles">Deploy keys on record there.</param>
/// <param name="Items">The differences, by candy and path.</param>
/// <param name="Unseen">Recorded paths that only root can see or read, where there are no root rights: nothing is known of their content.</param>
public sealed record DriftReport(string Target, IReadOnlyList<string> Bundles, IReadOnlyList<DriftItem> Items, IReadOnlyList<string> Unseen);
