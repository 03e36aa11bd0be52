using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OpenCharly.Plans;

namespace OpenCharly.Ledger;

/// <summary>
/// Compares what the records say with what a look saw. Of several steps that wrote a path, unit or package the last one
/// counts: what a later bundle of ours wrote over is no drift.
/// </summary>
/// <param name="look">What was seen.</param>
/// <param name="target">Display name of the target.</param>
internal sealed class DriftCheck(DriftLook look, string target)
{
    private readonly LedgerState _state = look.Snapshot.Journals.Aggregate(
        look.Snapshot.State, (s, j) => LedgerFold.Apply(s, j, look.Snapshot.BootId, traced: false));

    private readonly List<DriftItem> _items = [];
    private readonly HashSet<string> _unread = new(StringComparer.Ordinal);
    private IReadOnlySet<string> _asked = new HashSet<string>();

    /// <summary>Finds the differences.</summary>
    /// <param name="bundles">Deploy keys whose candies count; all on record if empty.</param>
    public DriftReport Find(IReadOnlyCollection<string> bundles)
    {
        var known = _state.Deploys.Values.Select(NameOf).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        _asked = (bundles.Count > 0 ? bundles : known).ToHashSet(StringComparer.Ordinal);
        var steps = _state.Candies.Values.SelectMany(c => c.Steps.Select(s => new Written(c, s)))
            .OrderBy(w => w.Step.Extra.GetValueOrDefault(LedgerExtra.Ended) ?? ReverseOps.Seconds(w.Step.CompletedAt), StringComparer.Ordinal).ThenBy(w => w.Candy.Candy == LedgerState.LoginShell).ToList();
        Paths(steps);
        Blocks(steps);
        Packages(steps);
        Units(steps);
        Unfinished();
        return new DriftReport(
            target,
            known,
            [.. _items.OrderBy(i => i.Bundle, StringComparer.Ordinal).ThenBy(i => i.Candy, StringComparer.Ordinal).ThenBy(i => i.Path, StringComparer.Ordinal).ThenBy(i => i.Kind)],
            [.. look.Unseen.Union(_unread).Where(p => steps.Any(w => BundleOf(w.Candy) is not null && Stamps.PathsOf(w.Step).Contains(p))).Order(StringComparer.Ordinal)]);
    }

    private void Paths(List<Written> steps)
    {
        var last = new Dictionary<string, Written>(StringComparer.Ordinal);
        foreach (var written in steps.Where(w => !HasBlock(w.Step)))
        {
            var database = Stamps.DatabaseOf(written.Step.Extra.GetValueOrDefault(LedgerExtra.Format));
            foreach (var path in Stamps.PathsOf(written.Step).Where(p => p != database)) last[path] = written;
        }

        foreach (var (path, written) in last)
        {
            // A run that was cut took no traces, so what is on record is older than the step.
            if (written.Step.Extra.ContainsKey(LedgerExtra.Untraced) || look.Unseen.Contains(path)) continue;
            var (was, now) = (look.Snapshot.RecordedStamps.GetValueOrDefault(path), look.Stamps.GetValueOrDefault(path));
            if (was is not null && was != now) Compare(written, path, was, now);
        }
    }

    private void Compare(Written written, string path, string was, string? now)
    {
        if (was.StartsWith('-'))
        {
            if (now is not null) Add(written, DriftKind.Reappeared, path, null, TypeOf(now), now);
            return;
        }

        if (now is null)
        {
            Add(written, DriftKind.Missing, path, TypeOf(was) == "file" ? Digest(look.RecordedDigests, path) ?? "file" : TypeOf(was), null, null);
            return;
        }

        if (TypeOf(was) != TypeOf(now))
        {
            Add(written, DriftKind.TypeChanged, path, TypeOf(was), TypeOf(now), now);
            return;
        }

        // Links have no mode of their own.
        if (TypeOf(was) != "link" && ModeOf(was) != ModeOf(now)) Add(written, DriftKind.ModeChanged, path, ModeOf(was), ModeOf(now), now);
        if (look.Owner(was) is var before && look.Owner(now) is var after && before != after) Add(written, DriftKind.OwnerChanged, path, before, after, now);
        CompareContent(written, path, was, now);
    }

