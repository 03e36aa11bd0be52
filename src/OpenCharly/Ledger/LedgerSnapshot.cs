using System.Text.Json.Nodes;
using OpenCharly.Foundation;
using OpenCharly.Plans;

namespace OpenCharly.Ledger;

/// <summary>What <see cref="ProbeScript"/> printed, taken apart.</summary>
internal sealed record LedgerSnapshot
{
    public required TargetFacts Facts { get; init; }

    public required string BootId { get; init; }

    /// <summary>Whether the lock is held by the session now.</summary>
    public bool IsLocked { get; init; }

    /// <summary>Whether the ledger's folder is there, be it empty.</summary>
    public bool Exists { get; init; }

    /// <summary>Who held the lock last, as a <see cref="LockHolder"/> writes itself; empty if nobody did, or if that was lost in a power cut.</summary>
    public string LastHolder { get; init; } = "";

    /// <summary>Whether cloud-init is still setting the machine up.</summary>
    public bool IsSettingUp { get; init; }

    /// <summary>The records, as they are on the target: journals of cut runs are not folded in.</summary>
    public required LedgerState State { get; init; }

    /// <summary>Journals of cut runs, oldest first.</summary>
    public IReadOnlyList<RunJournal> Journals { get; init; } = [];

    /// <summary>What cut runs set out to do whose effects are in the records already: a run of another deployment came in between.</summary>
    public IReadOnlyList<RunJournal> Leftovers { get; init; } = [];

    /// <summary>Names of all journal files, also of those that tell nothing.</summary>
    public IReadOnlyList<string> JournalFiles { get; init; } = [];

    /// <summary>Runs that were cut before the first line of their journal was whole: nothing was done, and the file tells nothing.</summary>
    public IReadOnlyList<string> MuteRuns => [.. JournalFiles.Select(f => Path.GetFileNameWithoutExtension(f)).Except(Journals.Select(j => j.Run!.Run), StringComparer.Ordinal)];

    /// <summary>The text of each record file, by name below the ledger folder.</summary>
    public required IReadOnlyDictionary<string, string> Files { get; init; }

    /// <summary>Stamps as recorded, by path; <c>- - - - - -</c> for a path that was absent.</summary>
    public IReadOnlyDictionary<string, string> RecordedStamps { get; init; } = new Dictionary<string, string>();

    /// <summary>Stamps now, by path.</summary>
    public IReadOnlyDictionary<string, string> Stamps { get; init; } = new Dictionary<string, string>();

    /// <summary>Unit states as recorded, by <c>s name</c> or <c>u name</c>.</summary>
    public IReadOnlyDictionary<string, UnitState> RecordedUnits { get; init; } = new Dictionary<string, UnitState>();

    /// <summary>Unit states now.</summary>
    public IReadOnlyDictionary<string, UnitState> Units { get; init; } = new Dictionary<string, UnitState>();

    /// <summary>The closer look that came with it; null if none was asked for.</summary>
    public Inspection? Closer { get; init; }

    /// <summary>The records with the journals of cut runs folded in.</summary>
    public LedgerState Records() => Journals.Aggregate(State, (s, j) => LedgerFold.Apply(s, j, BootId, traced: false));

    /// <summary>Reads the output of the probe.</summary>
    /// <param name="output">What it printed.</param>
    /// <param name="nonce">Its section mark.</param>
    /// <exception cref="CharlyException"><see cref="Errors.LedgerRecord"/> for a record that can't be read,
    /// <see cref="Errors.RunTarget"/> if the output is not whole.</exception>
    public static LedgerSnapshot Parse(string output, string nonce) => Parse(new ProbeSections(output, nonce));

