using OpenCharly.Foundation;

namespace OpenCharly.Execution;

/// <summary>Runs scripts with bash in a running container, on this machine or on one behind ssh.</summary>
/// <param name="engine">Program of the engine: <c>podman</c> or <c>docker</c>.</param>
/// <param name="container">Name of the container.</param>
/// <param name="through">The machine that it runs on; null for this one.</param>
/// <param name="environment">Variables for the programs.</param>
/// <param name="processes">Finds programs.</param>
public sealed class ContainerExecutor(string engine, string container, SshCommandLine? through, CharlyEnvironment environment, IProcessRunner processes)
    : ShellExecutor(new ContainerTransport(engine, container, through, environment, processes))
{
    /// <inheritdoc/>
    public override VenueKind Kind => VenueKind.Container;

    private sealed class ContainerTransport(string engine, string container, SshCommandLine? through, CharlyEnvironment environment, IProcessRunner processes)
        : ShellTransport(processes, environment)
    {
        private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

        public override string Venue => container;

        public override ShellLaunch Prepare()
        {
            string[] words = ["exec", "--interactive", container, "bash", "--norc", "--noprofile", "-c", ShellLoop.Bootstrap, "bash", "new"];
            return through is null
                ? new ShellLaunch(engine, words, Limit)
                : new ShellLaunch("ssh", through.Run(Shell.Join([engine, .. words])), Limit) { Name = engine };
        }

        public override Task<CharlyException> ExplainAsync(ShellStartFailure failure, CancellationToken cancellationToken) => Task.FromResult(new CharlyException(
            Errors.RunTarget, $"bash does not start in the container {container}: {failure.Tail}", "Start the pod first: charly start NAME. Its image must hold bash.", target: container));
    }
}
