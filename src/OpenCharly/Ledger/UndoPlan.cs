using OpenCharly.Foundation;
using OpenCharly.Plans;

namespace OpenCharly.Ledger;

/// <summary>One recorded operation of a candy that goes, and what becomes of it.</summary>
internal sealed record UndoItem
{
    public required int Index { get; init; }

    public required string Candy { get; init; }

    /// <summary>The operation as recorded.</summary>
    public required ReverseOp Operation { get; init; }

    /// <summary>Why nothing is run; null if it is undone.</summary>
    public string? Kept { get; init; }

    /// <summary>The operation to run: without what other candies still need.</summary>
    public required ReverseOp Run { get; init; }
}

/// <summary>
/// Which recorded operations undo a deployment, last first, and what passes to other candies instead: a path that
/// another candy wrote later, a folder that another one uses, a package that another one lists.
/// </summary>
internal sealed class UndoPlan
{
    private readonly HashSet<string> _leaving;
    private readonly Dictionary<string, CandyRecord> _staying = new(StringComparer.Ordinal);
    private readonly List<UndoItem> _items = [];

    private UndoPlan(LedgerState state, IReadOnlyCollection<string> leaving)
    {
        State = state;
        _leaving = [.. leaving];
    }

    /// <summary>The records before.</summary>
    public LedgerState State { get; }

    /// <summary>What is undone, in the order in which it is done.</summary>
    public IReadOnlyList<UndoItem> Items => _items;

    /// <summary>Candies that nobody holds any more, in the order in which they are undone.</summary>
    public IReadOnlyList<string> Going { get; private set; } = [];

    /// <summary>What the going candies did that can't be undone.</summary>
    public IReadOnlyList<string> NotUndoable =>
    [
        .. Going.Select(c => State.Candies[c]).SelectMany(c => c.Steps.Where(s => s.Extra.ContainsKey(LedgerExtra.Opaque))
            .Where(s => c.ReverseOps.All(o => o.Extra.GetValueOrDefault(LedgerExtra.Digest) != s.Extra.GetValueOrDefault(LedgerExtra.Digest)))
            .Select(s => $"{c.Candy}: {s.Summary ?? s.Kind.ToString()}")),
    ];

    /// <summary>Plans the removal of deploy ids.</summary>
    /// <param name="state">The records.</param>
    /// <param name="leaving">Ids that leave all candies.</param>
    /// <param name="only">The candies concerned; all if null.</param>
    /// <param name="keepRepositories">Leave package repositories in place.</param>
    /// <param name="keepServices">Leave units in place.</param>
    public static UndoPlan Of(
        LedgerState state, IReadOnlyCollection<string> leaving, IReadOnlyCollection<string>? only = null, bool keepRepositories = false, bool keepServices = false)
    {
        var plan = new UndoPlan(state, leaving);

        // A name has two ids while a changed bundle could not be added whole: the newer one's candies came last.
        var order = state.Deploys.Values.Where(d => leaving.Contains(d.DeployId))
            .OrderBy(d => d.DeployedAt).ThenBy(d => d.Candy.Where(state.Candies.ContainsKey).Select(c => LastStep(state.Candies[c])).DefaultIfEmpty(DateTimeOffset.MinValue).Max())
            .SelectMany(d => d.Candy).ToList();
        var concerned = state.Candies.Values.Where(c => c.Candy != LedgerState.LoginShell && c.DeployedBy.Any(leaving.Contains))
            .Where(c => only is null || only.Contains(c.Candy)).ToList();
        var going = concerned.Where(c => c.DeployedBy.All(leaving.Contains))
            .OrderByDescending(c => Place(c.Candy)).ThenByDescending(LastStep).ThenByDescending(c => c.Candy, StringComparer.Ordinal).Select(c => c.Candy).ToList();
        var stays = state.Candies.Values.Where(c => c.Candy != LedgerState.LoginShell && !going.Contains(c.Candy));
        if (state.Candies.ContainsKey(LedgerState.LoginShell) && !stays.Any(c => c.ReverseOps.Any(o => o.Kind == ReverseKinds.RemoveEnvFile)))
        {
            // The block was written after all candies, so it goes first.
            going.Insert(0, LedgerState.LoginShell);
        }

        plan.Going = going;

        // A candy that no deploy record names yet came after all that are named.
        int Place(string candy) => order.LastIndexOf(candy) is >= 0 and var place ? place : int.MaxValue;
        static DateTimeOffset LastStep(CandyRecord record) => record.Steps.Select(s => s.CompletedAt).DefaultIfEmpty(DateTimeOffset.MinValue).Max();
        foreach (var record in state.Candies.Values.Where(c => !going.Contains(c.Candy))) plan._staying[record.Candy] = record;
        foreach (var candy in going)
        {
            foreach (var op in state.Candies[candy].ReverseOps.Reverse()) plan.Add(candy, op, keepRepositories, keepServices);
        }

        return plan;
    }

