using System.Security.Cryptography;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Ledger;
using OpenCharly.Plans;

namespace OpenCharly.Targets;

/// <summary>The one session of an operation on a target: its shell, the ledger lock that it holds, and what was seen first.</summary>
internal sealed class TargetSession(IExecutor executor, LinuxTargetOptions options, IProgress<CharlyEvent> progress, EarlyLook? early = null) : IAsyncDisposable
{
    private EarlyLook? _early = early;
    private IShellSession? _shell;
    private LedgerSnapshot? _snapshot;
    private bool _isReached;
    private bool _onlyLooked = true;

    public LinuxTargetOptions Options => options;

    /// <summary>What the session is for, told to those who wait for its lock: <c>add vm:web</c>.</summary>
    public string Operation { get; set; } = "an operation";

    public IProgress<CharlyEvent> Progress => progress;

    /// <summary>Where the ledger is; known after the first look.</summary>
    public GuestPaths Paths => new(Facts.Home);

    public TargetFacts Facts => _snapshot!.Facts;

    /// <summary>A random word that no output holds by chance.</summary>
    public static string NewNonce() => RandomNumberGenerator.GetHexString(24, lowercase: true);

    /// <summary>What was seen first. No lock is taken for it: most operations find that nothing is to be done.</summary>
    public async Task<LedgerSnapshot> LookAsync(CancellationToken cancellationToken)
    {
        if (_snapshot is { } seen) return seen;
        if (_early is { } early)
        {
            _early = null;
            if (await early.TakeAsync().ConfigureAwait(false) is { } look)
            {
                (_shell, _isReached) = (look.Shell, true);
                if (!MustWait(look.Snapshot)) return _snapshot = look.Snapshot;
            }
        }

        return _snapshot = await ProbeAsync(ProbeLock.None, closer: false, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What is there now, with the lock held.</summary>
    public async Task<LedgerSnapshot> LockAsync(CancellationToken cancellationToken)
    {
        var seen = await LookAsync(cancellationToken).ConfigureAwait(false);
        return seen.IsLocked ? seen : _snapshot = await ProbeAsync(ProbeLock.Always, closer: false, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What is there now, without the lock.</summary>
    public async Task<LedgerSnapshot> ReadAsync(CancellationToken cancellationToken)
    {
        var snapshot = await ProbeAsync(ProbeLock.None, closer: false, cancellationToken).ConfigureAwait(false);
        _snapshot ??= snapshot;
        return snapshot;
    }

    /// <summary>What is there now, without the lock, with a closer look at what is not as recorded, in the same round trip.</summary>
    public Task<LedgerSnapshot> ReadCloserAsync(CancellationToken cancellationToken) => ProbeAsync(ProbeLock.None, closer: true, cancellationToken);

    /// <summary>What the records say and what stands there, in one round trip, without the lock.</summary>
    public async Task<DriftLook> CompareAsync(CancellationToken cancellationToken)
    {
        var nonce = NewNonce();
        _shell ??= await executor.OpenSessionAsync(cancellationToken).ConfigureAwait(false);
        var result = await _shell.RunInShellAsync(new ScriptRequest(DriftScript.Render(nonce)), cancellationToken).ConfigureAwait(false);
        var look = DriftLook.Parse(result.StandardOutput, nonce);
        _snapshot = look.Snapshot;
        return look;
    }

    /// <summary>Runs a script as the deploy user or as root.</summary>
    public async Task<CommandResult> RunAsync(string script, bool asRoot, Action<OutputLine>? output, CancellationToken cancellationToken) =>
        await Working().RunAsync(new ScriptRequest(script) { AsRoot = asRoot && Facts.Uid != 0, Output = output }, cancellationToken).ConfigureAwait(false);

    /// <summary>Runs a script that must succeed.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.RunTarget"/> if it does not.</exception>
    public async Task<string> MustAsync(string what, string script, bool asRoot, CancellationToken cancellationToken)
    {
        var result = await RunAsync(script, asRoot, null, cancellationToken).ConfigureAwait(false);
        return result.Succeeded ? result.StandardOutput : throw new CharlyException(
            Errors.RunTarget,
            $"{options.Host}: could not {what} (exit code {result.ExitCode}): {result.Tail(3)}",
            $"Look at {Paths.Root} on the target: its owner, mode and free space. Then run the same command again.",
            target: options.Host);
    }

    /// <summary>Lets the shell go, as before a reboot; what was seen stays.</summary>
    public async Task CloseAsync()
    {
        if (_shell is not { } shell) return;
        _shell = null;
        if (_onlyLooked) await shell.LeaveAsync().ConfigureAwait(false);
        else await shell.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Opens the session again, and takes the lock again.</summary>
    public async Task ReopenAsync(CancellationToken cancellationToken)
    {
        await CloseAsync().ConfigureAwait(false);
        _snapshot = await ProbeAsync(ProbeLock.Always, closer: false, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The target's boot id, on a connection of its own; null while it does not answer.</summary>
    public async Task<string?> BootIdAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            var request = new ScriptRequest("cat /proc/sys/kernel/random/boot_id") { Timeout = limit };
            var result = await executor.RunAsync(request, cancellationToken).ConfigureAwait(false);
            return result.Succeeded ? result.StandardOutput.Trim() : null;
        }
        catch (CharlyException e) when (e.Code == Errors.SshFailed || e.Code == Errors.RunLost || e.Code == Errors.Io)
        {
            return null;
        }
    }

    /// <summary>Places a file as the deploy user, for him alone.</summary>
    public Task PutAsync(Stream content, string path, CancellationToken cancellationToken) =>
        executor.PutAsync(content, path, new PlacementOptions(AtomicFile.Private), cancellationToken);

    /// <summary>The bytes of a file, on a connection of its own; null if there is none.</summary>
    public Task<byte[]?> GetAsync(string path, bool asRoot, CancellationToken cancellationToken) =>
        executor.GetAsync(path, asRoot && Facts.Uid != 0, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        await executor.DisposeAsync().ConfigureAwait(false);
    }

    private IShellSession Working()
    {
        _onlyLooked = false;
        return _shell!;
    }

    private async Task<LedgerSnapshot> ProbeAsync(ProbeLock locking, bool closer, CancellationToken cancellationToken)
    {
        var snapshot = await ReachAsync(locking, closer, cancellationToken).ConfigureAwait(false);
        if (!MustWait(snapshot)) return snapshot;

        // The first boot restarts sshd, so the session is let go, and everything is asked again afterwards.
        await CloseAsync().ConfigureAwait(false);
        await new CloudInitWait(executor, options, progress).RunAsync(cancellationToken).ConfigureAwait(false);
        return await AskAsync(locking, closer, cancellationToken).ConfigureAwait(false);
    }

    private bool MustWait(LedgerSnapshot snapshot) => snapshot.IsSettingUp && options.WaitForCloudInit;

    // Most targets answer at once, so waiting, with its round trips, is only for those that do not.
    private async Task<LedgerSnapshot> ReachAsync(ProbeLock locking, bool closer, CancellationToken cancellationToken)
    {
        try
        {
            return await AskAsync(locking, closer, cancellationToken).ConfigureAwait(false);
        }
        catch (CharlyException e) when (e.Code == Errors.SshFailed && !_isReached && options.WaitUntilReachable is not null)
        {
            await options.WaitUntilReachable(cancellationToken).ConfigureAwait(false);
        }

        return await AskAsync(locking, closer, cancellationToken).ConfigureAwait(false);
    }

    private async Task<LedgerSnapshot> AskAsync(ProbeLock locking, bool looksCloser, CancellationToken cancellationToken)
    {
        if (locking != ProbeLock.None) _onlyLooked = false;
        var wait = locking == ProbeLock.None ? null : new LockWait(options, Operation, progress);
        if (_shell is { } shell) return await FirstLook.AskAsync(shell, locking, looksCloser, options.Host, wait, cancellationToken).ConfigureAwait(false);
        var look = await FirstLook.OpenAsync(executor, locking, looksCloser, options.Host, wait, cancellationToken).ConfigureAwait(false);
        (_shell, _isReached) = (look.Shell, true);
        return look.Snapshot;
    }
}
