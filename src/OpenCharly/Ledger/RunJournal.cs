using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OpenCharly.Ledger;

/// <summary>What stood at a path before a step touched it.</summary>
/// <param name="Kind"><c>absent</c>, <c>file</c> or <c>folder</c>.</param>
internal sealed record PriorState(string Kind)
{
    public static readonly PriorState Absent = new("absent");

    /// <summary>Where a prior file or link is kept, below the backup folder.</summary>
    public string? Backup { get; init; }

    /// <summary>Mode of a prior folder.</summary>
    public string? Mode { get; init; }

    /// <summary>Owner of a prior folder, <c>uid:gid</c>.</summary>
    public string? Owner { get; init; }
}

/// <summary>State of a unit before a step touched it, in systemd's words.</summary>
internal sealed record UnitState(string Enabled, string Active);

/// <summary>What the journal tells of one step.</summary>
internal sealed class JournalStep(StepIntent intent)
{
    public StepIntent Intent { get; } = intent;

    /// <summary>Which watched paths existed when the batch began.</summary>
    public string IntentBits { get; set; } = "";

    /// <summary>Which watched paths existed when the step began; null if it did not.</summary>
    public string? BeginBits { get; set; }

    public DateTimeOffset? Begun { get; set; }

    public DateTimeOffset? Ended { get; set; }

    public int? ExitCode { get; set; }

    public bool Succeeded => ExitCode == 0;

    /// <summary>Whether a look after a cut has already told what packages the step brought.</summary>
    public bool WasLookedAt { get; set; }

    /// <summary>What was kept, or found absent while the step ran.</summary>
    public Dictionary<string, PriorState> Kept { get; } = new(StringComparer.Ordinal);

    public List<string>? NewPackages { get; set; }

    /// <summary>Those of the new packages whose configuration was there before: removed, but not purged.</summary>
    public List<string> Residual { get; } = [];

    /// <summary>Packages that have another version now, each as <c>name=before=after</c>.</summary>
    public List<string> Upgraded { get; } = [];

    /// <summary>Packages that are not there any more, each as <c>name=version</c>.</summary>
    public List<string> Gone { get; } = [];

    /// <summary>Keys that rpm trusts now and did not before.</summary>
    public List<string> Keys { get; } = [];

    public List<string> Automatic { get; } = [];

    public List<string> Users { get; } = [];

    public List<string> Groups { get; } = [];

    public List<string> Strays { get; } = [];

    /// <summary>Where the copies of the tables of accounts were kept, and what they came to; null if they did not change.</summary>
    public (string Backup, string Sum)? AccountCopies { get; set; }

    /// <summary>Units before; keys as <see cref="StepIntent.UnitText"/>.</summary>
    public Dictionary<string, UnitState> Units { get; } = new(StringComparer.Ordinal);