    /// <summary>The records afterwards.</summary>
    /// <param name="failed">Items that could not be undone: their operations stay for another try.</param>
    /// <param name="needed">Packages that had to stay because others need them, by item.</param>
    public LedgerState After(IReadOnlySet<int> failed, IReadOnlyDictionary<int, IReadOnlyList<string>> needed)
    {
        foreach (var (index, packages) in needed) Inherit(_items[index], packages);
        var after = State;
        foreach (var record in _staying.Values)
        {
            after = after.With(record with { DeployedBy = [.. record.DeployedBy.Where(d => !_leaving.Contains(d))] });
        }

        foreach (var candy in Going)
        {
            var left = _items.Where(i => i.Candy == candy && failed.Contains(i.Index)).Select(i => i.Operation).Reverse().ToList();
            after = left.Count == 0 ? after.WithoutCandy(candy) : after.With(State.Candies[candy] with { Steps = [], ReverseOps = left });
        }

        var stuck = Going.Where(c => after.Candies.ContainsKey(c)).SelectMany(c => State.Candies[c].DeployedBy).ToHashSet(StringComparer.Ordinal);
        return _leaving.Where(id => !stuck.Contains(id)).Aggregate(after, (s, id) => s.WithoutDeploy(id));
    }

    /// <summary>Kept files that no record of the given state needs, below the backup folder.</summary>
    public IReadOnlyList<string> Backups(LedgerState after)
    {
        // Also those of candies that stay, where one took over the prior state of a candy that goes.
        var needed = after.Backups();
        var folders = Going.Where(c => !after.Candies.ContainsKey(c) && !needed.Any(n => n.StartsWith(c + "/", StringComparison.Ordinal)));
        return [.. folders, .. State.Backups().Where(b => !needed.Contains(b))];
    }

    private void Add(string candy, ReverseOp op, bool keepRepositories, bool keepServices)
    {
        var item = new UndoItem { Index = _items.Count, Candy = candy, Operation = op, Run = op };
        if (keepRepositories && op.Kind is ReverseKinds.RemoveRepoFile or ReverseKinds.CoprDisable) item = item with { Kept = "--keep-repo-changes" };
        else if (keepServices && op.Kind is ReverseKinds.ServiceDisable or ReverseKinds.ServiceRemove or ReverseKinds.RemoveDropIn or ReverseKinds.RestoreEnabled or ReverseKinds.LingerDisable) item = item with { Kept = "--keep-services" };
        else if (op.Kind == ReverseKinds.PackageRemove) item = WithoutShared(item);
        else if (ReverseOps.TakesPaths(op.Kind)) item = WithoutInherited(item);
        else if (op.Kind == ReverseKinds.LingerDisable && HeirOf(op) is { } user)
        {
            // The last that needs the account's service manager lets it go, if the first had found it so.
            if (string.CompareOrdinal(At(user.Operation), At(op)) > 0) Replace(user, user.Operation with { Extra = user.Operation.Extra.With(LedgerExtra.PriorLinger, op.Extra.GetValueOrDefault(LedgerExtra.PriorLinger)) });
            item = item with { Kept = $"{user.Candy} uses it as well" };
        }
        else if (op.Kind == ReverseKinds.ServiceDisable && HeirOf(op) is { } heir) item = item with { Kept = $"{heir.Candy} uses it as well" };
        else if (op.Kind == ReverseKinds.ServiceDisable && Restores(candy, op)) item = item with { Run = op with { Extra = op.Extra.With(LedgerExtra.PriorEnabled, "enabled") } };
        _items.Add(item);
    }

