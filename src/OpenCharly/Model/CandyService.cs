using OpenCharly.Foundation;

namespace OpenCharly.Model;

/// <summary>A service of a candy (§3.5).</summary>
public sealed record CandyService
{
    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Where it stands.</summary>
    public required SourcePosition Position { get; init; }

    /// <summary>Whether it belongs to the user's service manager.</summary>
    public bool IsUser { get; init; }

    /// <summary>Whether it is enabled and started.</summary>
    public bool Enable { get; init; }

    /// <summary>Unit that a package brings, suffix included; null for a custom service.</summary>
    public string? PackagedUnit { get; init; }

    /// <summary>Command line; null for a packaged service.</summary>
    public string? Exec { get; init; }

    /// <summary>Environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Restart policy: <c>always no on-failure unless-stopped</c>; null if absent.</summary>
    public string? Restart { get; init; }

    /// <summary>Working folder.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Account.</summary>
    public string? User { get; init; }

    /// <summary>Units that it starts after.</summary>
    public IReadOnlyList<string> After { get; init; } = [];

    /// <summary>Units that it starts before.</summary>
    public IReadOnlyList<string> Before { get; init; } = [];

    /// <summary>Targets that want it.</summary>
    public IReadOnlyList<string> WantedBy { get; init; } = [];

    /// <summary>Where its output goes: null for the journal, <c>file:PATH</c>, <c>none</c>.</summary>
    public string? StandardOutput { get; init; }

    /// <summary>Seconds that it may take to stop.</summary>
    public int? StopTimeout { get; init; }

    /// <summary>Drop-in of a packaged service; null if there is none.</summary>
    public ServiceOverrides? Overrides { get; init; }

    /// <summary>Whether it is a supervisord event listener, and for which events.</summary>
    public string? Events { get; init; }

    /// <summary>Whether supervisord starts it.</summary>
    public bool? AutoStart { get; init; }

    /// <summary>Seconds until supervisord calls it started.</summary>
    public int? StartSeconds { get; init; }

    /// <summary>Starts that supervisord tries.</summary>
    public int? StartRetries { get; init; }

    /// <summary>Exit codes that supervisord expects.</summary>
    public string? ExitCodes { get; init; }

    /// <summary>Signal that stops it.</summary>
    public string? StopSignal { get; init; }

    /// <summary>Order of supervisord.</summary>
    public int? Priority { get; init; }
}

/// <summary>A drop-in for a packaged unit.</summary>
/// <param name="Environment">Variables.</param>
/// <param name="After">Units that it starts after.</param>
/// <param name="Exec">New command line; null to keep.</param>
public sealed record ServiceOverrides(IReadOnlyDictionary<string, string> Environment, IReadOnlyList<string> After, string? Exec);