    // A file that was touched and that only root can read may have any content of its old size: nothing is said of it.
    private void CompareContent(Written written, string path, string was, string now)
    {
        var (before, after) = (Digest(look.RecordedDigests, path), Digest(look.Digests, path));
        if (TypeOf(was) == "link")
        {
            if (before is not null && before != after) Add(written, DriftKind.LinkChanged, path, before, after, now);
        }
        else if (TypeOf(was) == "file")
        {
            var differs = before is null || after is null ? SizeOf(was) != SizeOf(now) : before != after;
            if (differs) Add(written, DriftKind.Modified, path, before, after, now);
            else if (after is null) _unread.Add(path);
        }
    }

    private void Blocks(List<Written> steps)
    {
        foreach (var written in steps.Where(w => HasBlock(w.Step)))
        {
            var marker = written.Step.Extra[LedgerExtra.Block];
            foreach (var path in LedgerExtra.List(written.Step.Extra, LedgerExtra.Paths))
            {
                var now = look.Stamps.GetValueOrDefault(path);
                if (now is null && !look.Unseen.Contains(path))
                {
                    Add(written, DriftKind.Missing, path, "file", null, null);
                }
                else if (look.Blocks.TryGetValue(path, out var blocks))
                {
                    var text = blocks.Select(b => Lines(b, BlockOf(marker))).FirstOrDefault(t => t is not null);
                    var before = "sha256:" + written.Step.Extra[LedgerExtra.BlockDigest];
                    var after = text is null ? null : "sha256:" + DigestOf(text);
                    if (after is null) Add(written, DriftKind.BlockMissing, path, before, null, now);
                    else if (after != before) Add(written, DriftKind.BlockChanged, path, before, after, now);
                }
            }
        }
    }

    private void Packages(List<Written> steps)
    {
        if (look.Versions is not { } now) return;
        var last = new Dictionary<string, Written>(StringComparer.Ordinal);
        foreach (var written in steps.Where(w => w.Step.Extra.ContainsKey(LedgerExtra.Format)))
        {
            foreach (var package in LedgerExtra.List(written.Step.Extra, LedgerExtra.Packages)) last[$"{written.Step.Extra[LedgerExtra.Format]} {package}"] = written;
        }

        foreach (var (package, written) in last)
        {
            if (look.RecordedVersions.GetValueOrDefault(package) is not { } was || was == "-") continue;
            var version = now.GetValueOrDefault(package);
            var name = package[(package.IndexOf(' ') + 1)..];
            if (version is null) Add(written, DriftKind.PackageRemoved, name, was, null, null);
            else if (version != was) Add(written, DriftKind.PackageVersion, name, was, version, null);
        }
    }

    private void Units(List<Written> steps)
    {
        var last = new Dictionary<string, Written>(StringComparer.Ordinal);
        foreach (var written in steps)
        {
            foreach (var unit in LedgerExtra.List(written.Step.Extra, LedgerExtra.Units)) last[unit] = written;
        }

        foreach (var (unit, written) in last)
        {
            if (!look.Snapshot.RecordedUnits.TryGetValue(unit, out var was) || !look.Snapshot.Units.TryGetValue(unit, out var now)) continue;
            var stopped = was.Active == "active" && now.Active is not ("active" or "activating" or "reloading");
            if (was.Enabled != now.Enabled || stopped) Add(written, DriftKind.UnitState, unit[2..], Describe(was), Describe(now), null);
        }
    }