    /// <summary>Run-level links of units that have an init script, before; keys as <see cref="StepIntent.UnitText"/>.</summary>
    public Dictionary<string, IReadOnlyList<string>> RunLevels { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether an account's own service manager outlived its log-ins before, by account.</summary>
    public Dictionary<string, bool> Lingered { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether the step's effects may be on the target.</summary>
    /// <param name="sameBoot">After a power cut the journal's last lines may be lost, so every intended step may have begun.</param>
    public bool MayHaveBegun(bool sameBoot) => BeginBits is not null || !sameBoot;

    /// <summary>What stood at a watched path before the candy ever touched it; null if that is not known from this step.</summary>
    public PriorState? Prior(string path) => IsKnown(path) ? null : PriorInRun(path);

    /// <summary>What stood at a watched path when the step began, whether the candy had touched it before or not; null if that is not known.</summary>
    public PriorState? PriorInRun(string path) =>
        Kept.TryGetValue(path, out var kept) ? kept : Bit(path) == '0' ? PriorState.Absent : null;

    /// <summary>
    /// Whether a path was there and the step was cut before it was kept: then nothing has happened to it yet, and undo
    /// has no business there.
    /// </summary>
    public bool IsUntouched(string path) => Bit(path) != '0' && !Kept.ContainsKey(path) && Intent.Watch.Any(w => w.Path == path && w is { IsFolder: false, IsKnown: false });

    private bool IsKnown(string path) => Intent.Watch.Any(w => w.IsKnown && w.Path == path);

    private char? Bit(string path)
    {
        var bits = BeginBits ?? IntentBits;
        for (var i = 0; i < Intent.Watch.Count && i < bits.Length; i++)
        {
            if (Intent.Watch[i].Path == path) return bits[i];
        }

        return null;
    }
}

/// <summary>
/// The journal of one run, read line by line, from its file or as the lines arrive. A line that is cut or damaged
/// tells nothing: every order that matters was flushed before the effect that relies on it.
/// </summary>
internal sealed class RunJournal
{
    private readonly SortedDictionary<int, JournalStep> _steps = [];

    /// <summary>What the run meant to do; null until its line has been read.</summary>
    public RunIntent? Run { get; private set; }

    public IReadOnlyDictionary<int, JournalStep> Steps => _steps;

    /// <summary>What a removal found before it undid anything; also that of a run that is being rolled back.</summary>
    public UndoJournal Undo { get; } = new();

    /// <summary>The plan of an add, as JSON; null for a removal, and if the run was cut before anything happened.</summary>
    public string? Plan { get; private set; }

    /// <summary>Record files as they were before the run changed them, by name below the ledger folder; null for one that was not there.</summary>
    public Dictionary<string, string?> Records { get; } = new(StringComparer.Ordinal);

    /// <summary>The kept files that the journal names, below the backup folder.</summary>
    public IEnumerable<string> Backups => _steps.Values.SelectMany(s => s.Kept.Values).Select(k => k.Backup).OfType<string>();

    /// <summary>Reads a whole journal file; what follows the last newline is a cut line.</summary>
    public static RunJournal Parse(string text)
    {
        var journal = new RunJournal();
        var end = text.LastIndexOf('\n');
        foreach (var line in (end < 0 ? "" : text[..end]).Split('\n')) journal.Apply(line);
        return journal;
    }

    /// <summary>Takes a line in; false if it says nothing.</summary>
    public bool Apply(string line)
    {
        if (line.Length < 3 || line[1] != '\t' || line.Contains('\0')) return false;
        try
        {
            return Apply(line[0], line[2..]);
        }
        catch (Exception e) when (e is FormatException or JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private bool Apply(char kind, string rest)
    {
        switch (kind)
        {
            case 'I':
                Run = RunIntent.FromJson(Object(rest));
                return true;
            case 'S':
                var intent = StepIntent.FromJson(Object(rest));
                _steps[intent.Index] = new JournalStep(intent);
                return true;
            case 'J':
                Plan = PackedText.Unpack(rest);
                return true;
        }

        var fields = rest.Split('\t');
        if (kind == 'H' && fields is [var file, var packed])
        {
            Records.TryAdd(file, packed == "-" ? null : PackedText.Unpack(packed));
            return true;
        }

        if ((kind is 'U' or 'T' or 'C' or 'M' or 'Q' || (kind is 'V' or 'L' && Run?.Verb == "del")) && Undo.Apply(kind, [.. fields.Select(Unescape)])) return true;
        if (!int.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out var index) || !_steps.TryGetValue(index, out var step)) return false;
        switch (kind, fields.Length)
        {
            case ('X', 2):
                step.IntentBits = fields[1];
                return true;
            case ('B', 3):
                (step.BeginBits, step.Begun, step.Ended, step.ExitCode) = (fields[2], Seconds(fields[1]), null, null);
                return true;
            case ('K', 3):
                step.Kept.TryAdd(Unescape(fields[2]), new PriorState("file") { Backup = fields[1] });
                return true;
            case ('D', 4):
                step.Kept.TryAdd(Unescape(fields[3]), new PriorState("folder") { Mode = fields[1], Owner = fields[2] });
                return true;
            case ('Z', 2):
                step.Kept.TryAdd(Unescape(fields[1]), PriorState.Absent);
                return true;
            case ('Y', 1):
                step.WasLookedAt = true;
                return true;
            case ('P', 2):
                (step.NewPackages ??= []).AddRange(Words(fields[1]));
                return true;
            case ('R', 2):
                step.Residual.AddRange(Words(fields[1]));
                return true;
            case ('O', 2):
                step.Upgraded.AddRange(Words(fields[1]));
                return true;
            case ('g', 2):
                step.Gone.AddRange(Words(fields[1]));
                return true;
            case ('k', 2):
                step.Keys.AddRange(Words(fields[1]));
                return true;
            case ('L', 3):
                step.RunLevels.TryAdd(fields[1], Words(fields[2]));
                return true;
            case ('N', 3):
                step.Lingered.TryAdd(fields[1], fields[2] == "yes");
                return true;
            case ('A', 2):
                step.Automatic.AddRange(Words(fields[1]));
                return true;
            case ('W', 2):
                step.Users.AddRange(Words(fields[1]));
                return true;
            case ('G', 2):
                step.Groups.AddRange(Words(fields[1]));
                return true;
            case ('c', 3):
                step.AccountCopies = (fields[1], fields[2]);
                return true;
            case ('F', 2):
                step.Strays.Add(Unescape(fields[1]));
                return true;
            case ('V', 4):
                step.Units.TryAdd(fields[1], new UnitState(fields[2], fields[3]));
                return true;
            case ('E', 3):
                (step.ExitCode, step.Ended) = (int.Parse(fields[1], CultureInfo.InvariantCulture), Seconds(fields[2]));
                return true;
            default:
                return false;
        }
    }

    private static JsonObject Object(string json) => JsonNode.Parse(json) as JsonObject ?? throw new FormatException("no object");

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Bash prints EPOCHREALTIME with the decimal sign of its locale.</summary>
    private static DateTimeOffset Seconds(string text) =>
        DateTimeOffset.UnixEpoch.AddSeconds(double.Parse(text.Replace(',', '.'), CultureInfo.InvariantCulture));

    private static string Unescape(string text)
    {
        if (!text.Contains('\\')) return text;
        var result = new System.Text.StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            result.Append(text[i] != '\\' || i + 1 == text.Length ? text[i] : text[++i] switch { 't' => '\t', 'n' => '\n', var c => c });
        }

        return result.ToString();
    }
}