    /// <summary>A record made elsewhere may say that the unit was enabled before by an operation of its own.</summary>
    private bool Restores(string candy, ReverseOp op) => !op.Extra.ContainsKey(LedgerExtra.PriorEnabled)
        && State.Candies[candy].ReverseOps.Any(o => o.Kind == ReverseKinds.RestoreEnabled && o.Targets.SequenceEqual(op.Targets, StringComparer.Ordinal));

    private (string Candy, ReverseOp Operation)? HeirOf(ReverseOp op)
    {
        foreach (var record in _staying.Values)
        {
            foreach (var other in record.ReverseOps)
            {
                if ((other.Kind == op.Kind || (ReverseOps.IsFile(other.Kind) && ReverseOps.IsFile(op.Kind))) && other.Targets.SequenceEqual(op.Targets, StringComparer.Ordinal))
                {
                    return (record.Candy, other);
                }
            }
        }

        return null;
    }

    private UndoItem WithoutInherited(UndoItem item)
    {
        var op = item.Operation;
        if (HeirOf(op) is { } heir && string.CompareOrdinal(At(heir.Operation), At(op)) > 0)
        {
            if (op.Kind == ReverseKinds.RemoveManagedBlock)
            {
                if (!heir.Operation.Extra.ContainsKey(LedgerExtra.Origin) && op.Extra.GetValueOrDefault(LedgerExtra.Backup) is { } backup)
                {
                    Replace(heir, heir.Operation with { Extra = heir.Operation.Extra.With(LedgerExtra.Origin, backup) });
                }
                else if (op.Extra.GetValueOrDefault(LedgerExtra.Prior) == PriorState.Absent.Kind)
                {
                    Replace(heir, heir.Operation with { Extra = heir.Operation.Extra.With(LedgerExtra.Prior, PriorState.Absent.Kind).With(LedgerExtra.Backup, null) });
                }
            }
            else if (ReverseOps.IsFile(op.Kind))
            {
                // The other candy wrote over what this one wrote: what was there before this one is now its prior.
                var extra = heir.Operation.Extra;
                foreach (var key in new[] { LedgerExtra.Prior, LedgerExtra.Backup, LedgerExtra.Mode, LedgerExtra.Owner }) extra = extra.With(key, op.Extra.GetValueOrDefault(key));
                Replace(heir, heir.Operation with { Extra = extra.With(LedgerExtra.Folders, LedgerExtra.Join(LedgerExtra.List(extra, LedgerExtra.Folders).Union(LedgerExtra.List(op.Extra, LedgerExtra.Folders), StringComparer.Ordinal))) });
                return item with { Kept = $"{heir.Candy} wrote it as well" };
            }
        }

        // Folders that others still use are theirs to tidy up.
        var folders = LedgerExtra.List(op.Extra, LedgerExtra.Folders).ToList();
        foreach (var folder in folders.ToList())
        {
            if (Occupant(folder) is not { } occupant) continue;
            folders.Remove(folder);
            Replace(occupant, occupant.Operation with
            {
                Extra = occupant.Operation.Extra.With(
                    LedgerExtra.Folders, LedgerExtra.Join(LedgerExtra.List(occupant.Operation.Extra, LedgerExtra.Folders).Append(folder).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))),
            });
        }

