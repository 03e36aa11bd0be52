using OpenCharly.Plans;

namespace OpenCharly.Ledger;

/// <summary>
/// The operations that take a cut run back: not to the state before a candy was ever there, as undo does, but to the
/// state in which this run found the target.
/// </summary>
internal static class RollbackOps
{
    /// <summary>Put a path back as it was saved.</summary>
    public const string PutBack = "put-back";

    /// <summary>Put the lines of a managed block back as they are in a kept file.</summary>
    public const string PutBlockBack = "put-block-back";

    /// <summary>Install packages again that a removal took away.</summary>
    public const string Reinstall = "package-install";

    /// <summary>Have an account's own service manager outlive its log-ins again.</summary>
    public const string Linger = "linger-enable";

    /// <summary>Have the service manager read its units anew.</summary>
    public const string Reload = "daemon-reload";

    /// <summary>On an operation: the saved path, absolute.</summary>
    public const string Saved = "saved";

    /// <summary>On an operation: what was saved, as <see cref="SavedPath.Kind"/>.</summary>
    public const string SavedKind = "saved_kind";

    /// <summary>The operations for a run, in the order in which they run.</summary>
    /// <param name="journal">Its journal.</param>
    /// <param name="bootId">The target's boot id now.</param>
    /// <param name="paths">Where the ledger is.</param>
    public static IReadOnlyList<UndoItem> Of(RunJournal journal, string bootId, GuestPaths paths)
    {
        var run = journal.Run!;
        var ops = run.Verb == "del"
            ? Removal(journal.Undo, paths).Select(o => (run.DeployName, o))
            : journal.Steps.Values.Reverse().Where(s => s.MayHaveBegun(run.BootId == bootId)).SelectMany(s => Step(s).Select(o => (s.Intent.Candy, o)));
        return [.. ops.Select((o, i) => new UndoItem { Index = i, Candy = o.Item1, Operation = o.Item2, Run = o.Item2 })];
    }

    /// <summary>What a run did that can't be taken back, for people.</summary>
    public static IEnumerable<string> Lost(RunJournal journal, string bootId) => journal.Run!.Verb == "del"
        ? journal.Undo.Lost
        : journal.Steps.Values.Where(s => s.Intent.Opaque && s.MayHaveBegun(journal.Run.BootId == bootId)).Select(s => $"{s.Intent.Candy}: {s.Intent.Summary}");

    private static IEnumerable<ReverseOp> Step(JournalStep step)
    {
        var scope = step.Intent.AsRoot ? StepScope.System : StepScope.User;
        var units = step.Units.Select(u => (Unit: StepIntent.Unit(u.Key), State: u.Value)).ToList();

        // A unit that did not run is stopped while its file is still there; one that ran starts anew with its old file.
        foreach (var (unit, state) in units.Where(u => !IsActive(u.State))) yield return UnitBack(unit, state, step.RunLevels);
        var watched = step.Intent.Watch.Where(w => !w.IsFolder).Select(w => w.Path);
        foreach (var path in watched.Concat(step.Kept.Keys).Distinct(StringComparer.Ordinal).Reverse())
        {
            if (step.PriorInRun(path) is { } prior) yield return PathBack(step, path, prior, scope);
        }

        if (units.Count > 0) yield return new ReverseOp { Kind = Reload, Scope = units[0].Unit.IsUser ? StepScope.User : StepScope.System };
        foreach (var (unit, state) in units.Where(u => IsActive(u.State))) yield return UnitBack(unit, state, step.RunLevels);
        foreach (var op in step.Intent.Reverse.Where(o => !ReverseOps.TakesPaths(o.Kind) && o.Kind != ReverseKinds.ServiceDisable))
        {
            if (op.Kind == ReverseKinds.LingerDisable)
            {
                foreach (var linger in ReverseOps.Linger(step, op)) yield return linger;
            }
            else if (op.Kind != ReverseKinds.PackageRemove || step.Intent.PackageFormat is null) yield return op;
        }

        if (ReverseOps.Packages(step) is { } packages) yield return packages;
        var made = step.Intent.Watch.Where(w => w.IsFolder && step.PriorInRun(w.Path) == PriorState.Absent).Select(w => w.Path).Order(StringComparer.Ordinal).ToList();
        if (made.Count > 0)
        {
            yield return new ReverseOp
            {
                Kind = ReverseKinds.RemoveFolder,
                Targets = [made[^1]],
                Scope = scope,
                Extra = new Dictionary<string, string>().With(LedgerExtra.OnlyIfEmpty, "true").With(LedgerExtra.Folders, LedgerExtra.Join(made.SkipLast(1))),
            };
        }
    }