    /// <summary>As above, from output that is taken apart already.</summary>
    public static LedgerSnapshot Parse(ProbeSections sections)
    {
        if (!sections.IsWhole)
        {
            throw new CharlyException(Errors.RunTarget, "the target did not answer the first question in full", "Check that bash runs there: charly needs it on every target.");
        }

        string? Text(string name) => sections.Text(name);
        var files = sections.All("file").ToDictionary(s => s.Argument, s => s.Text, StringComparer.Ordinal);
        var stamps = Text("same") ?? Text("recorded") ?? "";
        var recordedStamps = Ledger.Stamps.Read(stamps);
        var recordedUnits = ReadUnits(Text("units") ?? "");
        var journals = files.Where(f => f.Key.StartsWith("journal/", StringComparison.Ordinal) && f.Key.EndsWith(".log", StringComparison.Ordinal)).OrderBy(f => f.Key, StringComparer.Ordinal).ToList();
        return new LedgerSnapshot
        {
            Facts = ReadFacts(Text("os") ?? "", sections.Argument, sections.Has("systemd")),
            BootId = sections.Argument("boot"),
            IsLocked = sections.Has("locked"),
            Exists = sections.Has("there"),
            LastHolder = sections.Argument("last"),
            IsSettingUp = sections.Has("cloudinit"),
            State = ReadState(files),
            Files = files.Where(f => f.Key.EndsWith(".json", StringComparison.Ordinal)).ToDictionary(StringComparer.Ordinal),
            Journals = [.. journals.Select(j => RunJournal.Parse(j.Value)).Where(j => j.Run is not null)],
            Leftovers = [.. files.Where(f => f.Key.EndsWith(".cut", StringComparison.Ordinal)).OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => RunJournal.Parse(f.Value + "\n")).Where(j => j.Run is not null)],
            JournalFiles = [.. journals.Select(j => j.Key)],
            RecordedStamps = recordedStamps,
            Stamps = Text("now") is { } now ? Ledger.Stamps.Read(now) : recordedStamps.Where(s => !s.Value.StartsWith('-')).ToDictionary(),
            RecordedUnits = recordedUnits,
            Units = ReadUnitsNow(recordedUnits.Keys, sections),
        };
    }

    /// <summary>The runs that were cut, oldest first.</summary>
    public IReadOnlyList<UnfinishedRun> Unfinished()
    {
        var done = State.Candies.Values.SelectMany(c => c.Steps).Select(s => s.Extra.GetValueOrDefault(LedgerExtra.Digest)).ToHashSet();
        var left = Leftovers.Select(j => Describe(
            j.Run!, j.Plan is { } plan && JsonNode.Parse(plan)?["steps"] is JsonArray steps ? steps.Count(s => done.Contains((string?)s?["digest"])) : 0, []));
        var cut = Journals.Select(j =>
        {
            var sameBoot = j.Run!.BootId == BootId;
            return Describe(
                j.Run,
                j.Steps.Values.Count(s => s.Succeeded && sameBoot),
                [.. j.Steps.Values.Where(s => s.MayHaveBegun(sameBoot) && !(s.Succeeded && sameBoot)).Select(s => $"{s.Intent.Candy}: {s.Intent.Summary}")]);
        });
        return [.. left.Concat(cut).OrderBy(r => r.RunId, StringComparer.Ordinal)];
    }

    private static UnfinishedRun Describe(RunIntent run, int finished, IReadOnlyList<string> open) =>
        new(run.Run, run.DeployName, run.Verb, run.Started, finished, open);

    /// <summary>Reads <c>systemctl show -p Id,UnitFileState,ActiveState</c> for units in the order in which they were asked for.</summary>
    public static IReadOnlyList<UnitState> ReadShow(string text) =>
    [
        .. text.Split("\n\n").Select(b => b.Split('\n')).Where(b => b.Any(l => l.StartsWith("ActiveState=", StringComparison.Ordinal)))
            .Select(b => new UnitState(Value(b, "UnitFileState="), Value(b, "ActiveState="))),
    ];

    private static string Value(string[] lines, string key) =>
        lines.FirstOrDefault(l => l.StartsWith(key, StringComparison.Ordinal)) is { } line ? line[key.Length..] : "";

    private static Dictionary<string, UnitState> ReadUnits(string text)
    {
        var units = new Dictionary<string, UnitState>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n'))
        {
            if (line.Split(' ') is [var manager, var name, var enabled, var active]) units[$"{manager} {name}"] = new UnitState(enabled == "-" ? "" : enabled, active);
        }

        return units;
    }

    private static Dictionary<string, UnitState> ReadUnitsNow(IEnumerable<string> asked, ProbeSections sections)
    {
        var units = new Dictionary<string, UnitState>(StringComparer.Ordinal);
        foreach (var manager in new[] { "s", "u" })
        {
            var names = asked.Where(a => a.StartsWith(manager + " ", StringComparison.Ordinal)).ToList();
            var text = sections.Text("unitsnow", manager) ?? "";
            foreach (var (name, state) in names.Zip(ReadShow(text))) units[name] = state;
        }

        return units;
    }

    /// <summary>The state that record files describe, by name below the ledger folder.</summary>
    public static LedgerState ReadState(Dictionary<string, string> files)
    {
        var deploys = new Dictionary<string, DeployRecord>(StringComparer.Ordinal);
        var candies = new Dictionary<string, CandyRecord>(StringComparer.Ordinal);
        var sources = new Dictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var (file, text) in files.Where(f => f.Key.EndsWith(".json", StringComparison.Ordinal)))
        {
            var node = LedgerJson.Parse(file, text);
            sources[file] = node;
            if (file.StartsWith("deploys/", StringComparison.Ordinal))
            {
                var record = LedgerJson.ReadDeploy(file, node);
                deploys[record.DeployId] = record;
            }
            else
            {
                var record = LedgerJson.ReadCandy(file, node);
                candies[record.Candy] = record;
            }
        }

        return new LedgerState { Deploys = deploys, Candies = candies, Sources = sources };
    }

    private static TargetFacts ReadFacts(string osRelease, Func<string, string> argument, bool hasSystemd)
    {
        var os = OsRelease.Parse(osRelease);
        var chain = TagChain.For(os);
        var ids = argument("id").Split('\t');
        var shell = argument("shell");
        return new TargetFacts
        {
            OsId = os.Id,
            OsVersion = os.VersionId,
            OsLike = os.Like,
            Tags = chain.Tags,
            Format = chain.Format,
            User = argument("user"),
            Uid = int.TryParse(ids[0], out var uid) ? uid : 0,
            Gid = ids.Length > 1 && int.TryParse(ids[1], out var gid) ? gid : uid,
            Home = argument("home"),
            LoginShell = shell.Length > 0 ? shell[(shell.LastIndexOf('/') + 1)..] : "bash",
            Shells = argument("shells").Split(' ', StringSplitOptions.RemoveEmptyEntries),
            HasSystemd = hasSystemd,
            Machine = argument("machine"),
        };
    }
}
