namespace OpenCharly.Ledger;

/// <summary>What stood at a path when a removal began to undo.</summary>
/// <param name="Path">Absolute path.</param>
/// <param name="Kind"><c>a</c> nothing, <c>f</c> a file or link, <c>t</c> a whole tree, <c>d</c> a folder.</param>
/// <param name="AsRoot">Whether root saved it.</param>
internal sealed record SavedPath(string Path, char Kind, bool AsRoot)
{
    /// <summary>Folder below the backup folder that holds the saved file or tree under its whole path.</summary>
    public string? Folder { get; init; }

    /// <summary>Mode of a folder, octal.</summary>
    public string? Mode { get; init; }

    /// <summary>Owner of a folder, <c>uid:gid</c>.</summary>
    public string? Owner { get; init; }
}

/// <summary>Packages that a removal set out to take away, as they were.</summary>
/// <param name="Format">Package format.</param>
/// <param name="Versions">Each as <c>name=version</c>.</param>
/// <param name="Automatic">Those of them that had come along.</param>
internal sealed record SavedPackages(string Format, IReadOnlyList<string> Versions, IReadOnlyList<string> Automatic);

/// <summary>What the journal of a removal tells of the state before it, so that the removal can be taken back.</summary>
internal sealed class UndoJournal
{
    /// <summary>Candies whose undoing began.</summary>
    public HashSet<string> Begun { get; } = new(StringComparer.Ordinal);

    /// <summary>Paths, in the order in which they were saved; the first word on a path counts.</summary>
    public Dictionary<string, SavedPath> Paths { get; } = new(StringComparer.Ordinal);

    /// <summary>Packages, in the order in which they were to go.</summary>
    public List<SavedPackages> Packages { get; } = [];

    /// <summary>States of units; keys as <see cref="StepIntent.UnitText"/>.</summary>
    public Dictionary<string, UnitState> Units { get; } = new(StringComparer.Ordinal);

    /// <summary>Run-level links of units that have an init script; keys as <see cref="StepIntent.UnitText"/>.</summary>
    public Dictionary<string, IReadOnlyList<string>> RunLevels { get; } = new(StringComparer.Ordinal);

    /// <summary>Accounts whose own service manager outlived their log-ins.</summary>
    public HashSet<string> Lingered { get; } = new(StringComparer.Ordinal);

    /// <summary>What a removal does that can't be taken back, for people.</summary>
    public List<string> Lost { get; } = [];

    /// <summary>Takes a line in; false if it is none of these.</summary>
    public bool Apply(char kind, string[] fields)
    {
        switch (kind, fields)
        {
            case ('U', [var candy]):
                Begun.Add(candy);
                return true;
            case ('T', [var what, var root, var folder, var path]) when what is "a" or "f" or "t":
                Paths.TryAdd(path, new SavedPath(path, what[0], root == "0") { Folder = folder.Length > 0 ? folder : null });
                return true;
            case ('T', ["d", var root, var mode, var owner, var path]):
                Paths.TryAdd(path, new SavedPath(path, 'd', root == "0") { Mode = mode, Owner = owner });
                return true;
            case ('C', [var format, var versions, var automatic]):
                Packages.Add(new SavedPackages(format, Words(versions), Words(automatic)));
                return true;
            case ('V', [_, var unit, var enabled, var active]):
                Units.TryAdd(unit, new UnitState(enabled, active));
                return true;
            case ('L', [_, var unit, var links]):
                RunLevels.TryAdd(unit, Words(links));
                return true;
            case ('M', [var account]):
                Lingered.Add(account);
                return true;
            case ('Q', [var what]):
                Lost.Add(what);
                return true;
            default:
                return false;
        }
    }

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
