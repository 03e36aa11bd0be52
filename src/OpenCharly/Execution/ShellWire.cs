using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

namespace OpenCharly.Execution;

/// <summary>How the answer to a request ended.</summary>
internal enum ShellAnswer
{
    /// <summary>With the script's exit code.</summary>
    Ended,

    /// <summary>The root shell is not there: sudo refused, or something killed it. The session is over.</summary>
    RootGone,

    /// <summary>The stream broke before the answer was complete.</summary>
    Lost,
}

/// <summary>What the outer shell of a session said first.</summary>
/// <param name="ProcessId">Its process id on the target.</param>
/// <param name="UserId">Its effective user id.</param>
internal sealed record ShellHello(int ProcessId, int UserId);

/// <summary>
/// The running program that carries a <see cref="ShellLoop"/>, with its three streams: sends requests, finds the
/// markers in the answers, and notices when the program ends.
/// </summary>
internal sealed class ShellWire : IAsyncDisposable
{
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(1);

    private readonly Process _process;
    private readonly bool _ownsTree;
    private readonly Lock _gate = new();
    private readonly MarkedStream _output;
    private readonly MarkedStream _error;
    private readonly TaskCompletionSource<ShellHello> _hello = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _bye = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Exchange? _exchange;
    private Exchange? _first;
    private int _hellos;
    private Task _sending = Task.CompletedTask;

    /// <summary>Starts the program.</summary>
    public ShellWire(ShellTransport transport, ShellLaunch launch)
    {
        Launch = launch;
        _ownsTree = transport.IsLocal;
        _process = transport.Start(launch, Nonce);
        _output = new MarkedStream(_process.StandardOutput.BaseStream, Nonce, _gate, OnMarker);
        _error = new MarkedStream(_process.StandardError.BaseStream, Nonce, _gate, OnMarker);
        Ended = WatchAsync(Task.WhenAll(_output.PumpAsync(), _error.PumpAsync()));
    }

    /// <summary>What was started.</summary>
    public ShellLaunch Launch { get; }

    /// <summary>The session's word.</summary>
    public string Nonce { get; } = RandomNumberGenerator.GetHexString(24, lowercase: true);

    /// <summary>Id of the program on this machine.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Completes when the program ended or closed its streams.</summary>
    public Task Ended { get; }

    /// <summary>Standard output of the last script, byte for byte.</summary>
    public byte[] OutputBytes => _output.Kept.ToArray();

    /// <summary>Standard output of the last script.</summary>
    public string OutputText => _output.Text;

    /// <summary>Standard error of the last script.</summary>
    public string ErrorText => _error.Text;

