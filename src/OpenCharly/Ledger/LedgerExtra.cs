namespace OpenCharly.Ledger;

/// <summary>The keys that the <c>extra</c> maps of reverse operations and recorded steps use. Lists are joined by newlines.</summary>
internal static class LedgerExtra
{
    /// <summary>Digest of the step that an operation undoes; on a step, its own digest.</summary>
    public const string Digest = "digest";

    /// <summary>What stood at the target before: <c>absent</c>, <c>file</c> (see <see cref="Backup"/>) or <c>folder</c>.</summary>
    public const string Prior = "prior";

    /// <summary>Where the prior file is kept, below the ledger's backup folder.</summary>
    public const string Backup = "backup";

    /// <summary>For a managed block whose own backup holds another candy's block that is gone by now: the file as it was before that one.</summary>
    public const string Origin = "origin";

    /// <summary>Mode of a prior folder, octal.</summary>
    public const string Mode = "mode";

    /// <summary>Owner of a prior folder, <c>uid:gid</c>.</summary>
    public const string Owner = "owner";

    /// <summary>Folders that the step made, outermost first; they go when they are empty.</summary>
    public const string Folders = "folders";

    /// <summary>On a folder operation: <c>true</c> if the folder goes only when it is empty.</summary>
    public const string OnlyIfEmpty = "only_if_empty";

    /// <summary>When the step of an operation first began, seconds since 1970: tells which candy wrote a path last.</summary>
    public const string At = "at";

    /// <summary>Tag of the managed block that an operation strips.</summary>
    public const string Marker = OpenCharly.Plans.ReverseExtra.Marker;

    /// <summary>Packages that came along.</summary>
    public const string Dependencies = "dependencies";

    /// <summary>Paths that maintainer scripts made and no package owns.</summary>
    public const string Strays = "strays";

    /// <summary>When the strays were listed, seconds since 1970: those changed later are not ours alone any more.</summary>
    public const string StraysAt = "strays_at";

    /// <summary>Accounts that maintainer scripts made.</summary>
    public const string Users = "users";

    /// <summary>Groups that maintainer scripts made.</summary>
    public const string Groups = "groups";

    /// <summary>Archive of the copies that programs make of the tables of accounts, as they were before, below the backup folder.</summary>
    public const string AccountCopies = "account_copies";

    /// <summary>SHA-256, hex, of the listing of those copies as the step left them: later changes are not ours.</summary>
    public const string AccountSum = "account_sum";

    /// <summary>Requested packages that were there before, marked as automatically installed.</summary>
    public const string Automatic = "automatic";

    /// <summary>Packages whose configuration was there before: they are removed, not purged.</summary>
    public const string Residual = "residual";

    /// <summary>Packages that the step brought to another version, each as <c>name=before=after</c>.</summary>
    public const string Upgraded = "upgraded";

    /// <summary>Packages that had to make room for those that came, each as <c>name=version</c>.</summary>
    public const string Gone = "gone";

    /// <summary>Keys that rpm trusts since the step, each as rpm numbers it.</summary>
    public const string Keys = "keys";

    /// <summary>Run-level links of a unit's init script before, or <see cref="None"/>; missing if it had no init script.</summary>
    public const string RunLevels = "run_levels";

    /// <summary>Whether the account's service manager outlived its log-ins before: <c>yes</c> or <c>no</c>.</summary>
    public const string PriorLinger = "prior_linger";

    /// <summary>Stands for an empty list where a missing one means something else.</summary>
    public const string None = "none";

    /// <summary>State of a unit file before, as systemd names it.</summary>
    public const string PriorEnabled = "prior_enabled";

    /// <summary>Active state of a unit before, as systemd names it.</summary>
    public const string PriorActive = "prior_active";

    /// <summary>On a step: paths that show whether it still stands.</summary>
    public const string Paths = "paths";

    /// <summary>On a step: packages that must be installed for it to stand.</summary>
    public const string Packages = "packages";

    /// <summary>On a step: a short digest of each of its fields, to tell later which one differs.</summary>
    public const string Fields = "fields";

    /// <summary>On a step: its package format.</summary>
    public const string Format = "format";

    /// <summary>On a step: units, each as <c>s name</c> or <c>u name</c>.</summary>
    public const string Units = "units";

    /// <summary>On a step: <c>true</c> if it leaves nothing to look at.</summary>
    public const string Opaque = "opaque";

    /// <summary>On a step: <c>true</c> if it ended in a run that was cut before its traces were taken.</summary>
    public const string Untraced = "untraced";

    /// <summary>On a step: when it ended, seconds since 1970 with their fraction: tells which of two steps wrote a path last.</summary>
    public const string Ended = "ended";

    /// <summary>On a step that writes a managed block: the block's marker.</summary>
    public const string Block = "block";

    /// <summary>On a step that writes a managed block: SHA-256 of the lines between its markers, hex.</summary>
    public const string BlockDigest = "block_digest";

    public static IReadOnlyList<string> List(IReadOnlyDictionary<string, string> extra, string key) =>
        extra.GetValueOrDefault(key) is { Length: > 0 } text ? text.Split('\n') : [];

    public static string Join(IEnumerable<string> items) => string.Join('\n', items);

    /// <summary>The map with one key set, or removed if the value is null or empty.</summary>
    public static IReadOnlyDictionary<string, string> With(this IReadOnlyDictionary<string, string> extra, string key, string? value)
    {
        var copy = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (k, v) in extra) copy[k] = v;
        if (string.IsNullOrEmpty(value)) copy.Remove(key);
        else copy[key] = value;
        return copy;
    }
}
