using System.Diagnostics;
using System.Text;
using OpenCharly.Foundation;

namespace OpenCharly.Execution;

/// <summary>A session over any <see cref="ShellTransport"/>: the near side of <see cref="ShellLoop"/>.</summary>
internal sealed class ShellSession : IShellSession
{
    private static readonly TimeSpan KillLimit = TimeSpan.FromSeconds(10);

    private readonly ShellTransport _transport;
    private readonly ShellWire _wire;
    private readonly ShellHello _shell;
    private readonly bool _isKiller;
    private bool _inRoot;
    private bool _usedRoot;
    private bool _closed;
    private int _busy;

    private ShellSession(ShellTransport transport, ShellWire wire, ShellHello shell, bool isKiller)
    {
        _transport = transport;
        _wire = wire;
        _shell = shell;
        _isKiller = isKiller;
    }

    /// <summary>Id of the program on this machine that carries the session.</summary>
    internal int ProcessId => _wire.ProcessId;

    /// <summary>Opens a session and waits until its shell answers.</summary>
    /// <param name="transport">The way to the place.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="isKiller">True for a session that ends another one, and must not start a third to end itself.</param>
    /// <exception cref="CharlyException">What <see cref="ShellTransport.ExplainAsync"/> makes of a failure.</exception>
    public static Task<ShellSession> OpenAsync(ShellTransport transport, CancellationToken cancellationToken, bool isKiller = false) =>
        StartAsync(transport, null, isKiller, cancellationToken);

    /// <summary>Opens a session with a first script for its own shell, in one round trip.</summary>
    /// <param name="transport">The way to the place.</param>
    /// <param name="first">The script.</param>
    /// <param name="cancellationToken">Gives up; the script and what it started are killed.</param>
    /// <exception cref="CharlyException">What <see cref="ShellTransport.ExplainAsync"/> makes of a failure.</exception>
    public static async Task<OpenedSession> OpenAsync(ShellTransport transport, ScriptRequest first, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        CheckForShell(first);
        var session = await StartAsync(transport, first, isKiller: false, cancellationToken).ConfigureAwait(false);
        var code = await session.GuardAsync(first, session.FirstAnswerAsync, cancellationToken).ConfigureAwait(false);
        return new OpenedSession(session, session.TextResult(code, start));
    }

