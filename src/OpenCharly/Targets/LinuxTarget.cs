using OpenCharly.Checks;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Ledger;
using OpenCharly.Model;
using OpenCharly.Plans;

namespace OpenCharly.Targets;

/// <summary>
/// Applies plans to a Linux machine: this one, a host behind ssh, or a guest. What differs between them is the executor
/// and the options.
/// </summary>
/// <remarks>Errors: <see cref="Errors.RunTarget"/> if the machine can't be used, <see cref="Errors.SudoMissing"/> if root
/// rights are needed and not given, <see cref="Errors.PlanStale"/> if a plan does not fit the machine or its files
/// changed, <see cref="Errors.LedgerRecord"/> for a corrupt ledger, and those of the executor.</remarks>
public sealed class LinuxTarget : IDeployTarget
{
    private readonly IExecutor _executor;
    private readonly LinuxTargetOptions _options;
    private readonly IProgress<CharlyEvent> _progress;
    private readonly TargetSession _session;
    private readonly Func<InstallPlan, InstallStep, StepScript> _render;

    /// <summary>Makes a target. Nothing is connected yet.</summary>
    /// <param name="executor">Reaches the machine; disposed with the target.</param>
    /// <param name="options">What makes this target different from others.</param>
    /// <param name="progress">Where events go.</param>
    public LinuxTarget(IExecutor executor, LinuxTargetOptions options, IProgress<CharlyEvent> progress)
        : this(executor, options, progress, (plan, step) => StepScripts.Render(step, plan))
    {
    }

    internal LinuxTarget(EarlyLook early, LinuxTargetOptions options, IProgress<CharlyEvent> progress)
        : this(early.Executor, options, progress, (plan, step) => StepScripts.Render(step, plan), early)
    {
    }

    internal LinuxTarget(
        IExecutor executor, LinuxTargetOptions options, IProgress<CharlyEvent> progress,
        Func<InstallPlan, InstallStep, StepScript> render, EarlyLook? early = null)
    {
        _executor = executor;
        _options = options;
        _progress = progress;
        _render = render;
        _session = new TargetSession(executor, options, progress, early);
    }

    /// <inheritdoc/>
    public string Id => _options.Id;

    /// <inheritdoc/>
    public string Host => _options.Host;

    /// <inheritdoc/>
    public bool CanReboot => _options.CanReboot;

    /// <inheritdoc/>
    public async Task<TargetFacts> GetFactsAsync(CancellationToken cancellationToken = default) =>
        (await _session.LookAsync(cancellationToken).ConfigureAwait(false)).Facts;

    /// <inheritdoc/>
    public async Task<InstallPlan> RememberAsync(InstallPlan plan, CancellationToken cancellationToken = default) =>
        plan with { Basis = TargetBasis.Of(plan, await _session.LookAsync(cancellationToken).ConfigureAwait(false)) };

    /// <inheritdoc/>
    public async Task<IReadOnlyList<PlanChange>> CompareAsync(Func<TargetFacts, InstallPlan> planFor, CancellationToken cancellationToken = default)
    {
        var snapshot = await _session.ReadCloserAsync(cancellationToken).ConfigureAwait(false);
        var comparer = new PlanComparer(planFor(snapshot.Facts), _options, snapshot);
        if (comparer.WhyStale() is { } why) _session.Progress.Report(new NoticeEvent(NoticeLevel.Warning, why));
        return comparer.Compare();
    }

    /// <inheritdoc/>
    public async Task<LedgerRecord> ReadLedgerAsync(CancellationToken cancellationToken = default)
    {
        var snapshot = await _session.ReadAsync(cancellationToken).ConfigureAwait(false);
        var state = snapshot.Records();
        var unfinished = snapshot.Unfinished();
        return new LedgerRecord(
            _options.DisplayName ?? Id,
            [.. state.Deploys.Values.OrderBy(d => d.Name, StringComparer.Ordinal)],
            [.. state.Candies.Values.Where(c => c.Candy != LedgerState.LoginShell).OrderBy(c => c.Candy, StringComparer.Ordinal)],
            unfinished.Count > 0 ? unfinished[0] : null)
        {
            UnfinishedRuns = unfinished,
        };
    }

    /// <inheritdoc/>
    public async Task<DriftReport> GetDriftAsync(IReadOnlyCollection<string> bundles, CancellationToken cancellationToken = default) =>
        new DriftCheck(await _session.CompareAsync(cancellationToken).ConfigureAwait(false), _options.DisplayName ?? Id).Find(bundles);

    /// <inheritdoc/>
    public Task<DeployResult> ApplyAsync(InstallPlan plan, ApplyOptions options, CancellationToken cancellationToken = default) =>
        new PlanApplier(_session, plan, options, step => _render(plan, step)).RunAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<CheckResult>> CheckAsync(
        CheckSuite suite, CheckSelection selection, IReadOnlyDictionary<string, string> values, DistroVocabulary vocabulary, CancellationToken cancellationToken = default)
    {
        var facts = (await GetFactsAsync(cancellationToken).ConfigureAwait(false)).In(vocabulary);
        await _session.CloseAsync().ConfigureAwait(false);
        var place = new CheckPlace { Facts = facts, Host = Host, Values = values, Peers = _options.Peers, HasOwnPorts = _options.HasOwnPorts };
        return await new CheckRunner(_executor, place, _options.OperatorMachine, _options.Clock, _progress).RunAsync(suite, selection, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<DeployResult?> RemoveAsync(string deployName, RemoveOptions options, CancellationToken cancellationToken = default) =>
        new DeploymentRemover(_session, deployName, options).RunAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<DeployResult?> RepairAsync(string deployName, RepairOptions options, CancellationToken cancellationToken = default) =>
        new RunRepairer(_session, deployName, options, _render).RunAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _session.DisposeAsync().ConfigureAwait(false);
        if (_options.Builder is { } builder) await builder.DisposeAsync().ConfigureAwait(false);
    }
}
