using OpenCharly.Foundation;

namespace OpenCharly.Model;

/// <summary>A task: exactly one verb and its fields (§3.2), as written, before variables are substituted.</summary>
public sealed record CandyTask
{
    /// <summary>Verb: <c>cmd mkdir copy write download link setcap build</c>.</summary>
    public required string Verb { get; init; }

    /// <summary>The verb's own value.</summary>
    public required string Value { get; init; }

    /// <summary>Where the task stands.</summary>
    public required SourcePosition Position { get; init; }

    /// <summary>User: <c>root</c> (also if absent), <c>${USER}</c>, a name, <c>uid[:gid]</c>.</summary>
    public string User { get; init; } = "root";

    /// <summary>Mode, octal; null if absent.</summary>
    public string? Mode { get; init; }

    /// <summary>Destination (copy, download); target of a link.</summary>
    public string? To { get; init; }

    /// <summary>Content (write).</summary>
    public string? Content { get; init; }

    /// <summary>Archive type (download); null to infer.</summary>
    public string? Extract { get; init; }

    /// <summary>Leading path parts to drop (download).</summary>
    public int StripComponents { get; init; }

    /// <summary>Archive members (download).</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Files that teardown removes (download).</summary>
    public IReadOnlyList<string> Uninstall { get; init; } = [];

    /// <summary>Capabilities (setcap).</summary>
    public string? Capabilities { get; init; }

    /// <summary>Task environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Cached folders (container builds).</summary>
    public IReadOnlyList<string> Cache { get; init; } = [];
}