    private static async Task<ShellSession> StartAsync(
        ShellTransport transport, ScriptRequest? first, bool isKiller, CancellationToken cancellationToken)
    {
        var frame = first is null ? null : Frame("eval", first);
        for (var canMend = true; ; canMend = false)
        {
            var wire = new ShellWire(transport, transport.Prepare());
            ShellStartFailure? failure = null;
            try
            {
                (var hello, failure) = await wire.GreetAsync(frame, first?.Output, cancellationToken).ConfigureAwait(false);
                if (hello is not null) return new ShellSession(transport, wire, hello, isKiller);
            }
            catch
            {
                await wire.DisposeAsync().ConfigureAwait(false);
                throw;
            }

            await wire.DisposeAsync().ConfigureAwait(false);
            if (canMend && await transport.MendAsync(failure!, cancellationToken).ConfigureAwait(false)) continue;
            throw await transport.ExplainAsync(failure!, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public Task<CommandResult> RunAsync(ScriptRequest request, CancellationToken cancellationToken = default) =>
        RunTextAsync("run", request, null, cancellationToken);

    /// <inheritdoc/>
    public Task<CommandResult> RunInShellAsync(ScriptRequest request, CancellationToken cancellationToken = default)
    {
        CheckForShell(request);
        return RunTextAsync("eval", request, null, cancellationToken);
    }

    /// <summary>Runs a script that reads <paramref name="input"/> to its end; the session can't be used afterwards.</summary>
    public Task<CommandResult> RunLastAsync(ScriptRequest request, Stream input, CancellationToken cancellationToken) =>
        RunTextAsync("last", request, input, cancellationToken);

    /// <summary>As <see cref="RunAsync"/>, with standard output as it came, byte for byte.</summary>
    public async Task<(byte[] Output, CommandResult Result)> RunBytesAsync(ScriptRequest request, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var code = await ExchangeAsync("run", request, null, cancellationToken).ConfigureAwait(false);
        return (_wire.OutputBytes, new CommandResult("", _wire.ErrorText, code, Stopwatch.GetElapsedTime(start)));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_closed) return;
        _closed = true;
        await _wire.CloseAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask LeaveAsync()
    {
        if (!_closed)
        {
            _closed = true;

            // The program is told to end; nothing depends on when it does.
            _ = _wire.DisposeAsync().AsTask();
        }

        return ValueTask.CompletedTask;
    }

    private static void CheckForShell(ScriptRequest request)
    {
        if (request.AsRoot) throw new ArgumentException("Scripts in the session's own shell run as the log-in user.", nameof(request));
    }

    private static string Frame(string verb, ScriptRequest request)
    {
        if (request.Script.Contains('\0')) Shell.Quote(request.Script);
        return $"{verb} {Encoding.UTF8.GetByteCount(request.Script)}\n{request.Script}";
    }

    private CommandResult TextResult(int code, long start) => new(_wire.OutputText, _wire.ErrorText, code, Stopwatch.GetElapsedTime(start));

    private async Task<CommandResult> RunTextAsync(string verb, ScriptRequest request, Stream? input, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var code = await ExchangeAsync(verb, request, input, cancellationToken).ConfigureAwait(false);
        return TextResult(code, start);
    }

    private Task<int> ExchangeAsync(string verb, ScriptRequest request, Stream? input, CancellationToken cancellationToken) =>
        GuardAsync(request, token => SwitchAndSendAsync(verb, request, input, token), cancellationToken);

    /// <summary>One script at a time, within its time, and nothing of it left if it is given up.</summary>
    private async Task<int> GuardAsync(ScriptRequest request, Func<CancellationToken, Task<int>> exchange, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_closed) throw Lost("the session was closed before");
        if (Interlocked.Exchange(ref _busy, 1) != 0) throw new InvalidOperationException("A session runs one script at a time.");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (request.Timeout is { } timeout) limit.CancelAfter(timeout);
        try
        {
            return await exchange(limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (!_closed)
        {
            // Cancelled, out of time, or the caller's own stream or handler failed: nothing of the script may stay behind.
            var leftover = await EndEverythingAsync().ConfigureAwait(false);
            if (e is not OperationCanceledException) throw;
            if (!cancellationToken.IsCancellationRequested) throw TimedOut(request, leftover);
            throw new OperationCanceledException(leftover?.Message ?? "The script was stopped.", leftover, cancellationToken);
        }
        finally
        {
            Volatile.Write(ref _busy, 0);
        }
    }

    private async Task<int> SwitchAndSendAsync(string verb, ScriptRequest request, Stream? input, CancellationToken cancellationToken)
    {
        var frame = Frame(verb, request);
        if (_inRoot && !request.AsRoot)
        {
            await SendAsync("leave\n", null, null, false, cancellationToken).ConfigureAwait(false);
            _inRoot = false;
        }

        var entersRoot = request.AsRoot && !_inRoot && _shell.UserId != 0;
        _inRoot |= entersRoot;
        _usedRoot |= entersRoot;
        if (entersRoot) frame = $"root\n{ShellLoop.Text(_wire.Nonce, isRoot: true)}{frame}";
        return await SendAsync(frame, input, request.Output, entersRoot, cancellationToken).ConfigureAwait(false);
    }

    private Task<int> SendAsync(string frame, Stream? input, Action<OutputLine>? output, bool entersRoot, CancellationToken cancellationToken) =>
        CodeOfAsync(_wire.ExchangeAsync(frame, input, output, entersRoot, cancellationToken), entersRoot);

    private Task<int> FirstAnswerAsync(CancellationToken cancellationToken) => CodeOfAsync(_wire.TakeFirstAsync(cancellationToken), entersRoot: false);

    private async Task<int> CodeOfAsync(Task<(ShellAnswer Answer, int Code)> exchange, bool entersRoot)
    {
        var (answer, code) = await exchange.ConfigureAwait(false);
        if (answer == ShellAnswer.Ended) return code;
        _closed = true;
        var tail = new CommandResult("", _wire.ErrorText, code, TimeSpan.Zero).Tail(3);
        await _wire.DisposeAsync().ConfigureAwait(false);
        if (answer == ShellAnswer.Lost) throw Lost("the connection broke while a script ran", tail);
        throw entersRoot
            ? new CharlyException(
                Errors.SudoMissing,
                $"{_transport.Venue}: sudo gives no root rights without a password{(tail.Length > 0 ? $" ({tail})" : "")}",
                "Allow the user passwordless sudo on that machine, or log in as root.",
                target: _transport.Venue)
            : Lost($"the root shell ended with {code}", tail);
    }

    /// <summary>Kills what the session started and closes it; the reason if something may be left.</summary>
    private async Task<CharlyException?> EndEverythingAsync()
    {
        _closed = true;
        try
        {
            return _isKiller ? null : await KillAsync().ConfigureAwait(false);
        }
        finally
        {
            await _wire.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<CharlyException?> KillAsync()
    {
        using var limit = new CancellationTokenSource(KillLimit);
        try
        {
            var killer = await OpenAsync(_transport, limit.Token, isKiller: true).ConfigureAwait(false);
            await using var _ = killer.ConfigureAwait(false);
            var script = new ScriptRequest(ShellKill.Script(_shell.ProcessId, _wire.Nonce)) { AsRoot = _usedRoot };
            var result = await killer.RunAsync(script, limit.Token).ConfigureAwait(false);
            return result.Succeeded ? null : Lost("the script was stopped, but not all that it started", result.Tail());
        }
        catch (OperationCanceledException e)
        {
            return Lost($"the script may still run: the machine did not answer within {KillLimit.TotalSeconds:0} s", inner: e);
        }
        catch (CharlyException e)
        {
            return Lost("the script may still run", e.Message, e);
        }
    }

    private CharlyException TimedOut(ScriptRequest request, CharlyException? leftover) => new(
        Errors.Io,
        $"{_transport.Venue}: the script did not end within {request.Timeout!.Value.TotalSeconds:0.###} s"
            + (leftover is null ? " and was stopped" : $"; {leftover.Message}"),
        "Look at its output, or allow more time.",
        target: _transport.Venue,
        inner: leftover);

    private CharlyException Lost(string what, string? tail = null, Exception? inner = null) => new(
        Errors.RunLost,
        $"{_transport.Venue}: {what}{(string.IsNullOrEmpty(tail) ? "" : $" ({tail})")}",
        "Look at the machine and its network, then run the same command again: it goes on where this one stopped.",
        target: _transport.Venue,
        inner: inner);
}
