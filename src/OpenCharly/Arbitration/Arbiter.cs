using OpenCharly.Foundation;

namespace OpenCharly.Arbitration;

/// <summary>What somebody wants for himself.</summary>
/// <param name="Address">The claimant.</param>
/// <param name="Tokens">The resources.</param>
/// <param name="Transient">Whether the lease ends with the run that takes it.</param>
public sealed record LeaseRequest(DeployAddress Address, IReadOnlyList<string> Tokens, bool Transient = false);

/// <summary>A lease that was taken or found.</summary>
/// <param name="Lease">The lease.</param>
/// <param name="IsNew">Whether this request took it.</param>
public sealed record LeaseGrant(Lease Lease, bool IsNew);

/// <summary>How long holders get, and how often they are looked at.</summary>
/// <param name="Poll">Time between two looks.</param>
/// <param name="Limit">How long one may take to be really off.</param>
public sealed record ArbiterPatience(TimeSpan Poll, TimeSpan Limit)
{
    /// <summary>Every 2 s, for 180 s (deploy.md §10.4).</summary>
    public static ArbiterPatience Usual { get; } = new(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(180));
}

/// <summary>
/// Gives scarce resources to one deployment at a time: stops those that hold them and may be stopped, and starts them again
/// (deploy.md §10). Whoever is to be stopped is on the ledger before anybody is, so that after a cut at any point everybody who
/// does not run, and should, can be found there.
/// </summary>
/// <param name="ledger">The leases.</param>
/// <param name="control">Starts and stops.</param>
/// <param name="environment">Variables and clock.</param>
/// <param name="progress">Told what is done.</param>
/// <param name="patience">How long holders get; the usual time if null.</param>
public sealed class Arbiter(LeaseLedger ledger, IHolderControl control, CharlyEnvironment environment, IProgress<CharlyEvent> progress, ArbiterPatience? patience = null)
{
    /// <summary>Variable that tells child processes that an outer one holds the lease.</summary>
    public const string Variable = "CHARLY_PREEMPT_LEASE";

    private readonly ArbiterPatience _patience = patience ?? ArbiterPatience.Usual;

    /// <summary>Takes resources: null if none are asked for, or if an outer process has them.</summary>
    /// <param name="request">Who wants what.</param>
    /// <param name="holders">All deployments that hold something and may be stopped.</param>
    /// <param name="cancellationToken">Gives up; whoever was stopped until then is started again.</param>
    /// <exception cref="CharlyException"><see cref="Errors.LeaseHeld"/>, <see cref="Errors.LeaseHolder"/>, <see cref="Errors.LeaseLedger"/>. Nobody stays stopped.</exception>
    public async Task<LeaseGrant?> AcquireAsync(LeaseRequest request, IReadOnlyList<Holder> holders, CancellationToken cancellationToken = default)
    {
        string[] tokens = [.. request.Tokens.Distinct(StringComparer.Ordinal)];
        if (tokens.Length == 0 || environment.Variable(Variable) is not null) return null;
        using var held = await ledger.LockAsync(Waiting, cancellationToken).ConfigureAwait(false);
        await ReconcileAsync(request.Address, cancellationToken).ConfigureAwait(false);
        var all = ledger.Read();
        var own = all.FirstOrDefault(l => l.Claim.IsSame(request.Address));
        var others = all.Where(l => l != own).ToArray();
        if (others.FirstOrDefault(l => l.Tokens.Intersect(tokens, StringComparer.Ordinal).Any()) is { } other) throw Held(request, other, tokens);

        // A lease of its own may be of a run that was cut before everybody was stopped, so all are looked at.
        string[] claimed = [.. own?.Tokens ?? [], .. tokens.Except(own?.Tokens ?? [], StringComparer.Ordinal)];
        var running = new List<Holder>();
        foreach (var holder in holders.Where(h => !h.Address.IsSame(request.Address) && h.Holds.Intersect(claimed, StringComparer.Ordinal).Any()))
        {
            if (running.Any(r => r.Address.IsSame(holder.Address)) || !await control.IsRunningAsync(holder.Address, cancellationToken).ConfigureAwait(false)) continue;
            running.Add(holder);
        }

        var listed = (own?.Preempted ?? []).Concat(running.Where(h => own?.Preempted.Any(p => p.Address.IsSame(h.Address)) != true));
        var lease = NewLease(request) with { Tokens = claimed, Preempted = [.. listed], Created = own?.Created ?? environment.Clock.GetUtcNow() };
        ledger.Write([.. others, lease]);
        await StopAsync(request, running, own, others, cancellationToken).ConfigureAwait(false);
        return new LeaseGrant(lease, IsNew: own is null);
    }

