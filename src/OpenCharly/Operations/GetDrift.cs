using OpenCharly.Foundation;
using OpenCharly.Ledger;
using OpenCharly.Model;

namespace OpenCharly.Operations;

/// <summary>Tells what on the targets of bundles is no longer as it was applied.</summary>
/// <param name="context">What it works with.</param>
public sealed class GetDrift(CharlyContext context)
{
    /// <summary>
    /// Compares the ledgers of the bundles' targets with what stands there: one round trip a target, however many
    /// bundles it holds, and an error ends the work on its own target only. A machine that is off stays off. Among named
    /// bundles, one that was never applied is <see cref="Errors.LedgerUnknown"/> and a target that does not answer is its
    /// error; where all bundles were asked for, or a wildcard was, the first is passed over and the second is a warning.
    /// </summary>
    /// <param name="query">Which bundles.</param>
    /// <param name="throttle">How many targets are asked at a time, from 1.</param>
    /// <param name="cancellationToken">Stops all.</param>
    /// <returns>One a target, in the order of their names.</returns>
    public async Task<IReadOnlyList<DriftComparison>> RunAsync(
        DriftQuery query, int throttle = AddBundles.DefaultThrottle, CancellationToken cancellationToken = default)
    {
        var groups = await GroupAsync(query.Names, cancellationToken).ConfigureAwait(false);
        var answers = await TargetAnswers.AskAsync(groups, g => g.Host, throttle, RunAsync, cancellationToken).ConfigureAwait(false);
        return [.. groups.Zip(answers, (group, answer) => new DriftComparison(group, answer.Answer ?? [], answer.Failure))];
    }

    /// <summary>The targets of these bundles, each with its bundles.</summary>
    /// <param name="names">Deploy keys, with the wildcards <c>*</c>, <c>?</c> and <c>[]</c>; all if empty.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Errors.CfgEntry"/> for a plain name that nobody knows.</exception>
    public async Task<IReadOnlyList<DriftGroup>> GroupAsync(IReadOnlyList<string> names, CancellationToken cancellationToken = default)
    {
        var project = await new BundleResolver(context).LoadAsync(cancellationToken).ConfigureAwait(false);
        return
        [
            .. GetBundles.Find(project, names).GroupBy(TargetOpener.PlaceOf)
                .Select(target => new DriftGroup(project, [.. target], [.. target.Select(e => e.Key).Where(names.Contains)])),
        ];
    }

    /// <summary>Compares one target.</summary>
    public async Task<IReadOnlyList<DriftItem>> RunAsync(DriftGroup group, CancellationToken cancellationToken = default)
    {
        var work = context.For(group.Bundles[0]);
        DriftReport report;
        try
        {
            var target = await new TargetOpener(work).OpenAsync(group.Project, group.Entries[0], noStart: true, null, cancellationToken).ConfigureAwait(false);
            await using (target.ConfigureAwait(false))
            {
                report = await target.GetDriftAsync(group.Bundles, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (CharlyException e) when (group.Named.Count == 0 && e.Code.Kind is ErrorKind.Unreachable or ErrorKind.WrongState or ErrorKind.NotFound)
        {
            // A machine that was never made holds nothing that could drift.
            if (e.Code != Errors.VmNotCreated && e.Code != Errors.VmNotFound) work.Progress.Report(new NoticeEvent(NoticeLevel.Warning, $"{group.Host} was not compared: {e.Message}"));
            return [];
        }

        if (group.Named.FirstOrDefault(n => !report.Bundles.Contains(n)) is { } unknown)
        {
            throw new CharlyException(
                Errors.LedgerUnknown,
                $"{unknown} is not applied on {group.Host}",
                report.Bundles.Count == 0 ? $"Run: charly bundle add {unknown}" : $"Applied there: {string.Join(", ", report.Bundles)}.",
                target: unknown);
        }

        TellUnseen(work.Progress, group.Host, report);
        return [.. report.Items.Select(i => i with { Target = group.Host })];
    }

    /// <summary>Warns of what could not be compared: that nothing drifted must not be said of it in silence.</summary>
    internal static void TellUnseen(IProgress<CharlyEvent> progress, string host, DriftReport report)
    {
        if (report.Unseen.Count == 0) return;
        progress.Report(new NoticeEvent(
            NoticeLevel.Warning,
            $"{host}: {report.Unseen.Count} {(report.Unseen.Count == 1 ? "path was" : "paths were")} not compared, because only root can read {(report.Unseen.Count == 1 ? "it" : "them")}: {string.Join(", ", report.Unseen.Take(3))}"));
    }
}

/// <summary>The bundles of one target that are compared together.</summary>
public sealed record DriftGroup
{
    /// <param name="project">Where the bundles are declared.</param>
    /// <param name="entries">The bundles, at least one; the first is the one through which the target is opened.</param>
    /// <param name="named">Those of them that were named without a wildcard.</param>
    internal DriftGroup(Project project, IReadOnlyList<Deployment> entries, IReadOnlyList<string> named) => (Project, Entries, Named) = (project, entries, named);

    /// <summary>Where they are, for people.</summary>
    public string Host => TargetOpener.HostOf(Entries[0]);

    /// <summary>Deploy keys.</summary>
    public IReadOnlyList<string> Bundles => [.. Entries.Select(e => e.Key)];

    /// <summary>Those of them that were named without a wildcard.</summary>
    public IReadOnlyList<string> Named { get; }

    internal Project Project { get; }

    internal IReadOnlyList<Deployment> Entries { get; }
}

/// <summary>What came of comparing one target.</summary>
/// <param name="Group">The target and its bundles.</param>
/// <param name="Items">The differences; empty after a failure.</param>
/// <param name="Failure">The failure; null if there was none.</param>
public sealed record DriftComparison(DriftGroup Group, IReadOnlyList<DriftItem> Items, CharlyException? Failure);

/// <summary>Which bundles <see cref="GetDrift"/> compares.</summary>
public sealed record DriftQuery
{
    /// <summary>Deploy keys, with the wildcards <c>*</c>, <c>?</c> and <c>[]</c>; all if empty.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];
}
