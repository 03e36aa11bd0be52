using System.Text;
using OpenCharly.Foundation;
using OpenCharly.Plans;

namespace OpenCharly.Ledger;

/// <summary>What the last script of a run writes.</summary>
internal sealed record RecordChanges
{
    /// <summary>Record files to write, by name below the ledger folder.</summary>
    public IReadOnlyDictionary<string, string> Write { get; init; } = new Dictionary<string, string>();

    /// <summary>Record files to delete.</summary>
    public IReadOnlyList<string> Delete { get; init; } = [];

    /// <summary>The text of all these files before, null for one that was not there: for taking the run back.</summary>
    public IReadOnlyDictionary<string, string?> Before { get; init; } = new Dictionary<string, string?>();

    /// <summary>Journals that the records now hold, by run id.</summary>
    public IReadOnlyList<string> Runs { get; init; } = [];

    /// <summary>Those of them that are cut runs of other deployments: what they set out to do is kept, so that it can be finished.</summary>
    public IReadOnlyList<string> Unfinished { get; init; } = [];

    /// <summary>Kept files that the records need, below the backup folder.</summary>
    public IReadOnlyList<string> Needed { get; init; } = [];

    /// <summary>Whether nothing is left on record, so that the ledger goes, too.</summary>
    public bool IsEmpty { get; init; }

    /// <summary>All paths that recorded steps can be told by.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Those of them that the run wrote, or that were found to be as they should: the rest keeps its old traces.</summary>
    public IReadOnlyList<string> Touched { get; init; } = [];

    /// <summary>Files that hold managed blocks.</summary>
    public IReadOnlyList<string> Blocks { get; init; } = [];

    /// <summary>Units whose state is taken anew.</summary>
    public IReadOnlyList<string> Units { get; init; } = [];

    /// <summary>Lines of the unit traces that stay as they are.</summary>
    public IReadOnlyList<string> KeptUnits { get; init; } = [];

    /// <summary>All recorded packages, each as <c>format name</c>.</summary>
    public IReadOnlyList<string> Packages { get; init; } = [];

    /// <summary>Those of them that the run asked for, and so are as it left them.</summary>
    public IReadOnlyList<string> TouchedPackages { get; init; } = [];

    /// <summary>Whether the run changed a package database.</summary>
    public bool TouchedDatabase { get; init; }

    /// <summary>Kept files that nobody needs any more, below the backup folder.</summary>
    public IReadOnlyList<string> Backups { get; init; } = [];

    /// <summary>The changes that lead from what a look saw to a state.</summary>
    /// <param name="seen">What was seen before the run.</param>
    /// <param name="state">The records as they should become.</param>
    /// <param name="touched">What the run touched.</param>
    public static RecordChanges Between(LedgerSnapshot seen, LedgerState state, TouchedTraces touched)
    {
        var wanted = state.Files();
        var units = state.TracedUnits();
        var kept = units.Where(u => seen.RecordedUnits.ContainsKey(u) && !touched.Units.Contains(u)).ToList();
        var write = wanted.Where(f => seen.Files.GetValueOrDefault(f.Key)?.TrimEnd() != f.Value.TrimEnd()).ToDictionary();
        var delete = seen.Files.Keys.Where(f => !wanted.ContainsKey(f)).Order(StringComparer.Ordinal).ToList();
        var needed = state.Backups();
        return new RecordChanges
        {
            Before = write.Keys.Concat(delete).ToDictionary(f => f, f => seen.Files.GetValueOrDefault(f)),
            Backups = [.. seen.Journals.SelectMany(j => j.Backups).Distinct(StringComparer.Ordinal).Where(b => !needed.Contains(b))],
            Needed = [.. needed],
            IsEmpty = state.IsEmpty,
            Write = write,
            Delete = delete,
            Paths = state.TracedPaths(),
            Touched = [.. touched.Paths.Where(Stamps.CanTrace).Order(StringComparer.Ordinal)],
            Blocks = state.BlockPaths(),
            Units = [.. units.Except(kept, StringComparer.Ordinal)],
            KeptUnits = [.. kept.Select(u => $"{u} {(seen.RecordedUnits[u].Enabled is { Length: > 0 } e ? e : "-")} {seen.RecordedUnits[u].Active}")],
            Packages = state.TracedPackages(),
            TouchedPackages = [.. touched.Packages.Order(StringComparer.Ordinal)],
            TouchedDatabase = touched.Packages.Count > 0 || touched.Database,
        };
    }
}