    /// <summary>Ends the lease of a claimant, and starts again whom it stopped; null if it has none, or if an outer process holds it.</summary>
    /// <param name="claimant">The claimant.</param>
    /// <param name="succeeded">Whether it did what it was for; who wants that stays stopped otherwise, and on the ledger.</param>
    /// <param name="cancellationToken">Gives up; who was not started yet stays on the ledger.</param>
    public async Task<LeaseRestore?> ReleaseAsync(DeployAddress claimant, bool succeeded, CancellationToken cancellationToken = default)
    {
        if (environment.Variable(Variable) is not null || ledger.Read().All(l => !l.Claim.IsSame(claimant))) return null;
        using var held = await ledger.LockAsync(Waiting, cancellationToken).ConfigureAwait(false);
        return ledger.Read().FirstOrDefault(l => l.Claim.IsSame(claimant)) is { } lease ? await EndAsync(lease, succeeded, cancellationToken).ConfigureAwait(false) : null;
    }

    /// <summary>All leases as they stand.</summary>
    public async Task<IReadOnlyList<LeaseStatus>> StatusAsync(CancellationToken cancellationToken = default)
    {
        var found = new List<LeaseStatus>();
        foreach (var lease in ledger.Read()) found.Add(new LeaseStatus(lease, await IsStrandedAsync(lease, cancellationToken).ConfigureAwait(false)));
        return found;
    }

    /// <summary>Ends one lease whether its claimant is there or not; without a name, all that are stranded.</summary>
    /// <param name="claimant">Deploy key; null for all stranded.</param>
    /// <param name="cancellationToken">Gives up; who was not started yet stays on the ledger.</param>
    /// <exception cref="CharlyException"><see cref="Errors.LeaseUnknown"/>, <see cref="Errors.LeaseLedger"/>.</exception>
    public async Task<IReadOnlyList<LeaseRestore>> RestoreAsync(string? claimant, CancellationToken cancellationToken = default)
    {
        using var held = await ledger.LockAsync(Waiting, cancellationToken).ConfigureAwait(false);
        if (claimant is null) return await ReconcileAsync(self: null, cancellationToken).ConfigureAwait(false);
        var leases = ledger.Read();
        var lease = leases.FirstOrDefault(l => l.Claimant == claimant) ?? throw Unknown(claimant, leases.Select(l => l.Claimant));
        return [await EndAsync(lease, succeeded: true, cancellationToken).ConfigureAwait(false)];
    }

    /// <summary>The error of a claimant without a lease.</summary>
    public static CharlyException Unknown(string claimant, IEnumerable<string> known) => new(
        Errors.LeaseUnknown, $"\"{claimant}\" has no lease", Nearest.Suggest(claimant, known, "See who has one: charly preempt status"), target: claimant);

    private async Task StopAsync(LeaseRequest request, List<Holder> running, Lease? before, Lease[] others, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var holder in running)
            {
                Tell(NoticeLevel.Info, $"stopping {holder.Address.Name}, which holds {string.Join(", ", holder.Holds)}, for {request.Address.Name}");
                await control.StopAsync(holder.Address, cancellationToken).ConfigureAwait(false);
                await WaitUntilOffAsync(holder, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            // Who was stopped must run again, also when the user lost patience.
            var failed = await StartAsync(running.AsEnumerable().Reverse(), CancellationToken.None).ConfigureAwait(false);
            Lease? rest = failed.Count == 0 ? before : (before ?? NewLease(request)) with { Preempted = [.. (before?.Preempted ?? []).Where(p => failed.Keys.All(f => !f.Address.IsSame(p.Address))), .. failed.Keys] };
            ledger.Write(rest is null ? others : [.. others, rest]);
            if (e is not CharlyException error) throw;
            var left = failed.Count == 0 ? "Whoever was stopped runs again." : $"Not running again: {string.Join("; ", failed.Values)}. Run: charly preempt restore {request.Address.Name}";
            throw new CharlyException(Errors.LeaseHolder, $"{request.Address.Name} could not get what it claims: {error.Message}", left, error.Position, request.Address.Name, error);
        }
    }

