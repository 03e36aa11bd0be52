namespace OpenCharly.Plans;

/// <summary>A unit of the target's service manager.</summary>
/// <param name="Name">Name with suffix.</param>
/// <param name="IsUser">True for the user's own manager.</param>
public sealed record UnitReference(string Name, bool IsUser);

/// <summary>
/// A step as bash: what runs, and what has to be remembered before it runs so that it can be undone. The body runs
/// under <c>set -e</c> in a subshell with empty standard input, as root or as the deploy user, with the functions of
/// the target's apply prologue at hand: <c>charly_keep PATH…</c> remembers what stands at paths that are only known
/// while the step runs.
/// </summary>
public sealed record StepScript
{
    /// <summary>The commands, one statement a line; no trailing newline.</summary>
    public required string Body { get; init; }

    /// <summary>The functions that <see cref="Body"/> begins with, each a paragraph of its own: several steps that run in one script need them once.</summary>
    internal IReadOnlyList<string> Functions { get; init; } = [];

    /// <summary>Where in <see cref="Body"/> its last command begins.</summary>
    internal int LastCommand { get; init; }

    /// <summary>Whether it runs as root.</summary>
    public required bool AsRoot { get; init; }

    /// <summary>Absolute paths that it writes, replaces or removes; what stands there is kept first.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Folders that it makes if they are not there, parents of <see cref="Paths"/> included.</summary>
    public IReadOnlyList<string> Folders { get; init; } = [];

    /// <summary>Package format whose database it changes; null if none. The packages before and after are compared.</summary>
    public string? PackageFormat { get; init; }

    /// <summary>Units whose enabled and active state it changes; the state before is remembered.</summary>
    public IReadOnlyList<UnitReference> Units { get; init; } = [];

    /// <summary>Account whose service manager it has outlive the log-ins; null if none. Whether it did so before is remembered.</summary>
    public string? LingerUser { get; init; }

    /// <summary>Files that must be on the target before the body runs: staged name to path on the operator's machine with the expected digest.</summary>
    public IReadOnlyList<StagedFile> Staged { get; init; } = [];

    /// <summary>Whether the result can be looked at later: files, packages, units. False for <c>cmd</c> and <c>sh</c> downloads.</summary>
    public bool LeavesTraces { get; init; } = true;

    /// <summary>
    /// Whether the body runs commands that may speak the account's language. File commands of ours don't: without a
    /// locale each of them starts a third faster in an emulated guest.
    /// </summary>
    public bool UsesLocale { get; init; } = true;

    /// <summary>Whether a failed start of a unit is only a warning (guests, which start it on boot).</summary>
    public bool StartIsBestEffort { get; init; }
}

/// <summary>A file that travels to the target's staging folder, whose path the body finds in <c>$CHARLY_STAGE</c>.</summary>
/// <param name="Name">Path below the staging folder.</param>
/// <param name="Source">Path on the operator's machine.</param>
/// <param name="Sha256">Expected digest; a file that changed since the plan was made is an error.</param>
/// <param name="Mode">Its mode in the staging folder, octal: scripts below <c>/ctx/</c> may be run.</param>
public sealed record StagedFile(string Name, string Source, string Sha256, string Mode = "0644");