/// <summary>What a run touched, so that its traces are taken anew.</summary>
internal sealed class TouchedTraces
{
    /// <summary>Absolute paths, package databases included.</summary>
    public HashSet<string> Paths { get; } = new(StringComparer.Ordinal);

    /// <summary>Units, as <see cref="StepIntent.UnitText"/> names them.</summary>
    public HashSet<string> Units { get; } = new(StringComparer.Ordinal);

    /// <summary>Packages, each as <c>format name</c>.</summary>
    public HashSet<string> Packages { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether packages were removed.</summary>
    public bool Database { get; private set; }

    /// <summary>Takes in the steps that a run began.</summary>
    public void Add(IEnumerable<JournalStep> steps)
    {
        foreach (var step in steps)
        {
            Paths.UnionWith(step.Intent.Paths.Concat(step.Intent.Folders).Concat(step.Kept.Keys));
            Units.UnionWith(step.Intent.Units.Select(StepIntent.UnitText));
            if (step.Intent.PackageFormat is not { } format) continue;
            Packages.UnionWith(step.Intent.Packages.Concat(step.NewPackages ?? []).Select(p => $"{format} {ReverseOps.BareName(p)}"));
            if (Stamps.DatabaseOf(format) is { } database) Paths.Add(database);
        }
    }

    /// <summary>Takes in operations that were undone: what they restored may be other candies' again.</summary>
    public void Add(IEnumerable<UndoItem> items)
    {
        foreach (var item in items.Where(i => i.Kept is null))
        {
            var op = item.Operation;
            if (op.Kind is ReverseKinds.ServiceDisable or ReverseKinds.RestoreEnabled) Units.Add(StepIntent.UnitText(new UnitReference(ReverseOps.Path(op), op.Scope != StepScope.System)));
            else if (op.Kind == ReverseKinds.PackageRemove)
            {
                Database = true;
                if (Stamps.DatabaseOf(op.Format) is { } database) Paths.Add(database);
            }
            else if (op.Kind == RollbackOps.Reinstall)
            {
                Packages.UnionWith(op.Targets.Select(t => $"{op.Format} {ReverseOps.BareName(t)}"));
                if (Stamps.DatabaseOf(op.Format) is { } database) Paths.Add(database);
            }
            else Paths.UnionWith(op.Targets.Concat(LedgerExtra.List(op.Extra, LedgerExtra.Folders)));
        }
    }
}

/// <summary>
/// Renders the last script of a run: takes the traces, flushes everything that the run did together with the new
/// records, renames them into place, and only then deletes the journals that they replace.
/// </summary>
internal static class RecordScript
{
    /// <summary>Renders the script; it runs as root if the run did, and then hands what it makes to the deploy user.</summary>
    public static string Render(GuestPaths paths, RecordChanges changes, int uid, int gid)
    {
        var script = new StringBuilder("set -e\numask 022\nexport LC_ALL=C\n");
        script.Append($"charly_l={Shell.Quote(paths.Installed)}\ncharly_t=$charly_l/.new\n");
        script.Append("[[ ! -e $charly_t ]] || rm -rf -- \"$charly_t\"\nmkdir -- \"$charly_t\" \"$charly_t\"/{deploys,layers,traces}\n");
        foreach (var (file, text) in changes.Write) script.Append($"printf %s {Shell.Quote(text)} >\"$charly_t\"/{Shell.Quote(file)}\n");
        script.Append(TraceScript.Render(changes, uid));
        script.Append($"[[ $EUID == {uid} ]] || chown -R {uid}:{gid} -- \"$charly_t\"\n");
        AppendBefore(script, changes);
        foreach (var run in changes.Unfinished)
        {
            // What the run set out to do is in its first two lines.
            script.Append($"if [[ -f $charly_l/journal/{run}.log ]]; then mapfile -t -n 2 charly_b <\"$charly_l/journal/{run}.log\"; (umask 077; printf '%s\\n' \"${{charly_b[@]}}\" >\"$charly_l/journal/{run}.cut\"); [[ $EUID == {uid} ]] || chown {uid}:{gid} -- \"$charly_l/journal/{run}.cut\"; fi\n");
        }

        script.Append("sync -f -- / \"$charly_l\"\n");
        foreach (var folder in new[] { "layers", "deploys" })
        {
            var files = changes.Write.Keys.Where(f => f.StartsWith(folder + "/", StringComparison.Ordinal)).ToList();
            if (files.Count > 0) script.Append($"(cd \"$charly_t\" && mv -f -- {Shell.Join(files)} \"$charly_l/{folder}/\")\n");
        }

        script.Append("mv -f -- \"$charly_t\"/traces/* \"$charly_l/traces/\"\n");
        AppendCleaning(script, changes);
        return script.ToString();
    }