    /// <summary>Sends the loop and waits for its hello; null, with the reason, if it does not come.</summary>
    /// <param name="frame">A first request that goes with it, for <see cref="TakeFirstAsync"/>; null for none.</param>
    /// <param name="output">Gets the lines of its answer.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<(ShellHello? Hello, ShellStartFailure? Failure)> GreetAsync(
        string? frame, Action<OutputLine>? output, CancellationToken cancellationToken)
    {
        if (frame is not null)
        {
            lock (_gate) _exchange = _first = new Exchange(output);
        }

        await WriteAsync(Encoding.UTF8.GetBytes(ShellLoop.Text(Nonce, isRoot: false) + frame), cancellationToken).ConfigureAwait(false);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(_hello.Task, Ended, Task.Delay(Launch.Limit, limit.Token)).ConfigureAwait(false);
        await limit.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        if (_hello.Task.IsCompleted) return (await _hello.Task.ConfigureAwait(false), null);
        lock (_gate) return (null, new ShellStartFailure(Launch, _process.HasExited ? _process.ExitCode : null, _error.Text));
    }

    /// <summary>Waits for the end of the answer to the request that went with the greeting.</summary>
    public Task<(ShellAnswer Answer, int Code)> TakeFirstAsync(CancellationToken cancellationToken) =>
        _first!.Completion.Task.WaitAsync(cancellationToken);

    /// <summary>Sends one request and waits for the end of its answer.</summary>
    /// <param name="frame">Header lines and script.</param>
    /// <param name="input">What the script reads on standard input, after which the stream is closed.</param>
    /// <param name="output">Gets the lines of the answer.</param>
    /// <param name="awaitsRoot">Whether the answer starts at the hello of a new root shell; what comes before is sudo's.</param>
    /// <param name="cancellationToken">Ends the wait, not the script.</param>
    public async Task<(ShellAnswer Answer, int Code)> ExchangeAsync(
        string frame, Stream? input, Action<OutputLine>? output, bool awaitsRoot, CancellationToken cancellationToken)
    {
        var exchange = new Exchange(output);
        lock (_gate)
        {
            if (Ended.IsCompleted) return (ShellAnswer.Lost, -1);
            _exchange = exchange;
            Begin(_output, awaitsRoot);
            Begin(_error, awaitsRoot);
        }

        await _sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        using var sendLimit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sending = SendAsync(Encoding.UTF8.GetBytes(frame), input, sendLimit.Token);
        _sending = sending;
        try
        {
            // Only a failing input stream ends the sending early with an error worth telling.
            var first = await Task.WhenAny(exchange.Completion.Task, sending).WaitAsync(cancellationToken).ConfigureAwait(false);
            if (first == sending) await sending.ConfigureAwait(false);
            return await exchange.Completion.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // The script may end without reading all of its input. A write that is stuck in a full pipe ends only when
            // the program does, so nobody waits for it here.
            await sendLimit.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Closes the request stream and gives the shell a moment to end; then ends the program.</summary>
    public async Task CloseAsync()
    {
        CloseInput();

        // A process that a script left behind may hold the streams open, and ssh waits for it; the shell itself is gone
        // right after its last word. A local shell is given the moment it takes to end, since ending it ends its tree.
        await Task.WhenAny(Ended, _bye.Task, Task.Delay(2 * DrainLimit)).ConfigureAwait(false);
        if (_ownsTree || !_bye.Task.IsCompleted) await Task.WhenAny(Ended, Task.Delay(DrainLimit / 4)).ConfigureAwait(false);
        await DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Ends the program at once.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            // The first ssh of a connection is the parent of its master, which others use: so not the tree.
            if (!_process.HasExited) _process.Kill(_ownsTree);
        }
        catch (InvalidOperationException)
        {
            // It ended in between, or was disposed before.
            return;
        }
        catch (AggregateException)
        {
            // Root's processes in the tree can't be killed from here; the script that stops a session kills them, or
            // its failure is told.
        }

        await _process.WaitForExitAsync().ConfigureAwait(false);
        await Ended.ConfigureAwait(false);
        await Task.WhenAny(_sending, Task.Delay(DrainLimit)).ConfigureAwait(false);
        _process.Dispose();
    }

    private static int Number(string[] words, int index) =>
        words.Length > index && int.TryParse(words[index], NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : -1;

    private void Begin(MarkedStream stream, bool awaitsRoot)
    {
        stream.Clear();
        stream.IsKeeping = true;
        stream.Line = awaitsRoot ? null : LineHandler(stream);
    }

    private Action<string>? LineHandler(MarkedStream stream)
    {
        if (_exchange is not { Output: { } output } exchange) return null;
        var isError = stream == _error;
        return line =>
        {
            try
            {
                output(new OutputLine(isError, line));
            }
            catch (Exception e)
            {
                _output.Line = _error.Line = null;
                exchange.Completion.TrySetException(e);
            }
        };
    }

    private void OnMarker(MarkedStream stream, string[] words)
    {
        switch (words[0])
        {
            case "hello":
                stream.Clear();
                stream.IsKeeping = _exchange is not null;
                stream.Line = LineHandler(stream);
                if (++_hellos == 2) _hello.TrySetResult(new ShellHello(Number(words, 1), Number(words, 2)));
                break;
            case "root":
                stream.Clear();
                stream.Line = LineHandler(stream);
                break;
            case "end":
                Finish(stream, ShellAnswer.Ended, Number(words, 1));
                break;
            case "gone":
                Finish(stream, ShellAnswer.RootGone, Number(words, 1));
                break;
            case "bye":
                _bye.TrySetResult();
                break;
        }
    }

    private void Finish(MarkedStream stream, ShellAnswer answer, int code)
    {
        stream.Line = null;
        stream.IsKeeping = false;
        if (_exchange is not { } exchange) return;
        if (stream == _output) exchange.OutputEnded = true;
        else exchange.ErrorEnded = true;
        if (!exchange.OutputEnded || !exchange.ErrorEnded) return;
        _exchange = null;
        exchange.Completion.TrySetResult((answer, code));
    }

    private async Task SendAsync(byte[] frame, Stream? input, CancellationToken cancellationToken)
    {
        if (!await WriteAsync(frame, cancellationToken).ConfigureAwait(false) || input is null)
        {
            await UntilCancelled(cancellationToken);
            return;
        }

        var block = new byte[256 * 1024];
        while (await input!.ReadAsync(block, cancellationToken).ConfigureAwait(false) is var count and > 0)
        {
            if (!await WriteAsync(block.AsMemory(0, count), cancellationToken).ConfigureAwait(false)) break;
        }

        CloseInput();
        await UntilCancelled(cancellationToken);
    }

    // Every exchange ends this way, and an exception would be the slowest part of a short one.
    private static ConfiguredTaskAwaitable UntilCancelled(CancellationToken cancellationToken) =>
        Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async Task<bool> WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await _process.StandardInput.BaseStream.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
            await _process.StandardInput.BaseStream.FlushAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (IOException)
        {
            // The program is gone or no longer listens: the missing marker, or its exit, tells the story.
            return false;
        }
    }

    private void CloseInput()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // The program is gone already, and so is what it would have been told.
        }
    }

    private async Task WatchAsync(Task pumps)
    {
        var exit = _process.WaitForExitAsync();
        await Task.WhenAny(exit, pumps).ConfigureAwait(false);
        await Task.WhenAny(Task.WhenAll(exit, pumps), Task.Delay(DrainLimit)).ConfigureAwait(false);
        lock (_gate)
        {
            _exchange?.Completion.TrySetResult((ShellAnswer.Lost, -1));
            _exchange = null;
        }
    }

    private sealed class Exchange(Action<OutputLine>? output)
    {
        public Action<OutputLine>? Output => output;

        public TaskCompletionSource<(ShellAnswer Answer, int Code)> Completion { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool OutputEnded { get; set; }

        public bool ErrorEnded { get; set; }
    }
}
