using OpenCharly.Execution;

namespace OpenCharly.Tests.Targets;

/// <summary>An executor that counts what each round trip to a target is: sessions, scripts, files.</summary>
internal sealed class CountingExecutor(IExecutor inner) : IExecutor
{
    private int _roundTrips;

    /// <summary>Scripts that were run and files that were moved, each a round trip.</summary>
    public int RoundTrips => _roundTrips;

    public int Sessions { get; private set; }

    public string Venue => inner.Venue;

    public VenueKind Kind => inner.Kind;

    public Task<CommandResult> RunAsync(ScriptRequest request, CancellationToken cancellationToken = default) => Count(() => inner.RunAsync(request, cancellationToken));

    public async Task<IShellSession> OpenSessionAsync(CancellationToken cancellationToken = default)
    {
        Sessions++;
        return new Session(this, await inner.OpenSessionAsync(cancellationToken));
    }

    public Task PutAsync(Stream content, string destination, PlacementOptions options, CancellationToken cancellationToken = default) =>
        Count(() => inner.PutAsync(content, destination, options, cancellationToken));

    public Task<byte[]?> GetAsync(string path, bool asRoot, CancellationToken cancellationToken = default) => Count(() => inner.GetAsync(path, asRoot, cancellationToken));

    public Task<string> ResolveHomeAsync(string? user, CancellationToken cancellationToken = default) => Count(() => inner.ResolveHomeAsync(user, cancellationToken));

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private T Count<T>(Func<T> work)
    {
        Interlocked.Increment(ref _roundTrips);
        return work();
    }

    private sealed class Session(CountingExecutor owner, IShellSession inner) : IShellSession
    {
        public Task<CommandResult> RunAsync(ScriptRequest request, CancellationToken cancellationToken = default) => owner.Count(() => inner.RunAsync(request, cancellationToken));

        public Task<CommandResult> RunInShellAsync(ScriptRequest request, CancellationToken cancellationToken = default) => owner.Count(() => inner.RunInShellAsync(request, cancellationToken));

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
