using OpenCharly.Foundation;

namespace OpenCharly.Execution;

/// <summary>Runs scripts on a machine reached with the OpenSSH client, over one connection shared by all sessions.</summary>
public sealed class SshExecutor : ShellExecutor
{
    private readonly SshTransport _transport;

    /// <summary>Makes an executor; connects on first use.</summary>
    /// <param name="destination">Where to.</param>
    /// <param name="environment">Variables of the ssh client, among them the agent's.</param>
    /// <param name="paths">Where control sockets are.</param>
    /// <param name="processes">Finds programs.</param>
    public SshExecutor(SshDestination destination, CharlyEnvironment environment, HostPaths paths, IProcessRunner processes)
        : this(new SshCommandLine(destination, paths), environment, processes)
    {
    }

    private SshExecutor(SshCommandLine line, CharlyEnvironment environment, IProcessRunner processes)
        : this(line, new SshTransport(line, environment, processes))
    {
    }

    private SshExecutor(SshCommandLine line, SshTransport transport)
        : base(transport)
    {
        CommandLine = line;
        _transport = transport;
    }

    /// <summary>The words for ssh, for those who need another kind of connection to the same machine.</summary>
    public SshCommandLine CommandLine { get; }

    /// <inheritdoc/>
    public override VenueKind Kind => VenueKind.Ssh;

    /// <summary>
    /// Ends the shared connection with all sessions on it, so that the next use makes a new one: for when the machine is
    /// known to go down, since ssh itself may notice only after half a minute. Nothing happens if there is none.
    /// </summary>
    /// <param name="cancellationToken">Gives up.</param>
    public Task CloseConnectionAsync(CancellationToken cancellationToken = default) => _transport.DropMasterAsync(cancellationToken);

    private sealed class SshTransport(SshCommandLine line, CharlyEnvironment environment, IProcessRunner processes)
        : ShellTransport(processes, environment)
    {
        private static readonly TimeSpan FreshLimit = TimeSpan.FromSeconds(60);
        private static readonly TimeSpan ReusedLimit = TimeSpan.FromSeconds(15);
        private static readonly TimeSpan ControlLimit = TimeSpan.FromSeconds(2);

        // What ssh itself exits with; anything else is the log-in shell's word.
        private const int SshFailed = 255;

        private bool _isPlain;

        public override string Venue => line.Destination.Venue;

        public override ShellLaunch Prepare()
        {
            var isReused = File.Exists(line.ControlSocket);
            var words = line.Run(_isPlain ? ShellLoop.PlainCommand : ShellLoop.RemoteCommand);
            var limit = isReused ? ReusedLimit : FreshLimit;

            // In a session of its own, ssh does not die of a Ctrl-C on the terminal before the engine has acted on it.
            return Processes.Find("setsid") is null
                ? new ShellLaunch("ssh", words, limit, isReused)
                : new ShellLaunch("setsid", ["ssh", .. words], limit, isReused) { Name = "ssh" };
        }

        public override async Task<bool> MendAsync(ShellStartFailure failure, CancellationToken cancellationToken)
        {
            if (!_isPlain && failure.ExitCode is { } code and not SshFailed)
            {
                _isPlain = true;
                return true;
            }

            if (!failure.Launch.IsReused || SshFailure.IsHostKey(failure.ErrorText) || SshFailure.IsAuthentication(failure.ErrorText))
            {
                return false;
            }

            await DropMasterAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }

        public async Task DropMasterAsync(CancellationToken cancellationToken)
        {
            if (!File.Exists(line.ControlSocket)) return;
            try
            {
                var exit = new ProcessRequest("ssh", line.Control("exit")) { Timeout = ControlLimit };
                await Processes.RunAsync(exit, cancellationToken).ConfigureAwait(false);
            }
            catch (CharlyException e) when (e.Code == Errors.Io)
            {
                // A master whose network is gone may not even answer this. Without its socket nobody will ask it again,
                // and it ends by itself.
            }

            File.Delete(line.ControlSocket);
        }

        public override Task<CharlyException> ExplainAsync(ShellStartFailure failure, CancellationToken cancellationToken) =>
            SshFailure.ExplainAsync(line, failure, Processes, cancellationToken);
    }
}
