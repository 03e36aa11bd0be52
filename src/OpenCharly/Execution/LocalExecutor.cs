using OpenCharly.Foundation;

namespace OpenCharly.Execution;

/// <summary>Runs scripts on this machine with bash, as root through <c>sudo -n</c>.</summary>
/// <param name="environment">Variables and home of the scripts; they start in the home folder.</param>
/// <param name="processes">Finds programs.</param>
public sealed class LocalExecutor(CharlyEnvironment environment, IProcessRunner processes)
    : ShellExecutor(new LocalTransport(environment, processes))
{
    /// <inheritdoc/>
    public override VenueKind Kind => VenueKind.Host;

    private sealed class LocalTransport(CharlyEnvironment environment, IProcessRunner processes)
        : ShellTransport(processes, environment)
    {
        // A Ctrl-C on the terminal reaches every process of the foreground group. The engine is the one to act on it, by
        // ending scripts in an orderly way, so the scripts themselves don't see it. (A session of their own would help
        // too, but would cut sudo off from the password that was entered on this terminal.)
        private const string Bootstrap = "trap '' INT QUIT; " + ShellLoop.Bootstrap;

        public override string Venue => "local";

        public override bool IsLocal => true;

        protected override string WorkingDirectory { get; } =
            Directory.Exists(environment.Home) ? environment.Home : environment.WorkingDirectory;

        public override ShellLaunch Prepare() =>
            new("bash", ["--norc", "--noprofile", "-c", Bootstrap, "bash", "new"], TimeSpan.FromSeconds(30));

        public override Task<CharlyException> ExplainAsync(ShellStartFailure failure, CancellationToken cancellationToken) =>
            Task.FromResult(new CharlyException(
                Errors.RunTarget,
                $"bash does not start on this machine: {failure.Tail}",
                "Look at what bash prints when you start it by hand.",
                target: Venue));
    }
}
