using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Tests.Targets;

/// <summary>
/// An executor whose session dies by SIGKILL, together with the script that it runs, before the n-th command of the
/// chosen script: what a power cut or a killed connection does, at any place of one's choice.
/// </summary>
/// <param name="inner">The real one.</param>
/// <param name="script">Which of the scripts that the session runs, from 0.</param>
/// <param name="command">Before which of its commands, from 1; subshells count on by themselves.</param>
internal sealed class CutExecutor(IExecutor inner, int script, int command) : IExecutor
{
    /// <summary>Whether the place was reached.</summary>
    public bool WasCut { get; private set; }

    public string Venue => inner.Venue;

    public VenueKind Kind => inner.Kind;

    public Task<CommandResult> RunAsync(ScriptRequest request, CancellationToken cancellationToken = default) => inner.RunAsync(request, cancellationToken);

    public async Task<IShellSession> OpenSessionAsync(CancellationToken cancellationToken = default) =>
        new Session(this, await inner.OpenSessionAsync(cancellationToken));

    public Task PutAsync(Stream content, string destination, PlacementOptions options, CancellationToken cancellationToken = default) =>
        inner.PutAsync(content, destination, options, cancellationToken);

    public Task<byte[]?> GetAsync(string path, bool asRoot, CancellationToken cancellationToken = default) => inner.GetAsync(path, asRoot, cancellationToken);

    public Task<string> ResolveHomeAsync(string? user, CancellationToken cancellationToken = default) => inner.ResolveHomeAsync(user, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private sealed class Session(CutExecutor owner, IShellSession inner) : IShellSession
    {
        private int _count;

        public async Task<CommandResult> RunAsync(ScriptRequest request, CancellationToken cancellationToken = default)
        {
            if (_count++ != owner.ScriptNumber) return await inner.RunAsync(request, cancellationToken);
            var trap = $"set -T\ncut=0\ntrap '((++cut == {owner.CommandNumber})) && kill -9 $$ $BASHPID' DEBUG\n";
            try
            {
                return await inner.RunAsync(request with { Script = trap + request.Script }, cancellationToken);
            }
            catch (CharlyException)
            {
                owner.WasCut = true;
                throw;
            }
        }

        public Task<CommandResult> RunInShellAsync(ScriptRequest request, CancellationToken cancellationToken = default) => inner.RunInShellAsync(request, cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    private int ScriptNumber => script;

    private int CommandNumber => command;
}
