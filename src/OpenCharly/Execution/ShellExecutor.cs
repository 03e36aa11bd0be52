using OpenCharly.Foundation;

namespace OpenCharly.Execution;

/// <summary>An executor for any place where bash can be started with three streams to it.</summary>
public abstract class ShellExecutor : IExecutor
{
    private readonly ShellTransport _transport;

    private protected ShellExecutor(ShellTransport transport) => _transport = transport;

    /// <inheritdoc/>
    public string Venue => _transport.Venue;

    /// <inheritdoc/>
    public abstract VenueKind Kind { get; }

    /// <inheritdoc/>
    public async Task<CommandResult> RunAsync(ScriptRequest request, CancellationToken cancellationToken = default)
    {
        var session = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = session.ConfigureAwait(false);
        return await session.RunAsync(request, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IShellSession> OpenSessionAsync(CancellationToken cancellationToken = default) =>
        await OpenAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public Task<OpenedSession> OpenSessionAsync(ScriptRequest first, CancellationToken cancellationToken = default) =>
        ShellSession.OpenAsync(_transport, first, cancellationToken);

    /// <inheritdoc/>
    public async Task PutAsync(Stream content, string destination, PlacementOptions options, CancellationToken cancellationToken = default)
    {
        var place = await FilePlacement.PrepareAsync(content, destination, options, cancellationToken).ConfigureAwait(false);
        await using var _ = place.ConfigureAwait(false);
        var session = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = session.ConfigureAwait(false);
        var request = new ScriptRequest(place.Script) { AsRoot = options.AsRoot };
        var result = await session.RunLastAsync(request, place.Content, cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded)
        {
            throw new CharlyException(
                Errors.Io,
                $"{Venue}: could not place {destination}: {result.Tail(2)}",
                "Look at the folder's owner, mode and free space on that machine. The old file, if any, is unchanged.",
                target: destination);
        }
    }

    /// <inheritdoc/>
    public async Task<byte[]?> GetAsync(string path, bool asRoot, CancellationToken cancellationToken = default)
    {
        var session = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = session.ConfigureAwait(false);
        var request = new ScriptRequest($"LC_ALL=C exec cat -- {Shell.Quote(FilePlacement.Absolute(path))}") { AsRoot = asRoot };
        var (bytes, result) = await session.RunBytesAsync(request, cancellationToken).ConfigureAwait(false);
        if (result.Succeeded) return bytes;
        if (result.StandardError.Contains("No such file or directory", StringComparison.Ordinal)
            || result.StandardError.Contains("Not a directory", StringComparison.Ordinal))
        {
            return null;
        }

        throw new CharlyException(
            Errors.Io,
            $"{Venue}: could not read {path}: {result.Tail(1)}",
            asRoot ? "Look at the file on that machine." : "Look at the file's owner and mode on that machine.",
            target: path);
    }

    /// <inheritdoc/>
    public async Task<string> ResolveHomeAsync(string? user, CancellationToken cancellationToken = default)
    {
        if (user is not null && !Names.IsUser(user) && !user.All(char.IsAsciiDigit))
        {
            throw new CharlyException(
                Errors.BadName, $"'{user}' can't be the name of an account", "Give a user name such as ada, or a numeric user id.", target: user);
        }

        var script = user is null
            ? """home=$HOME; [ -n "$home" ] || home=$(getent passwd "$(id -u)" | cut -d: -f6); printf '%s' "$home" """
            : $"getent passwd {Shell.Quote(user)} | cut -d: -f6 | tr -d '\\n'";
        var result = await RunAsync(new ScriptRequest(script), cancellationToken).ConfigureAwait(false);
        return result is { Succeeded: true, StandardOutput: ['/', ..] home } ? home : throw new CharlyException(
            Errors.RunTarget,
            user is null ? $"{Venue}: the home folder of the log-in user is not known" : $"{Venue}: there is no user {user}",
            user is null ? "Look at the account on that machine." : $"Create the user, or name another one: getent passwd {user}",
            target: Venue);
    }

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync()
    {
        // Sessions are their callers'; the ssh master stays for the next run.
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private Task<ShellSession> OpenAsync(CancellationToken cancellationToken) => ShellSession.OpenAsync(_transport, cancellationToken);
}
