using OpenCharly.Foundation;

namespace OpenCharly.Execution;

/// <summary>What kind of place commands run in.</summary>
public enum VenueKind
{
    /// <summary>This machine.</summary>
    Host,

    /// <summary>A machine reached over ssh.</summary>
    Ssh,

    /// <summary>A running container.</summary>
    Container,

    /// <summary>A container image, in a throw-away container.</summary>
    Image,
}

/// <summary>A bash script to run somewhere.</summary>
/// <param name="Script">The script; it travels on standard input, never in an argument list.</param>
public sealed record ScriptRequest(string Script)
{
    /// <summary>Run as root, through <c>sudo -n</c> unless already root.</summary>
    public bool AsRoot { get; init; }

    /// <summary>Called for each line as it arrives; calls never overlap.</summary>
    public Action<OutputLine>? Output { get; init; }

    /// <summary>How long it may take; no limit if null. On expiry the script and all it started are killed.</summary>
    public TimeSpan? Timeout { get; init; }
}

/// <summary>How a file is placed on a target.</summary>
/// <param name="Mode">Mode, such as <c>0644</c> octal.</param>
/// <param name="AsRoot">Owned by root and placed as root; else by and as the login user.</param>
public sealed record PlacementOptions(UnixFileMode Mode, bool AsRoot = false);

/// <summary>A place where commands run and files are put: this machine, a host or guest over ssh, a container.</summary>
/// <remarks>Safe for one caller at a time. Errors of the transport are <see cref="CharlyException"/>s with
/// <see cref="Errors.SshFailed"/>, <see cref="Errors.SshHostKey"/>, <see cref="Errors.SudoMissing"/> or
/// <see cref="Errors.RunLost"/>; after <see cref="Errors.RunLost"/> the executor may be used again.</remarks>
public interface IExecutor : IAsyncDisposable
{
    /// <summary><c>local</c>, <c>ssh://…</c> or the container's name.</summary>
    string Venue { get; }

    /// <summary>The kind of place.</summary>
    VenueKind Kind { get; }

    /// <summary>Runs a script to its end. A non-zero exit is a result, not an exception.</summary>
    Task<CommandResult> RunAsync(ScriptRequest request, CancellationToken cancellationToken = default);

    /// <summary>Opens a shell that stays, so that many scripts cost one connection and one log-in.</summary>
    Task<IShellSession> OpenSessionAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Opens such a shell and runs a first script in it, as <see cref="IShellSession.RunInShellAsync"/> would; where the
    /// place allows it the script travels with the greeting, which saves a round trip.
    /// </summary>
    /// <returns>The session, and what came of the script.</returns>
    async Task<OpenedSession> OpenSessionAsync(ScriptRequest first, CancellationToken cancellationToken = default)
    {
        var session = await OpenSessionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return new OpenedSession(session, await session.RunInShellAsync(first, cancellationToken).ConfigureAwait(false));
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Places a file: parents are made (0755), mode and owner set, an old file replaced at once.</summary>
    Task PutAsync(Stream content, string destination, PlacementOptions options, CancellationToken cancellationToken = default);

    /// <summary>The bytes of a file, or null if there is none.</summary>
    Task<byte[]?> GetAsync(string path, bool asRoot, CancellationToken cancellationToken = default);

    /// <summary>The home folder of a user, from <c>getent passwd</c>; of the login user if null.</summary>
    Task<string> ResolveHomeAsync(string? user, CancellationToken cancellationToken = default);
}

/// <summary>A session with the outcome of the script that it was opened with.</summary>
/// <param name="Session">The session.</param>
/// <param name="First">What came of the script.</param>
public sealed record OpenedSession(IShellSession Session, CommandResult First);

/// <summary>
/// A shell on a target that runs one script after the other, each in a subshell of its own, as the user or as root.
/// Ending it, or losing the connection, frees whatever locks its scripts took on descriptors of the outer shell.
/// </summary>
public interface IShellSession : IAsyncDisposable
{
    /// <summary>Runs a script to its end, in its own subshell with empty standard input.</summary>
    /// <remarks>Cancelling kills the script and everything that it started on the target, within a second.</remarks>
    Task<CommandResult> RunAsync(ScriptRequest request, CancellationToken cancellationToken = default);

    /// <summary>
    /// Runs a script in the session's own shell, not in a subshell, so that variables and descriptors it opens
    /// (a lock, for example) last until the session ends. Only as the login user.
    /// </summary>
    Task<CommandResult> RunInShellAsync(ScriptRequest request, CancellationToken cancellationToken = default);

    /// <summary>
    /// Ends a session in which nothing runs and that holds nothing, without waiting until the far side has heard of it.
    /// </summary>
    ValueTask LeaveAsync() => DisposeAsync();
}
