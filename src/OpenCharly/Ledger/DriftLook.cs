using System.Globalization;

namespace OpenCharly.Ledger;

/// <summary>What <see cref="DriftScript"/> printed, taken apart.</summary>
internal sealed record DriftLook
{
    /// <summary>What the probe part saw.</summary>
    public required LedgerSnapshot Snapshot { get; init; }

    /// <summary>Stamps now, by path, those included that only root can see.</summary>
    public required IReadOnlyDictionary<string, string> Stamps { get; init; }

    /// <summary>Paths that only root can see, where there are no root rights.</summary>
    public IReadOnlySet<string> Unseen { get; init; } = new HashSet<string>();

    /// <summary>Digests now of paths whose stamps differ.</summary>
    public required IReadOnlyDictionary<string, string> Digests { get; init; }

    /// <summary>Digests on record.</summary>
    public required IReadOnlyDictionary<string, string> RecordedDigests { get; init; }

    /// <summary>Managed blocks now, markers included, by file; a file that was read and has none is there without any.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> Blocks { get; init; }

    /// <summary>Versions on record by <c>format name</c>; <c>-</c> for a package that was not installed.</summary>
    public required IReadOnlyDictionary<string, string> RecordedVersions { get; init; }

    /// <summary>Versions now; null if no package database changed.</summary>
    public IReadOnlyDictionary<string, string>? Versions { get; init; }

    /// <summary>Names of users by id.</summary>
    public required IReadOnlyDictionary<string, string> Users { get; init; }

    /// <summary>Names of groups by id.</summary>
    public required IReadOnlyDictionary<string, string> Groups { get; init; }

    /// <summary>Reads the output of the script.</summary>
    /// <exception cref="Foundation.CharlyException"><see cref="Foundation.Errors.LedgerRecord"/>, <see cref="Foundation.Errors.RunTarget"/>.</exception>
    public static DriftLook Parse(string output, string nonce)
    {
        var sections = new ProbeSections(output, nonce);
        var snapshot = LedgerSnapshot.Parse(sections);
        var stamps = new Dictionary<string, string>(snapshot.Stamps, StringComparer.Ordinal);
        foreach (var (path, stamp) in Ledger.Stamps.Read(sections.Text("nowroot") ?? "")) stamps[path] = stamp;
        var blocks = Lines(sections.Text("blocksread")).ToDictionary(p => p, _ => new List<string>(), StringComparer.Ordinal);
        foreach (var (path, text) in sections.All("block")) blocks[path].Add(text);
        return new DriftLook
        {
            Snapshot = snapshot,
            Stamps = stamps,
            Unseen = Lines(sections.Text("hidden")).ToHashSet(StringComparer.Ordinal),
            Digests = InspectScript.ReadDigests(sections.Text("digests") ?? ""),
            RecordedDigests = InspectScript.ReadDigests(sections.Text("recordeddigests") ?? ""),
            Blocks = blocks.ToDictionary(b => b.Key, b => (IReadOnlyList<string>)b.Value, StringComparer.Ordinal),
            RecordedVersions = ReadVersions(sections.Text("packages") ?? ""),
            Versions = sections.Text("packagesnow") is { } now ? ReadVersions(now) : null,
            Users = Names(sections.Text("passwd")),
            Groups = Names(sections.Text("group")),
        };
    }

    /// <summary>The owner that a stamp names, <c>user:group</c>; numbers where there is no name.</summary>
    public string Owner(string stamp)
    {
        var fields = stamp.Split(' ');
        return $"{Users.GetValueOrDefault(fields[3], fields[3])}:{Groups.GetValueOrDefault(fields[4], fields[4])}";
    }

    /// <summary>When a stamp says that the path changed.</summary>
    public static DateTimeOffset? ChangedAt(string stamp) =>
        decimal.TryParse(stamp.Split(' ')[5], NumberStyles.Number, CultureInfo.InvariantCulture, out var seconds)
            ? DateTimeOffset.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond))
            : null;

    private static string[] Lines(string? text) => text?.Split('\n', StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static Dictionary<string, string> ReadVersions(string text)
    {
        var versions = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n'))
        {
            if (line.Split(' ') is [var format, var name, var version]) versions[$"{format} {name}"] = version;
        }

        return versions;
    }

    private static Dictionary<string, string> Names(string? text)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in Lines(text))
        {
            if (line.Split(':') is [var name, _, var id, ..]) names.TryAdd(id, name);
        }

        return names;
    }
}
