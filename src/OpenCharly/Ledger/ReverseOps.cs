using OpenCharly.Plans;

namespace OpenCharly.Ledger;

/// <summary>Turns what a plan says about undoing a step, and what the journal says was there before, into the operations that are recorded.</summary>
internal static class ReverseOps
{
    private static readonly HashSet<string> FileKinds = new(StringComparer.Ordinal)
    {
        ReverseKinds.RemoveFileSystem, ReverseKinds.RemoveFileUser, ReverseKinds.ServiceRemove, ReverseKinds.RemoveDropIn,
        ReverseKinds.RemoveEnvFile, ReverseKinds.RemoveRepoFile,
    };

    /// <summary>Whether an operation removes or restores files whole.</summary>
    public static bool IsFile(string kind) => FileKinds.Contains(kind);

    /// <summary>Whether the targets of an operation are paths.</summary>
    public static bool TakesPaths(string kind) => IsFile(kind) || kind is ReverseKinds.RemoveManagedBlock or ReverseKinds.RemoveFolder;

    /// <summary>Whether an operation works as root.</summary>
    public static bool AsRoot(ReverseOp op) => op.Scope == StepScope.System;

    /// <summary>The path that a path operation works on.</summary>
    public static string Path(ReverseOp op) => op.Targets.Count > 0 ? op.Targets[0] : "";