    private static void AppendBefore(StringBuilder script, RecordChanges changes)
    {
        if (changes.Runs.Except(changes.Unfinished).ToList() is not { Count: > 0 } own) return;
        script.Append($"charly_j=\nfor charly_r in {Shell.Join(own)}; do [[ ! -f $charly_l/journal/$charly_r.log ]] || charly_j=$charly_l/journal/$charly_r.log; done\n");
        script.Append("if [[ $charly_j ]]; then\n  :");
        foreach (var (file, text) in changes.Before) script.Append($"\n  printf '%s\\n' {Shell.Quote($"H\t{file}\t{(text is null ? "-" : PackedText.Pack(text))}")} >>\"$charly_j\"");
        script.Append("\nfi\n");
    }

    private static void AppendCleaning(StringBuilder script, RecordChanges changes)
    {
        script.Append("charly_g=()\ndeclare -A charly_n=()\n");
        foreach (var needed in changes.Needed.Where(n => changes.Runs.Any(r => n.Contains($"/{r}-", StringComparison.Ordinal)))) script.Append($"charly_n[{Shell.Quote(needed)}]=1\n");
        foreach (var run in changes.Runs)
        {
            // A run that was cut may have kept a file without having said so.
            script.Append($"for charly_f in \"$charly_l\"/backup/*/{run}-*; do [[ ! -e $charly_f && ! -L $charly_f || ${{charly_n[${{charly_f#\"$charly_l\"/backup/}}]-}} ]] || charly_g+=(\"$charly_f\"); done\n");
            script.Append($"charly_g+=(\"$charly_l/backup/.{run}\")\n");
            script.Append(changes.Unfinished.Contains(run)
                ? $"charly_g+=(\"$charly_l/journal/{run}.log\" \"$charly_l/journal/{run}\".[0-9]*)\n"
                : $"charly_g+=(\"$charly_l/journal/{run}\".*)\n");
        }

        script.Append("""
            for charly_f in "$charly_l"/stage/*; do
              charly_r=${charly_f##*/} charly_r=${charly_r%%.*}
              [[ -e $charly_l/journal/$charly_r.cut ]] || charly_g+=("$charly_f")
            done

            """);
        foreach (var file in changes.Delete.Concat(changes.Backups.Select(b => "backup/" + b))) script.Append($"charly_g+=(\"$charly_l\"/{Shell.Quote(file)})\n");
        script.Append("rm -rf -- \"$charly_t\" \"${charly_g[@]}\"\n");
        if (!changes.IsEmpty) return;

        // Nothing of ours stays. Whoever waits for the lock finds that it is gone, and asks again.
        script.Append("""
            charly_f=("$charly_l"/journal/*)
            if [[ ! -e ${charly_f[0]} ]]; then
              charly_m=(); [[ ! -e $charly_l/.made-config ]] || charly_m=("${charly_l%/*/*}")
              rm -rf -- "$charly_l"
              for charly_f in "${charly_l%/*}/env.d" "${charly_l%/*}" "${charly_m[@]}"; do [[ ! -d $charly_f ]] || rmdir --ignore-fail-on-non-empty -- "$charly_f"; done
            fi

            """);
    }
}