    private async Task WaitUntilOffAsync(Holder holder, CancellationToken cancellationToken)
    {
        var deadline = environment.Clock.GetUtcNow() + _patience.Limit;
        while (await control.IsRunningAsync(holder.Address, cancellationToken).ConfigureAwait(false))
        {
            if (environment.Clock.GetUtcNow() >= deadline)
            {
                throw new CharlyException(Errors.LeaseHolder, $"{holder.Address.Name} was still running {_patience.Limit.TotalSeconds:0} s after it was asked to stop", "Stop it by hand.", target: holder.Address.Name);
            }

            progress.Report(new WaitEvent($"{holder.Address.Name} is off", 1, 1, deadline, "it is still running"));
            await Task.Delay(_patience.Poll, environment.Clock, cancellationToken).ConfigureAwait(false);
        }
    }

    // Stranded leases are ended before anybody takes a new one; the claimant's own is about to be used again.
    private async Task<IReadOnlyList<LeaseRestore>> ReconcileAsync(DeployAddress? self, CancellationToken cancellationToken)
    {
        var ended = new List<LeaseRestore>();
        foreach (var lease in ledger.Read())
        {
            if ((self is not null && lease.Claim.IsSame(self)) || !await IsStrandedAsync(lease, cancellationToken).ConfigureAwait(false)) continue;
            Tell(NoticeLevel.Warning, $"the lease of {lease.Claimant} was left behind; whom it stopped is started again");
            ended.Add(await EndAsync(lease, succeeded: true, cancellationToken).ConfigureAwait(false));
        }

        return ended;
    }

    private async Task<LeaseRestore> EndAsync(Lease lease, bool succeeded, CancellationToken cancellationToken)
    {
        var start = lease.Preempted.Where(h => succeeded || h.RestoreAlways).Reverse().ToArray();
        var failed = await StartAsync(start, cancellationToken).ConfigureAwait(false);
        var left = lease.Preempted.Where(h => !start.Contains(h)).ToArray();
        var rest = lease.Preempted.Where(h => left.Contains(h) || failed.ContainsKey(h)).ToArray();
        ledger.Write([.. ledger.Read().Where(l => l.Claimant != lease.Claimant), .. rest.Length == 0 ? (Lease[])[] : [lease with { Preempted = rest }]]);
        foreach (var holder in left) Tell(NoticeLevel.Warning, $"{holder.Address.Name} stays stopped, because {lease.Claimant} failed; start it with: charly preempt restore {lease.Claimant}");
        return new LeaseRestore(lease.Claimant, [.. start.Where(h => !failed.ContainsKey(h)).Select(h => h.Address.Name)], [.. left.Select(h => h.Address.Name)], [.. failed.Values]);
    }

    // Starting what does not run is right after any cut, and may be done any number of times.
    private async Task<Dictionary<Holder, string>> StartAsync(IEnumerable<Holder> holders, CancellationToken cancellationToken)
    {
        var failed = new Dictionary<Holder, string>();
        foreach (var holder in holders)
        {
            try
            {
                if (await control.IsRunningAsync(holder.Address, cancellationToken).ConfigureAwait(false)) continue;
                Tell(NoticeLevel.Info, $"starting {holder.Address.Name} again");
                await control.StartAsync(holder.Address, cancellationToken).ConfigureAwait(false);
            }
            catch (CharlyException e)
            {
                failed[holder] = $"{holder.Address.Name}: {e.Message}";
                Tell(NoticeLevel.Warning, $"{holder.Address.Name} could not be started again: {e.Message}");
            }
        }

        return failed;
    }

    private async Task<bool> IsStrandedAsync(Lease lease, CancellationToken cancellationToken) =>
        !OwnerProcess.IsAlive(lease) && !await control.IsRunningAsync(lease.Claim, cancellationToken).ConfigureAwait(false);

    private Lease NewLease(LeaseRequest request) => new()
    {
        Claimant = request.Address.Name,
        Claim = request.Address,
        Transient = request.Transient,
        OwnerPid = Environment.ProcessId,
        OwnerStart = OwnerProcess.StartOf(Environment.ProcessId) ?? 0,
        Created = environment.Clock.GetUtcNow(),
    };

    private static CharlyException Held(LeaseRequest request, Lease other, string[] tokens) => new(
        Errors.LeaseHeld,
        $"{request.Address.Name} can't have {string.Join(", ", other.Tokens.Intersect(tokens, StringComparer.Ordinal))}: {other.Claimant} has it",
        $"Stop {other.Claimant}, or end its lease: charly preempt restore {other.Claimant}. Nothing was changed.",
        target: request.Address.Name);

    private void Waiting(string owner) => Tell(NoticeLevel.Info, $"waiting for the leases, which {owner} works on");

    private void Tell(NoticeLevel level, string text) => progress.Report(new NoticeEvent(level, text));
}