    private static ReverseOp PathBack(JournalStep step, string path, PriorState prior, StepScope scope)
    {
        var extra = new Dictionary<string, string>().With(LedgerExtra.Prior, prior.Kind).With(LedgerExtra.Backup, prior.Backup)
            .With(LedgerExtra.Mode, prior.Mode).With(LedgerExtra.Owner, prior.Owner);
        if (step.Intent.Block is { } marker && step.Intent.Paths.Contains(path))
        {
            var kind = prior.Backup is null ? ReverseKinds.RemoveManagedBlock : PutBlockBack;
            return new ReverseOp { Kind = kind, Targets = [path], Scope = scope, Extra = extra.With(LedgerExtra.Marker, marker) };
        }

        var planned = step.Intent.Reverse.FirstOrDefault(o => ReverseOps.TakesPaths(o.Kind) && o.Targets.Contains(path));
        var isFolder = prior.Kind == "folder" || (prior == PriorState.Absent && planned?.Kind == ReverseKinds.RemoveFolder);
        if (isFolder && planned is { Kind: ReverseKinds.RemoveFolder }) extra = extra.With(LedgerExtra.OnlyIfEmpty, planned.Extra.GetValueOrDefault(LedgerExtra.OnlyIfEmpty));
        return new ReverseOp
        {
            Kind = isFolder ? ReverseKinds.RemoveFolder : step.Intent.AsRoot ? ReverseKinds.RemoveFileSystem : ReverseKinds.RemoveFileUser,
            Targets = [path],
            Scope = scope,
            Extra = extra,
        };
    }

    private static IEnumerable<ReverseOp> Removal(UndoJournal undo, GuestPaths paths)
    {
        foreach (var packages in Enumerable.Reverse(undo.Packages))
        {
            yield return new ReverseOp
            {
                Kind = Reinstall,
                Format = packages.Format,
                Targets = packages.Versions,
                Scope = StepScope.System,
                Extra = new Dictionary<string, string>().With(LedgerExtra.Automatic, LedgerExtra.Join(packages.Automatic)),
            };
        }

        foreach (var path in undo.Paths.Values.Where(p => p.Kind == 'd').OrderBy(p => p.Path, StringComparer.Ordinal)) yield return Back(path);
        foreach (var path in undo.Paths.Values.Where(p => p.Kind is 'f' or 't')) yield return Back(path);
        foreach (var path in undo.Paths.Values.Where(p => p.Kind == 'a').OrderByDescending(p => p.Path, StringComparer.Ordinal)) yield return Back(path);
        foreach (var manager in undo.Units.Keys.Select(k => StepIntent.Unit(k).IsUser).Distinct()) yield return new ReverseOp { Kind = Reload, Scope = manager ? StepScope.User : StepScope.System };
        foreach (var account in undo.Lingered) yield return new ReverseOp { Kind = Linger, Targets = [account], Scope = StepScope.System };
        foreach (var (unit, state) in undo.Units) yield return UnitBack(StepIntent.Unit(unit), state, undo.RunLevels);

        ReverseOp Back(SavedPath path) => new()
        {
            Kind = PutBack,
            Targets = [path.Path],
            Scope = path.AsRoot ? StepScope.System : StepScope.User,
            Extra = new Dictionary<string, string>().With(SavedKind, path.Kind.ToString()).With(LedgerExtra.Mode, path.Mode).With(LedgerExtra.Owner, path.Owner)
                .With(Saved, path.Folder is null ? null : $"{paths.Backup}/{path.Folder}{path.Path}"),
        };
    }

    private static ReverseOp UnitBack(UnitReference unit, UnitState state, Dictionary<string, IReadOnlyList<string>> runLevels) => new()
    {
        Kind = ReverseKinds.ServiceDisable,
        Targets = [unit.Name],
        Scope = unit.IsUser ? StepScope.User : StepScope.System,
        Extra = new Dictionary<string, string>().With(LedgerExtra.PriorEnabled, state.Enabled.Length > 0 ? state.Enabled : "not-found").With(LedgerExtra.PriorActive, state.Active)
            .With(LedgerExtra.RunLevels, !runLevels.TryGetValue(StepIntent.UnitText(unit), out var links) ? null : links.Count > 0 ? LedgerExtra.Join(links) : LedgerExtra.None),
    };

    private static bool IsActive(UnitState state) => state.Active is "active" or "reloading" or "activating";
}
