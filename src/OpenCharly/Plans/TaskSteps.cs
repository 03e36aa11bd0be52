namespace OpenCharly.Plans;

/// <summary>A file of a candy, as it was when the plan was made.</summary>
/// <param name="Path">Path below the candy's folder.</param>
/// <param name="Sha256">Digest of its content, hex.</param>
/// <param name="Size">Size in bytes.</param>
/// <param name="Mode">Its mode on the operator's disk, octal such as <c>0755</c>.</param>
public sealed record CandyFile(string Path, string Sha256, long Size, string Mode);

/// <summary>One task of a candy.</summary>
public sealed record OpStep : InstallStep
{
    /// <inheritdoc/>
    public override StepKind Kind => StepKind.Op;

    /// <summary>Verb: <c>cmd mkdir copy write link download setcap</c>.</summary>
    public required string Verb { get; init; }

    /// <summary>
    /// The verb's own value with variables substituted (never for <c>cmd</c>): script, folder, source, destination of
    /// <c>write</c>, address, link, file.
    /// </summary>
    public required string Value { get; init; }

    /// <summary>Destination of <c>copy</c> and <c>download</c>; target of <c>link</c>.</summary>
    public string? To { get; init; }

    /// <summary>Content of <c>write</c>, byte for byte.</summary>
    public string? Content { get; init; }

    /// <summary>Mode, octal such as <c>0755</c>.</summary>
    public string? Mode { get; init; }

    /// <summary>User that the task runs as: <c>root</c>, the deploy user's name, another name, or <c>uid[:gid]</c>.</summary>
    public required string ResolvedUser { get; init; }

    /// <summary>The candy's folder, for <c>copy</c> and <c>/ctx/</c>.</summary>
    public required string CandyFolder { get; init; }

    /// <summary>Files that <c>copy</c> places (one, or a tree with paths below the source folder), or that <c>cmd</c> may see below <c>/ctx/</c>.</summary>
    public IReadOnlyList<CandyFile> Files { get; init; } = [];

    /// <summary>Whether the source of <c>copy</c> is a folder.</summary>
    public bool IsFolder { get; init; }

    /// <summary>Archive type of <c>download</c>: <c>tar.gz tar.xz tar.zst zip none sh</c>.</summary>
    public string? Extract { get; init; }

    /// <summary>Leading path parts to drop (download).</summary>
    public int StripComponents { get; init; }

    /// <summary>Archive members to take (download); all if empty.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Files that undo removes (download).</summary>
    public IReadOnlyList<string> Uninstall { get; init; } = [];

    /// <summary>Capabilities (setcap); empty removes them.</summary>
    public string? Capabilities { get; init; }

    /// <summary>Variables exported before <c>cmd</c> and <c>download</c>, sorted by name: the candy's <c>var</c>, then the task's <c>env</c>.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>Names of secrets that are exported as well; values are resolved at the last moment and are in no plan.</summary>
    public IReadOnlyList<string> Secrets { get; init; } = [];

    /// <summary>Folders that a container build caches.</summary>
    public IReadOnlyList<string> Cache { get; init; } = [];

    /// <inheritdoc/>
    public override string Summary => Verb switch
    {
        "cmd" => "cmd: " + (Value.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault(l => !l.StartsWith('#')) ?? ""),
        "copy" or "download" when To is not null => $"{Verb}: {Value} -> {To}",
        "link" => $"link: {Value} -> {To}",
        _ => $"{Verb}: {Value}",
    };
}

/// <summary>One file placed whole.</summary>
public sealed record FileStep : InstallStep
{
    /// <inheritdoc/>
    public override StepKind Kind => StepKind.File;

    /// <summary>Path on the operator's machine.</summary>
    public required string Source { get; init; }

    /// <summary>Digest of the content, hex.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Destination.</summary>
    public required string Destination { get; init; }

    /// <summary>Mode, octal.</summary>
    public string Mode { get; init; } = "0644";

    /// <summary>Owner <c>user[:group]</c>; by scope if null.</summary>
    public string? Owner { get; init; }

    /// <inheritdoc/>
    public override string Summary => $"file: {Destination}";
}