    private void Unfinished()
    {
        foreach (var journal in look.Snapshot.Journals)
        {
            var run = journal.Run!;
            var sameBoot = run.BootId == look.Snapshot.BootId;
            if (!_asked.Contains(run.DeployName)) continue;
            foreach (var step in journal.Steps.Values.Where(s => s.MayHaveBegun(sameBoot) && !(s.Succeeded && sameBoot)))
            {
                _items.Add(new DriftItem
                {
                    Target = target,
                    Bundle = run.DeployName,
                    Candy = step.Intent.Candy,
                    Step = step.Intent.Summary,
                    Kind = DriftKind.Unfinished,
                    Path = step.Intent.Paths.Count > 0 ? step.Intent.Paths[0] : "",
                });
            }
        }
    }

    private void Add(Written written, DriftKind kind, string path, string? before, string? after, string? stamp)
    {
        if (BundleOf(written.Candy) is not { } bundle) return;
        _items.Add(new DriftItem
        {
            Target = target,
            Bundle = bundle,
            Candy = written.Candy.Candy,
            Step = written.Step.Summary ?? written.Step.Kind.ToString(),
            Kind = kind,
            Path = path,
            Before = before,
            After = after,
            Owner = stamp is null ? null : look.Owner(stamp),
            ChangedAt = stamp is null ? null : DriftLook.ChangedAt(stamp),
        });
    }

    /// <summary>A bundle of those asked for that holds the candy. The log-in shell's block serves all that left environment files.</summary>
    private string? BundleOf(CandyRecord candy)
    {
        var ids = candy.Candy == LedgerState.LoginShell
            ? _state.Candies.Values.Where(c => c.ReverseOps.Any(o => o.Kind == ReverseKinds.RemoveEnvFile)).SelectMany(c => c.DeployedBy)
            : candy.DeployedBy;
        return ids.Select(id => _state.Deploys.GetValueOrDefault(id)).OfType<DeployRecord>().Select(NameOf)
            .Where(_asked.Contains).Order(StringComparer.Ordinal).FirstOrDefault();
    }

    private static string NameOf(DeployRecord deploy) => deploy.Name ?? deploy.Target;

    private static bool HasBlock(RecordedStep step) => step.Extra.ContainsKey(LedgerExtra.Block) && step.Extra.ContainsKey(LedgerExtra.BlockDigest);

    /// <summary>The block of a marker as the ledger names it.</summary>
    public static ManagedBlock BlockOf(string marker) => marker == LedgerState.LoginShell ? ManagedBlock.Global : ManagedBlock.Of(marker);

    /// <summary>SHA-256 of the lines of a block, as the ledger has it.</summary>
    public static string DigestOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.TrimEnd('\n', '\r'))));

    /// <summary>The lines between the markers of a block; null if it is another one.</summary>
    public static string? Lines(string block, ManagedBlock wanted)
    {
        var lines = block.Split('\n');
        var begin = Array.FindIndex(lines, l => l.Trim() == wanted.Begin);
        var end = Array.FindIndex(lines, Math.Max(begin, 0), l => l.Trim() == wanted.End);
        return begin < 0 || end < 0 ? null : string.Join('\n', lines[(begin + 1)..end]);
    }

    private static string? Digest(IReadOnlyDictionary<string, string> digests, string path) => digests.GetValueOrDefault(path) switch
    {
        null => null,
        var digest when digest.StartsWith("->", StringComparison.Ordinal) => digest,
        var digest => "sha256:" + digest,
    };

    private static string Describe(UnitState state) => $"{(state.Enabled.Length > 0 ? state.Enabled : "not-found")}, {state.Active}";

    private static int Raw(string stamp) => int.TryParse(stamp.Split(' ')[2], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var mode) ? mode : 0;

    private static string TypeOf(string stamp) => (Raw(stamp) & 0xF000) switch
    {
        0x8000 => "file",
        0x4000 => "folder",
        0xA000 => "link",
        0xC000 => "socket",
        0x1000 => "pipe",
        _ => "device",
    };

    private static string SizeOf(string stamp) => stamp.Split(' ')[1];

    private static string ModeOf(string stamp) => Convert.ToString(Raw(stamp) & 0xFFF, 8).PadLeft(4, '0');

    private readonly record struct Written(CandyRecord Candy, RecordedStep Step);
}
