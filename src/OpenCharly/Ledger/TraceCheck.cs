namespace OpenCharly.Ledger;

/// <summary>How a trace of a recorded step differs.</summary>
internal enum TraceFaultKind
{
    /// <summary>It is gone, or was never taken.</summary>
    Missing,

    /// <summary>It is another one.</summary>
    Modified,

    /// <summary>It was touched, and who looked may not read it.</summary>
    Unreadable,
}

/// <summary>What of a recorded step does not stand.</summary>
/// <param name="Kind">How it differs.</param>
/// <param name="Text">A clause for people.</param>
internal readonly record struct TraceFault(TraceFaultKind Kind, string Text);

/// <summary>
/// Whether recorded steps still stand on the target: first by the stamps that the probe read, and where those differ,
/// by content, mode, owner and package database.
/// </summary>
/// <param name="snapshot">What the probe saw.</param>
internal sealed class TraceCheck(LedgerSnapshot snapshot)
{
    private Inspection? _inspection;

    /// <summary>Whether stamps on record are out of date although nothing that matters changed.</summary>
    public bool NeedsRefresh { get; private set; }

    /// <summary>Paths that the stamps alone can't settle for these steps.</summary>
    public IReadOnlyList<string> Doubtful(IEnumerable<RecordedStep> steps) =>
        [.. steps.SelectMany(Stamps.PathsOf).Where(p => !StampStands(p)).Distinct(StringComparer.Ordinal)];

    /// <summary>Those of the doubtful paths in which these steps keep managed blocks.</summary>
    public IReadOnlyList<string> DoubtfulBlocks(IEnumerable<RecordedStep> steps) =>
        Doubtful(steps.Where(s => s.Extra.ContainsKey(LedgerExtra.BlockDigest)));

    /// <summary>Packages that must be looked up for these steps, by format.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> DoubtfulPackages(IEnumerable<RecordedStep> steps) =>
        steps.Where(s => Stamps.DatabaseOf(s.Extra.GetValueOrDefault(LedgerExtra.Format)) is { } database && !StampStands(database))
            .GroupBy(s => s.Extra[LedgerExtra.Format])
            .ToDictionary(g => g.Key, g => (IReadOnlyList<string>)[.. g.SelectMany(s => LedgerExtra.List(s.Extra, LedgerExtra.Packages)).Distinct(StringComparer.Ordinal)])
            .Where(p => p.Value.Count > 0).ToDictionary();

    /// <summary>Takes the closer look in.</summary>
    public void Use(Inspection inspection) => _inspection = inspection;

    /// <summary>Why a recorded step does not stand; null if it does.</summary>
    public string? WhyNot(RecordedStep step) => FaultOf(step)?.Text;

    /// <summary>What of a recorded step does not stand; null if all does.</summary>
    public TraceFault? FaultOf(RecordedStep step)
    {
        var isUntraced = step.Extra.ContainsKey(LedgerExtra.Untraced);
        var database = Stamps.DatabaseOf(step.Extra.GetValueOrDefault(LedgerExtra.Format));
        foreach (var path in Stamps.PathsOf(step))
        {
            if ((path == database ? WhyPackagesDiffer(step, path) : WhyBlockDiffers(step, path, isUntraced)) is { } why) return why;
        }

        foreach (var unit in LedgerExtra.List(step.Extra, LedgerExtra.Units))
        {
            if (WhyUnitDiffers(unit) is { } why) return why;
        }

        return null;
    }

    private bool StampStands(string path)
    {
        var recorded = snapshot.RecordedStamps.GetValueOrDefault(path);
        var now = snapshot.Stamps.GetValueOrDefault(path);
        if (recorded is null) return false;
        return recorded.StartsWith('-') ? now is null : Stamps.Same(recorded, now, IsDatabase(path));
    }

    private TraceFault? WhyPackagesDiffer(RecordedStep step, string database)
    {
        if (StampStands(database)) return null;
        NeedsRefresh = true;
        var missing = LedgerExtra.List(step.Extra, LedgerExtra.Packages).Where(p => _inspection?.Packages.Contains(p) != true).ToList();
        return missing.Count == 0 ? null : Missing($"{string.Join(", ", missing)} not installed");
    }

    // The rest of a file with a managed block is somebody else's.
    private TraceFault? WhyBlockDiffers(RecordedStep step, string path, bool isUntraced)
    {
        if (!step.Extra.TryGetValue(LedgerExtra.BlockDigest, out var digest) || StampStands(path)) return WhyPathDiffers(path, isUntraced);
        var block = DriftCheck.BlockOf(step.Extra.GetValueOrDefault(LedgerExtra.Block, ""));
        var text = _inspection?.Blocks[path].Select(b => DriftCheck.Lines(b, block)).FirstOrDefault(t => t is not null);
        if (text is null) return Missing($"the block in {path} is gone");
        if (DriftCheck.DigestOf(text) != digest) return Modified($"the block in {path} was changed");
        NeedsRefresh = true;
        return null;
    }

    private TraceFault? WhyPathDiffers(string path, bool isUntraced)
    {
        if (StampStands(path)) return null;
        var recorded = snapshot.RecordedStamps.GetValueOrDefault(path);
        var now = _inspection?.Stamps.GetValueOrDefault(path);
        if (isUntraced)
        {
            // A run that was cut after the step ended took no traces, and those on record are older: what is there now
            // is what it made.
            NeedsRefresh = true;
            return now is not null ? null : Missing($"{path} is gone");
        }

        if (recorded is null) return Missing($"{path} is not on record");

        if (recorded.StartsWith('-')) return now is null ? null : Modified($"{path} is there again");
        if (now is null) return Missing($"{path} is gone");
        if (Stamps.Same(recorded, now)) return null;
        if (!Stamps.SameModeAndOwner(recorded, now)) return Modified($"{path} has another mode or owner");
        if (_inspection!.RecordedDigests.GetValueOrDefault(path) is not { } digest) return Modified($"{path} was changed");
        if (_inspection.Digests.GetValueOrDefault(path) is not { } found) return new TraceFault(TraceFaultKind.Unreadable, $"{path} was touched, and can't be read to see whether it was changed");
        if (digest != found) return Modified($"{path} was changed");
        NeedsRefresh = true;
        return null;
    }

    private TraceFault? WhyUnitDiffers(string unit)
    {
        if (!snapshot.RecordedUnits.TryGetValue(unit, out var recorded)) return snapshot.Facts.HasSystemd ? Missing($"{unit[2..]} is not on record") : null;
        if (!snapshot.Units.TryGetValue(unit, out var now)) return null;
        if (recorded.Enabled != now.Enabled) return now.Enabled.Length > 0 ? Modified($"{unit[2..]} is {now.Enabled}") : Missing($"{unit[2..]} is gone");
        return recorded.Active == "active" && now.Active is not ("active" or "activating" or "reloading") ? Modified($"{unit[2..]} is {now.Active}") : null;
    }

    private static TraceFault? Missing(string text) => new TraceFault(TraceFaultKind.Missing, text);

    private static TraceFault? Modified(string text) => new TraceFault(TraceFaultKind.Modified, text);

    private static bool IsDatabase(string path) => path == Stamps.DatabaseOf("deb") || path == Stamps.DatabaseOf("rpm") || path == Stamps.DatabaseOf("pac");
}
