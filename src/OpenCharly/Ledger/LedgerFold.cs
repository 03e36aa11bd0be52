using OpenCharly.Plans;

namespace OpenCharly.Ledger;

/// <summary>
/// Turns a journal into records: the one way in which records change, whether the run ended in order or was cut.
/// Folding a journal twice changes nothing more, so a cut between writing records and deleting the journal is harmless.
/// </summary>
internal static class LedgerFold
{
    /// <summary>The records after a journal.</summary>
    /// <param name="state">The records before.</param>
    /// <param name="journal">The journal.</param>
    /// <param name="bootId">The target's boot id now: after a power cut, what the journal calls finished may not have reached the disk.</param>
    /// <param name="traced">Whether traces of the finished steps are taken along with these records.</param>
    public static LedgerState Apply(LedgerState state, RunJournal journal, string bootId, bool traced)
    {
        if (journal.Run is not { } run) return state;
        if (run.Verb == "del")
        {
            // What was undone half must be applied anew by the next add; the operations stay, for the next del.
            foreach (var candy in journal.Undo.Begun)
            {
                if (state.Candies.TryGetValue(candy, out var record)) state = state.With(record with { Steps = [] });
            }

            return state;
        }

        var sameBoot = run.BootId == bootId;
        foreach (var step in journal.Steps.Values.Where(s => s.MayHaveBegun(sameBoot)))
        {
            state = state.With(Take(state, run, step, sameBoot && !journal.Undo.Begun.Contains(step.Intent.Candy), traced));
        }

        return state.Deploys.ContainsKey(run.DeployId) ? state : state.With(Deploy(run));
    }

    /// <summary>The deploy record of a run.</summary>
    public static DeployRecord Deploy(RunIntent run) => new()
    {
        SchemaVersion = LedgerJson.SchemaVersion,
        DeployId = run.DeployId,
        Name = run.DeployName,
        Image = run.Image,
        Tag = run.Tag,
        Target = run.Target,
        Candy = run.Candies,
        AddCandy = run.AddCandies,
        DeployedAt = run.Started,
    };

    /// <summary>An empty record of a candy.</summary>
    public static CandyRecord Empty(RunIntent run, string candy, string? version) => new()
    {
        SchemaVersion = LedgerJson.SchemaVersion,
        Candy = candy,
        Version = version,
        DeployedAt = run.Started,
        BuilderImage = run.BuilderImage,
    };

    private static CandyRecord Take(LedgerState state, RunIntent run, JournalStep step, bool isBelieved, bool traced)
    {
        var intent = step.Intent;
        var record = state.Candies.GetValueOrDefault(intent.Candy) ?? Empty(run, intent.Candy, intent.Version);
        var steps = record.Steps.Where(s => s.Extra.GetValueOrDefault(LedgerExtra.Digest) != intent.Digest).ToList();
        if (step.Succeeded && isBelieved) steps.Add(Recorded(step, traced));
        return record with
        {
            Version = intent.Version ?? record.Version,
            BuilderImage = run.BuilderImage ?? record.BuilderImage,
            DeployedBy = intent.Candy == LedgerState.LoginShell || record.DeployedBy.Contains(run.DeployId) ? record.DeployedBy : [.. record.DeployedBy, run.DeployId],
            DeployedAt = run.Started,
            Steps = steps,
            ReverseOps = ReverseOps.Merge(record.ReverseOps, ReverseOps.Of(step)),
        };
    }

    private static RecordedStep Recorded(JournalStep step, bool traced)
    {
        var intent = step.Intent;

        // An archive's content is not known before it is unpacked: its folder is all there is to look at.
        var paths = (intent.Paths.Count > 0 || intent.PackageFormat is not null || intent.Units.Count > 0 ? intent.Paths : intent.Folders)
            .Concat(step.Kept.Keys).Distinct(StringComparer.Ordinal);
        var extra = new Dictionary<string, string>().With(LedgerExtra.Digest, intent.Digest)
            .With(LedgerExtra.Paths, intent.Opaque ? null : LedgerExtra.Join(paths))
            .With(LedgerExtra.Opaque, intent.Opaque ? "true" : null)
            .With(LedgerExtra.Fields, intent.Fields)
            .With(LedgerExtra.Format, intent.PackageFormat)
            .With(LedgerExtra.Packages, intent.PackageFormat is null ? null : LedgerExtra.Join(intent.Packages.Select(ReverseOps.BareName)))
            .With(LedgerExtra.Units, LedgerExtra.Join(intent.Units.Select(StepIntent.UnitText)))
            .With(LedgerExtra.Ended, step.Ended is { } ended ? ReverseOps.Seconds(ended) : null)
            .With(LedgerExtra.Block, intent.Block)
            .With(LedgerExtra.BlockDigest, intent.BlockDigest)
            .With(LedgerExtra.Untraced, traced || intent.Opaque ? null : "true");
        return new RecordedStep
        {
            Kind = intent.Kind,
            Scope = intent.Scope,
            Venue = intent.Venue,
            Summary = intent.Summary,
            CompletedAt = step.Ended ?? DateTimeOffset.UnixEpoch,
            Extra = extra,
        };
    }
}
