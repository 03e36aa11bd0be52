using OpenCharly.Checks.Probes;
using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Checks;

/// <summary>A machine that probes are sent to, over one session that opens with the first.</summary>
internal sealed class ProbeVenue : IAsyncDisposable
{
    private const int MaxFollowUps = 12;

    private readonly Func<IExecutor> _open;
    private readonly bool _ownsExecutor;
    private readonly string _host;
    private readonly string? _format;
    private readonly string _folder = ProbeBatch.NewFolder();
    private IExecutor? _executor;
    private IShellSession? _session;
    private bool _isRootRefused;

    /// <summary>A machine whose executor somebody else owns.</summary>
    public ProbeVenue(IExecutor executor, string host, string? format)
        : this(() => executor, host)
    {
        _ownsExecutor = false;
        _format = format;
    }

    /// <summary>A machine whose executor is made when it is first needed.</summary>
    public ProbeVenue(Func<IExecutor> open, string host)
    {
        _open = open;
        _host = host;
        _ownsExecutor = true;
    }

    /// <summary>Whether checks run in the background, so that what belongs to them must stay between scripts.</summary>
    public bool KeepsFolder { get; set; }

    /// <summary>
    /// Asks all, and judges. What the log-in user may not see is asked once more as root, and what leads on, such as a
    /// redirect, is followed.
    /// </summary>
    public async Task<IReadOnlyDictionary<int, (Verdict Verdict, TimeSpan Duration)>> AskAsync(IReadOnlyList<NumberedProbe> probes, CancellationToken cancellationToken)
    {
        var outcomes = new Dictionary<int, (Verdict Verdict, TimeSpan Duration)>();
        var open = probes;
        for (var round = 0; open.Count > 0 && round < MaxFollowUps; round++)
        {
            var reports = await RunAsync(open, asRoot: false, cancellationToken).ConfigureAwait(false);
            var denied = open.Where(p => reports[p.Number].IsDenied).ToArray();
            if (denied.Length > 0 && await RunAsRootAsync(denied, cancellationToken).ConfigureAwait(false) is { } seen)
            {
                reports = reports.ToDictionary(r => r.Key, r => seen.GetValueOrDefault(r.Key) ?? r.Value);
            }

            foreach (var probe in open)
            {
                var duration = reports[probe.Number].Duration + (outcomes.TryGetValue(probe.Number, out var before) ? before.Duration : TimeSpan.Zero);
                outcomes[probe.Number] = (probe.Probe.Judge(reports[probe.Number]), duration);
            }

            open = [.. open.Where(p => outcomes[p.Number].Verdict.Next is not null).Select(p => p with { Probe = outcomes[p.Number].Verdict.Next! })];
        }

        return outcomes;
    }

    public async ValueTask DisposeAsync()
    {
        if (_session is { } session)
        {
            try
            {
                if (KeepsFolder) await session.RunAsync(new ScriptRequest(ProbeBatch.Clean(_folder)), CancellationToken.None).ConfigureAwait(false);
            }
            catch (CharlyException e) when (e.Code.Kind == ErrorKind.Unreachable)
            {
                // The session was cut or stopped, which ended all that ran in it; there is no way left to the folder.
            }

            await session.DisposeAsync().ConfigureAwait(false);
        }

        if (_ownsExecutor && _executor is not null) await _executor.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<IReadOnlyDictionary<int, ProbeOutput>?> RunAsRootAsync(IReadOnlyList<NumberedProbe> probes, CancellationToken cancellationToken)
    {
        if (_isRootRefused) return null;
        try
        {
            return await RunAsync(probes, asRoot: true, cancellationToken).ConfigureAwait(false);
        }
        catch (CharlyException e) when (e.Code == Errors.SudoMissing)
        {
            // The probes then say what they could not see; the session is gone, and the next script opens another.
            _isRootRefused = true;
            await _session!.DisposeAsync().ConfigureAwait(false);
            _session = null;
            return null;
        }
    }

    private async Task<IReadOnlyDictionary<int, ProbeOutput>> RunAsync(IReadOnlyList<NumberedProbe> probes, bool asRoot, CancellationToken cancellationToken)
    {
        _executor ??= _open();
        _session ??= await _executor.OpenSessionAsync(cancellationToken).ConfigureAwait(false);
        var batch = new ProbeBatch(probes, asRoot ? _folder + "-root" : _folder);
        var result = await _session.RunAsync(new ScriptRequest(batch.Render(_format, KeepsFolder && !asRoot)) { AsRoot = asRoot }, cancellationToken).ConfigureAwait(false);
        var reports = batch.Parse(result.StandardOutput);
        if (probes.FirstOrDefault(p => reports.GetValueOrDefault(p.Number) is not { HasEnded: true }) is { } lost)
        {
            throw new CharlyException(
                Errors.RunTarget,
                $"{_host}: the script of the checks ended with {result.ExitCode} before check {lost.Number} of it did: {result.Tail(3)}",
                "It needs bash, coreutils and room in /tmp on that machine.",
                target: _host);
        }

        return reports;
    }
}