    /// <summary>The paths whose prior state a candy's operations hold already: they are never kept anew.</summary>
    public static HashSet<string> KnownPaths(IEnumerable<ReverseOp> ops)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var op in ops)
        {
            if (TakesPaths(op.Kind) && op.Extra.ContainsKey(LedgerExtra.Prior)) known.UnionWith(op.Targets);
            known.UnionWith(LedgerExtra.List(op.Extra, LedgerExtra.Folders));
        }

        return known;
    }

    /// <summary>The operations that undo a step that began.</summary>
    public static IReadOnlyList<ReverseOp> Of(JournalStep step)
    {
        var ops = new List<ReverseOp>();
        var covered = new HashSet<string>(StringComparer.Ordinal);
        foreach (var planned in step.Intent.Reverse)
        {
            if (planned.Kind == ReverseKinds.PackageRemove && step.Intent.PackageFormat is not null) continue;
            if (!TakesPaths(planned.Kind))
            {
                if (planned.Kind == ReverseKinds.LingerDisable) ops.AddRange(Linger(step, planned));
                else ops.Add(planned.Kind == ReverseKinds.ServiceDisable ? Unit(step, planned) : planned);
                continue;
            }

            foreach (var path in planned.Targets)
            {
                covered.Add(path);

                // What ran as root, a task of another account for example, is undone as root.
                var scope = step.Intent.AsRoot ? StepScope.System : planned.Scope;
                if (!step.IsUntouched(path)) ops.Add(WithPrior(step, planned with { Targets = [path], Scope = scope }, path));
            }
        }

        // Prior state of paths that the plan says nothing about: setcap, and what the step itself remembered.
        var watched = step.Intent.Watch.Where(w => !w.IsFolder).Select(w => w.Path);
        foreach (var path in watched.Concat(step.Kept.Keys).Where(covered.Add))
        {
            if (Implicit(step, path) is { } op) ops.Add(op);
        }

        if (Packages(step) is { } packages) ops.Add(packages);
        return Stamp(step, WithFolders(step, ops, covered));
    }

    /// <summary>One list from two: operations on the same thing are one, and what the first one remembers wins.</summary>
    public static IReadOnlyList<ReverseOp> Merge(IReadOnlyList<ReverseOp> first, IReadOnlyList<ReverseOp> second)
    {
        var result = first.ToList();
        foreach (var op in second)
        {
            var at = result.FindIndex(o => Same(o, op));
            if (at < 0) result.Add(op);
            else result[at] = Combine(result[at], op);
        }

        return result;
    }

    /// <summary>The command that a package operation comes down to, as the record shows it; null if there is nothing to remove.</summary>
    public static string? UninstallCommand(string? format, IReadOnlyList<string> packages) =>
        format is null || packages.Count == 0 ? null : PackageScripts.Remove(format, packages);

    /// <summary>A package name without version, release and architecture.</summary>
    public static string BareName(string package)
    {
        var end = package.IndexOfAny(['=', '/', ':']);
        return end > 0 ? package[..end] : package;
    }

    private static ReverseOp WithPrior(JournalStep step, ReverseOp op, string path)
    {
        if (step.Prior(path) is not { } prior) return op;
        var extra = op.Extra.With(LedgerExtra.Prior, prior.Kind).With(LedgerExtra.Backup, prior.Backup)
            .With(LedgerExtra.Mode, prior.Mode).With(LedgerExtra.Owner, prior.Owner);
        return op with { Extra = extra };
    }

    private static ReverseOp? Implicit(JournalStep step, string path)
    {
        if (step.Prior(path) is not { } prior) return null;
        var op = new ReverseOp
        {
            Kind = prior.Kind == "folder" ? ReverseKinds.RemoveFolder : step.Intent.AsRoot ? ReverseKinds.RemoveFileSystem : ReverseKinds.RemoveFileUser,
            Targets = [path],
            Scope = step.Intent.AsRoot ? StepScope.System : StepScope.User,
        };
        return WithPrior(step, op, path);
    }

    private static ReverseOp Unit(JournalStep step, ReverseOp op)
    {
        var name = Path(op);
        var key = StepIntent.UnitText(new UnitReference(name, op.Scope != StepScope.System));
        if (!step.Units.TryGetValue(key, out var state) && !step.Units.TryGetValue(key + ".service", out state)) return op;
        var extra = op.Extra.With(LedgerExtra.PriorEnabled, state.Enabled.Length > 0 ? state.Enabled : "not-found").With(LedgerExtra.PriorActive, state.Active);
        if (step.RunLevels.TryGetValue(key, out var links)) extra = extra.With(LedgerExtra.RunLevels, links.Count > 0 ? LedgerExtra.Join(links) : LedgerExtra.None);
        return op with { Extra = extra };
    }

    // A step that did not look is one of a log-in's own service manager, or was cut before it changed anything.
    public static ReverseOp[] Linger(JournalStep step, ReverseOp op) =>
        step.Lingered.TryGetValue(Path(op), out var did) ? [op with { Extra = op.Extra.With(LedgerExtra.PriorLinger, did ? "yes" : "no") }] : [];

    /// <summary>The operation that takes away what a package step brought; null if it brought nothing.</summary>
    public static ReverseOp? Packages(JournalStep step)
    {
        if (step.Intent.PackageFormat is not { } format) return null;
        var requested = step.Intent.Packages.Select(BareName).ToHashSet(StringComparer.Ordinal);
        var added = step.NewPackages ?? [];
        var targets = added.Where(requested.Contains).ToList();
        var extra = new Dictionary<string, string>().With(LedgerExtra.Dependencies, LedgerExtra.Join(added.Where(p => !requested.Contains(p))))
            .With(LedgerExtra.Strays, LedgerExtra.Join(step.Strays))
            .With(LedgerExtra.Users, LedgerExtra.Join(step.Users))
            .With(LedgerExtra.Groups, LedgerExtra.Join(step.Groups))
            .With(LedgerExtra.Automatic, LedgerExtra.Join(step.Automatic))
            .With(LedgerExtra.Residual, LedgerExtra.Join(step.Residual))
            .With(LedgerExtra.Upgraded, LedgerExtra.Join(step.Upgraded))
            .With(LedgerExtra.Gone, LedgerExtra.Join(step.Gone))
            .With(LedgerExtra.Keys, LedgerExtra.Join(step.Keys))
            .With(LedgerExtra.AccountCopies, step.AccountCopies?.Backup)
            .With(LedgerExtra.AccountSum, step.AccountCopies?.Sum);
        if (extra.Count == 0 && targets.Count == 0) return null;
        if (step.Strays.Count > 0 && step.Ended is { } ended) extra = extra.With(LedgerExtra.StraysAt, Seconds(ended));
        return new ReverseOp
        {
            Kind = ReverseKinds.PackageRemove,
            Format = format,
            Targets = targets,
            Scope = StepScope.System,
            Extra = extra,
            UninstallCommand = UninstallCommand(format, [.. targets, .. added.Where(p => !requested.Contains(p))]),
        };
    }

    /// <summary>A time as ledger files have it where whole seconds are not enough; sorts as text.</summary>
    public static string Seconds(DateTimeOffset time) =>
        ((time - DateTimeOffset.UnixEpoch).Ticks / (decimal)TimeSpan.TicksPerSecond).ToString("0000000000.000000", System.Globalization.CultureInfo.InvariantCulture);

    private static List<ReverseOp> WithFolders(JournalStep step, List<ReverseOp> ops, HashSet<string> covered)
    {
        var made = step.Intent.Watch.Where(w => w.IsFolder && !covered.Contains(w.Path) && step.Prior(w.Path) == PriorState.Absent)
            .Select(w => w.Path).Order(StringComparer.Ordinal).ToList();
        if (made.Count == 0) return ops;
        var carrier = ops.FindIndex(o => TakesPaths(o.Kind));
        if (carrier >= 0)
        {
            ops[carrier] = ops[carrier] with { Extra = ops[carrier].Extra.With(LedgerExtra.Folders, LedgerExtra.Join(made)) };
            return ops;
        }

        // First in the list, so undone after everything else of the step.
        ops.Insert(0, new ReverseOp
        {
            Kind = ReverseKinds.RemoveFolder,
            Targets = [made[^1]],
            Scope = step.Intent.AsRoot ? StepScope.System : StepScope.User,
            Extra = new Dictionary<string, string>().With(LedgerExtra.Prior, PriorState.Absent.Kind).With(LedgerExtra.OnlyIfEmpty, "true")
                .With(LedgerExtra.Folders, LedgerExtra.Join(made.SkipLast(1))),
        });
        return ops;
    }

    private static IReadOnlyList<ReverseOp> Stamp(JournalStep step, List<ReverseOp> ops) =>
        [.. ops.Select(o => o with { Extra = o.Extra.With(LedgerExtra.Digest, step.Intent.Digest).With(LedgerExtra.At, step.Begun is { } begun ? Seconds(begun) : null) })];

    private static bool Same(ReverseOp a, ReverseOp b)
    {
        if (a.Kind != b.Kind || a.Scope != b.Scope || a.Format != b.Format) return false;
        return a.Kind == ReverseKinds.PackageRemove
            ? a.Extra.GetValueOrDefault(LedgerExtra.Digest) == b.Extra.GetValueOrDefault(LedgerExtra.Digest)
            : a.Targets.SequenceEqual(b.Targets, StringComparer.Ordinal);
    }

    private static ReverseOp Combine(ReverseOp first, ReverseOp second)
    {
        var extra = first.Extra;
        var knowsPrior = extra.ContainsKey(LedgerExtra.Prior);
        foreach (var (key, value) in second.Extra)
        {
            if (knowsPrior && key is LedgerExtra.Prior or LedgerExtra.Backup or LedgerExtra.Mode or LedgerExtra.Owner) continue;
            if (key is LedgerExtra.Digest or LedgerExtra.StraysAt or LedgerExtra.AccountSum || !extra.ContainsKey(key)) extra = extra.With(key, value);
            else if (key is LedgerExtra.Folders or LedgerExtra.Dependencies or LedgerExtra.Strays or LedgerExtra.Users or LedgerExtra.Groups or LedgerExtra.Automatic or LedgerExtra.Residual
                or LedgerExtra.Gone or LedgerExtra.Keys)
            {
                extra = extra.With(key, LedgerExtra.Join(LedgerExtra.List(extra, key).Union(LedgerExtra.List(second.Extra, key), StringComparer.Ordinal)));
            }
        }

        if (first.Kind != ReverseKinds.PackageRemove) return first with { Extra = extra };
        string[] targets = [.. first.Targets.Union(second.Targets, StringComparer.Ordinal)];
        return first with
        {
            Targets = targets,
            Extra = extra,
            UninstallCommand = UninstallCommand(first.Format, [.. targets, .. LedgerExtra.List(extra, LedgerExtra.Dependencies)]),
        };
    }
}
