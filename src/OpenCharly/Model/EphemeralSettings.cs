using System.Text.RegularExpressions;
using OpenCharly.Foundation;

namespace OpenCharly.Model;

/// <summary>How long a deployment lives, and what its instance is called (deploy.md §9).</summary>
/// <param name="Lifetime">From its add to its end.</param>
/// <param name="KeepOnFailure">Whether what was made stays when its add fails.</param>
/// <param name="NamingPattern">Name of the instance, with <c>{{.Source}}</c> and <c>{{.UUID6}}</c>.</param>
public sealed partial record EphemeralSettings(TimeSpan Lifetime, bool KeepOnFailure, string NamingPattern)
{
    /// <summary>What names of instances hold, and nobody else's name may.</summary>
    public const string Infix = "-eph-";

    /// <summary>The pattern of an entry that has none of its own.</summary>
    public const string DefaultPattern = "{{.Source}}-eph-{{.UUID6}}";

    /// <summary>The lifetime of an entry that has none of its own.</summary>
    public static TimeSpan DefaultLifetime { get; } = TimeSpan.FromHours(1);

    /// <summary>The name of an instance.</summary>
    /// <param name="key">Deploy key; of <c>vm:web</c> the source is <c>web</c>, and what no name may hold becomes a dash.</param>
    /// <param name="id">Six hexadecimal digits.</param>
    public string NameOf(string key, string id)
    {
        var source = key.StartsWith("vm:", StringComparison.Ordinal) ? key[3..] : key;
        source = string.Concat(source.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' ? c : '-'));
        return Placeholder().Replace(NamingPattern, m => m.Groups[1].Value switch { "Source" => source, "UUID6" => id, _ => m.Value });
    }

    /// <summary>Whether instances of a pattern are told apart, and told from what is not short-lived.</summary>
    internal bool Suits(string key) => NamingPattern.Contains(Infix, StringComparison.Ordinal)
        && Placeholder().Matches(NamingPattern).Any(m => m.Groups[1].Value == "UUID6")
        && Names.IsVmInstance(NameOf(key, "0a1b2c"));

    [GeneratedRegex(@"\{\{\s*\.([A-Za-z0-9]+)\s*\}\}")]
    private static partial Regex Placeholder();
}

/// <summary>What is on record of a short-lived deployment that is up: <c>vm_state.ephemeral</c> of its entry.</summary>
public sealed record EphemeralRuntime
{
    /// <summary>Six hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>Name of the instance; of a machine the part behind the slash.</summary>
    public required string InstanceName { get; init; }

    /// <summary>When it ends, UTC.</summary>
    public required DateTimeOffset Deadline { get; init; }

    /// <summary><c>creating</c>, <c>ready</c>, or <c>failed</c> for one whose add or end failed.</summary>
    public string Status { get; init; } = "creating";

    /// <summary>Entity of the machine that it is a clone of; null for other targets.</summary>
    public string? ParentVm { get; init; }

    /// <summary>Snapshot that the clone's disk stands on; null for the entity's own disk.</summary>
    public string? ParentSnapshot { get; init; }

    /// <summary>Id of the short-lived deployment within whose life it was made, and ends; null for none.</summary>
    public string? ParentEphemeral { get; init; }

    /// <summary>Short-lived deployments made within this one's life that are still there.</summary>
    public int ChildRefcount { get; init; }

    /// <summary>Timer unit that ends it; null where no service manager of the user runs.</summary>
    public string? TimerUnit { get; init; }

    /// <summary>Whether its time is over.</summary>
    public bool IsOver(TimeProvider clock) => clock.GetUtcNow() >= Deadline;
}
