using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Ledger;

namespace OpenCharly.Targets;

/// <summary>
/// The first look at a target, taken while its operation is still being prepared: reading the project and asking the
/// target wait for different things. It takes no lock and changes nothing, so it may turn out not to be wanted.
/// </summary>
internal sealed class EarlyLook : IAsyncDisposable
{
    private readonly CancellationTokenSource _opening;
    private readonly Task<FirstLook?> _look;
    private bool _isTaken;

    /// <summary>Begins to look.</summary>
    /// <param name="executor">Reaches the target.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public EarlyLook(IExecutor executor, CancellationToken cancellationToken)
    {
        Executor = executor;
        _opening = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _look = LookAsync();
    }

    /// <summary>Reaches the target.</summary>
    public IExecutor Executor { get; }

    /// <summary>The session and what was seen; null if it did not work, for whoever asks again in the ordinary way to tell why.</summary>
    public Task<FirstLook?> TakeAsync()
    {
        _isTaken = true;
        return _look;
    }

    /// <summary>Lets the session go if nobody took it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_isTaken)
        {
            await _opening.CancelAsync().ConfigureAwait(false);
            if (await _look.ConfigureAwait(false) is { } look) await look.Shell.DisposeAsync().ConfigureAwait(false);
        }

        _opening.Dispose();
    }

    private async Task<FirstLook?> LookAsync()
    {
        try
        {
            return await FirstLook.OpenAsync(Executor, ProbeLock.None, looksCloser: false, Executor.Venue, null, _opening.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is CharlyException or OperationCanceledException)
        {
            return null;
        }
    }
}
