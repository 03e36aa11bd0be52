namespace OpenCharly.Plans;

/// <summary>Environment variables and PATH entries of the user, in an env.d file.</summary>
public sealed record ShellHookStep : InstallStep
{
    /// <inheritdoc/>
    public override StepKind Kind => StepKind.ShellHook;

    /// <summary>Variables, in ordinal order of their names.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>Folders put in front of PATH, in order.</summary>
    public IReadOnlyList<string> PathEntries { get; init; } = [];

    /// <summary>Path of the env.d file.</summary>
    public required string EnvFile { get; init; }

    /// <inheritdoc/>
    public override string Summary =>
        "environment: " + string.Join(", ", Variables.Keys.Concat(PathEntries.Count > 0 ? ["PATH"] : []));
}

/// <summary>Lines in the start-up file of one shell.</summary>
public sealed record ShellSnippetStep : InstallStep
{
    /// <inheritdoc/>
    public override StepKind Kind => StepKind.ShellSnippet;

    /// <summary>Where it comes from: <c>candy</c>, <c>box</c> or <c>deploy</c>.</summary>
    public string Origin { get; init; } = "candy";

    /// <summary>Shell: <c>bash zsh fish sh</c>.</summary>
    public required string Shell { get; init; }

    /// <summary>The lines, PATH additions included.</summary>
    public required string Snippet { get; init; }

    /// <summary>Folders that the snippet adds to PATH, already part of <see cref="Snippet"/>.</summary>
    public IReadOnlyList<string> PathAppend { get; init; } = [];

    /// <summary>File that it goes into.</summary>
    public required string Destination { get; init; }

    /// <summary>Tag of the managed block: the candy's name.</summary>
    public required string Marker { get; init; }

    /// <summary>True if the destination is a file of its own, false for a managed block.</summary>
    public bool UseDropIn { get; init; }

    /// <summary>Order among snippets.</summary>
    public int Priority { get; init; } = 50;

    /// <inheritdoc/>
    public override string Summary => $"{Shell} snippet in {Destination}";
}