        item = item with { Run = op with { Extra = op.Extra.With(LedgerExtra.Folders, LedgerExtra.Join(folders)) } };
        if (op.Kind == ReverseKinds.RemoveFolder && op.Extra.ContainsKey(LedgerExtra.OnlyIfEmpty) && Occupant(ReverseOps.Path(op)) is { } user)
        {
            Replace(user, user.Operation with
            {
                Extra = user.Operation.Extra.With(
                    LedgerExtra.Folders, LedgerExtra.Join(LedgerExtra.List(user.Operation.Extra, LedgerExtra.Folders).Append(ReverseOps.Path(op)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))),
            });
            return item with { Kept = $"{user.Candy} uses it as well" };
        }

        return item;
    }

    private (string Candy, ReverseOp Operation)? Occupant(string folder)
    {
        foreach (var record in _staying.Values)
        {
            foreach (var op in record.ReverseOps.Where(o => ReverseOps.TakesPaths(o.Kind)))
            {
                if (op.Targets.Concat(LedgerExtra.List(op.Extra, LedgerExtra.Folders)).Any(t => t.StartsWith(folder + "/", StringComparison.Ordinal))) return (record.Candy, op);
            }
        }

        return null;
    }

    private UndoItem WithoutShared(UndoItem item)
    {
        var listed = _staying.Values.SelectMany(c => c.Steps).SelectMany(s => LedgerExtra.List(s.Extra, LedgerExtra.Packages))
            .Concat(_staying.Values.SelectMany(c => c.ReverseOps).Where(o => o.Kind == ReverseKinds.PackageRemove).SelectMany(o => o.Targets.Concat(LedgerExtra.List(o.Extra, LedgerExtra.Dependencies))))
            .Select(ReverseOps.BareName).ToHashSet(StringComparer.Ordinal);
        var op = item.Operation;
        var dependencies = LedgerExtra.List(op.Extra, LedgerExtra.Dependencies);
        var shared = op.Targets.Concat(dependencies).Where(listed.Contains).ToList();
        if (shared.Count == 0) return item;
        Inherit(item, shared);
        return item with
        {
            Run = op with
            {
                Targets = [.. op.Targets.Except(shared, StringComparer.Ordinal)],
                Extra = op.Extra.With(LedgerExtra.Dependencies, LedgerExtra.Join(dependencies.Except(shared, StringComparer.Ordinal))),
            },
        };
    }

    /// <summary>
    /// Packages that we brought and that stay, because another candy lists them or something of its needs them: they
    /// become that candy's, so that they go with it.
    /// </summary>
    private void Inherit(UndoItem item, IReadOnlyList<string> packages)
    {
        var heir = _staying.Values.FirstOrDefault(c => c.Steps.Any(s => LedgerExtra.List(s.Extra, LedgerExtra.Packages).Any(packages.Contains)))
            ?? _staying.Values.FirstOrDefault(c => c.ReverseOps.Any(o => o.Kind == ReverseKinds.PackageRemove && o.Format == item.Operation.Format));
        if (heir is null) return;
        var requested = heir.Steps.SelectMany(s => LedgerExtra.List(s.Extra, LedgerExtra.Packages)).ToHashSet(StringComparer.Ordinal);
        var digest = heir.Steps.FirstOrDefault(s => s.Extra.ContainsKey(LedgerExtra.Packages))?.Extra.GetValueOrDefault(LedgerExtra.Digest);
        var passed = item.Operation with
        {
            Targets = [.. packages.Where(requested.Contains)],
            Extra = new Dictionary<string, string>().With(LedgerExtra.Digest, digest).With(LedgerExtra.Dependencies, LedgerExtra.Join(packages.Where(p => !requested.Contains(p)))),
            UninstallCommand = ReverseOps.UninstallCommand(item.Operation.Format, packages),
        };
        _staying[heir.Candy] = heir with { ReverseOps = ReverseOps.Merge(heir.ReverseOps, [passed]) };
    }

    private void Replace((string Candy, ReverseOp Operation) old, ReverseOp with)
    {
        var record = _staying[old.Candy];
        _staying[old.Candy] = record with { ReverseOps = [.. record.ReverseOps.Select(o => ReferenceEquals(o, old.Operation) ? with : o)] };
    }

    private static string At(ReverseOp op) => op.Extra.GetValueOrDefault(LedgerExtra.At, "");
}
