using OpenCharly.Checks;
using OpenCharly.Foundation;
using OpenCharly.Ledger;
using OpenCharly.Model;
using OpenCharly.Plans;

namespace OpenCharly.Targets;

/// <summary>How a plan is applied.</summary>
public sealed record ApplyOptions
{
    /// <summary>Apply steps again whose digest is on record and whose traces stand, and a plan whose target changed since it was made.</summary>
    public bool Force { get; init; }

    /// <summary>Do not look for root rights first.</summary>
    public bool SkipPreflight { get; init; }

    /// <summary>Values of secrets that steps name, by variable; masked in all output.</summary>
    public IReadOnlyDictionary<string, string> Secrets { get; init; } = new Dictionary<string, string>();

    /// <summary>The operator's machine, for files that are fetched to it; nothing is fetched if null.</summary>
    public CharlyEnvironment? FetchTo { get; init; }
}

/// <summary>How a deployment is removed.</summary>
public sealed record RemoveOptions
{
    /// <summary>Only say what would be done.</summary>
    public bool DryRun { get; init; }

    /// <summary>Leave package repositories in place.</summary>
    public bool KeepRepoChanges { get; init; }

    /// <summary>Leave units in place.</summary>
    public bool KeepServices { get; init; }
}

/// <summary>What becomes of a run that was cut.</summary>
public sealed record RepairOptions
{
    /// <summary>Take it back, to the state before it; else finish it.</summary>
    public bool Rollback { get; init; }

    /// <summary>Only say what would be done.</summary>
    public bool DryRun { get; init; }

    /// <summary>How the plan that was found on the target is applied: it names secrets, but holds none. Plain options if null.</summary>
    public Func<InstallPlan, CancellationToken, Task<ApplyOptions>>? OptionsFor { get; init; }
}

/// <summary>
/// A place that plans are applied to. One object serves one operation: the connection that it opens on first use, and
/// the ledger lock that goes with it, last until it is disposed.
/// </summary>
public interface IDeployTarget : IAsyncDisposable
{
    /// <summary>Ledger target: <c>host</c>, <c>vm:&lt;entity&gt;</c>.</summary>
    string Id { get; }

    /// <summary>Where it is, for people: <c>local</c>, <c>[user@]host[:port]</c>, an ssh alias.</summary>
    string Host { get; }

    /// <summary>Whether reboot steps run here.</summary>
    bool CanReboot { get; }

    /// <summary>Waits until the target can be used, and asks what a plan needs to know.</summary>
    Task<TargetFacts> GetFactsAsync(CancellationToken cancellationToken = default);

    /// <summary>The plan with what it takes for granted about this target, as it was seen when the facts were asked.</summary>
    Task<InstallPlan> RememberAsync(InstallPlan plan, CancellationToken cancellationToken = default);

    /// <summary>Tells what a plan would change here, in one round trip and without changing anything.</summary>
    /// <param name="planFor">Gives the plan for what the target said.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<IReadOnlyList<PlanChange>> CompareAsync(Func<TargetFacts, InstallPlan> planFor, CancellationToken cancellationToken = default);

    /// <summary>Reads the ledger without taking its lock.</summary>
    Task<LedgerRecord> ReadLedgerAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Compares the ledger with what stands on the target, in one round trip, without taking the ledger's lock.
    /// </summary>
    /// <param name="bundles">Deploy keys; all on record if empty.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<DriftReport> GetDriftAsync(IReadOnlyCollection<string> bundles, CancellationToken cancellationToken = default);

    /// <summary>Applies a plan. A failing step ends in a result with <see cref="DeployResult.Failure"/>, not an exception.</summary>
    Task<DeployResult> ApplyAsync(InstallPlan plan, ApplyOptions options, CancellationToken cancellationToken = default);

    /// <summary>
    /// Runs checks. The ledger's lock is let go before, so that a check may use charly itself; nothing else can be done
    /// with this object afterwards.
    /// </summary>
    /// <param name="suite">The checks.</param>
    /// <param name="selection">Which of them.</param>
    /// <param name="values">Values of their variables, by <c>NAME</c> or <c>NAME:arg</c>.</param>
    /// <param name="vocabulary">Distributions of the project, by which checks know the target as packages do.</param>
    /// <param name="cancellationToken">Ends what runs.</param>
    Task<IReadOnlyList<CheckResult>> CheckAsync(
        CheckSuite suite, CheckSelection selection, IReadOnlyDictionary<string, string> values, DistroVocabulary vocabulary, CancellationToken cancellationToken = default);

    /// <summary>Removes the deployment of that name; null if the ledger has no record of it.</summary>
    Task<DeployResult?> RemoveAsync(string deployName, RemoveOptions options, CancellationToken cancellationToken = default);

    /// <summary>
    /// Finishes the run of that name that was cut, from what is on the target, or takes it back; null if none was cut.
    /// </summary>
    /// <remarks><see cref="Errors.PlanStale"/> if it can be finished only from the project,
    /// <see cref="Errors.LedgerLater"/> if other runs came after it, so that it can't be taken back.</remarks>
    Task<DeployResult?> RepairAsync(string deployName, RepairOptions options, CancellationToken cancellationToken = default);
}
