using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>A verb that every target has, or says that it has not (deploy.md §11).</summary>
public enum DeploymentVerb
{
    /// <summary>Start it.</summary>
    Start,

    /// <summary>Stop it.</summary>
    Stop,

    /// <summary>Stop it and start it again.</summary>
    Restart,

    /// <summary>Print what it has printed.</summary>
    Logs,

    /// <summary>A shell in it.</summary>
    Shell,

    /// <summary>A command in it.</summary>
    Cmd,

    /// <summary>Services inside of it.</summary>
    Service,
}

/// <summary>Who carries out a verb on a deployment.</summary>
public abstract record VerbTarget
{
    /// <summary>The pod operations of this machine.</summary>
    public sealed record Pod : VerbTarget;

    /// <summary>The machine operations of this machine.</summary>
    /// <param name="Name">Name of the machine.</param>
    public sealed record Machine(string Name) : VerbTarget;

    /// <summary>A place with a shell: this machine, a host behind ssh, a container, a machine that a deployment stands in.</summary>
    public sealed record Place : VerbTarget
    {
        internal Place(Func<string?, bool, InteractiveCommand> open) => Open = open;

        internal Func<string?, bool, InteractiveCommand> Open { get; }

        /// <summary>The program that a face runs on its terminal.</summary>
        /// <param name="command">Command line for a shell there; a shell if null.</param>
        /// <param name="hasTerminal">Whether it gets a terminal.</param>
        public InteractiveCommand Session(string? command, bool hasTerminal) => Open(command, hasTerminal);
    }

    /// <summary>charly itself, in the machine or container that the deployment stands in.</summary>
    public sealed record Elsewhere : VerbTarget
    {
        internal Elsewhere(string leaf, Func<string, bool, InteractiveCommand> open) => (Leaf, Open) = (leaf, open);

        /// <summary>What the deployment is called there.</summary>
        public string Leaf { get; }

        internal Func<string, bool, InteractiveCommand> Open { get; }

        /// <summary>The program that a face runs on its terminal: the same verb, there.</summary>
        /// <param name="words">Verb and arguments, with the leaf's name in place of the path.</param>
        /// <param name="hasTerminal">Whether it gets a terminal.</param>
        public InteractiveCommand Session(IReadOnlyList<string> words, bool hasTerminal) => Open(Shell.Join(words), hasTerminal);
    }
}

/// <summary>Finds who carries out a verb on a deployment, through whatever it stands inside of.</summary>
/// <param name="context">What it works with.</param>
public sealed class FindVerbTarget(CharlyContext context)
{
    /// <summary>Finds. A name that no file has is a machine's behind <c>vm:</c>, else a pod's.</summary>
    /// <param name="request">Deploy key or dotted path.</param>
    /// <param name="verb">The verb.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Errors.DeployVerb"/> for what the target can't do; <see cref="Errors.DeployPath"/> if no way leads there.</exception>
    public async Task<VerbTarget> RunAsync(PodRequest request, DeploymentVerb verb, CancellationToken cancellationToken = default)
    {
        var project = await new BundleResolver(context).LoadAsync(cancellationToken).ConfigureAwait(false);
        var entry = request.Instance is null ? project.FindDeployment(request.Name) : null;
        if (entry is null)
        {
            if (!request.Name.StartsWith("vm:", StringComparison.Ordinal)) return new VerbTarget.Pod();
            return MachineOf(BundleResolver.EntryFor(project, request.Name, null, needsEntry: true), verb);
        }

        return entry.Target switch
        {
            "pod" => await PodAsync(project, entry, cancellationToken).ConfigureAwait(false),
            "vm" => MachineOf(entry, verb),
            "local" when verb is DeploymentVerb.Shell or DeploymentVerb.Cmd => new VerbTarget.Place((command, hasTerminal) => Host(project, entry, command, hasTerminal)),
            _ => throw Unable(entry, verb),
        };
    }

    private static VerbTarget.Machine MachineOf(Deployment entry, DeploymentVerb verb)
    {
        if (verb == DeploymentVerb.Service) throw Unable(entry, verb);
        if (TargetOpener.HasNoMachine(entry)) throw new CharlyException(Errors.VmNotCreated, $"the machine of {entry.Key} is short-lived, and there is none now", $"Run: charly bundle add {entry.Key}", entry.Position, entry.Key);
        return new VerbTarget.Machine(DeploymentRecorder.VmKey(entry));
    }

    private async Task<VerbTarget> PodAsync(Project project, Deployment entry, CancellationToken cancellationToken)
    {
        switch (DeployVenue.Of(project, entry))
        {
            case DeployVenue.Machine { Owner: var guest }:
                var charly = await new TargetOpener(context).EnsureCharlyAsync(project, guest, isNeeded: true, cancellationToken).ConfigureAwait(false) ?? "charly";
                return new VerbTarget.Elsewhere(DeployVenue.Leaf(entry.Key), (words, hasTerminal) => OverSsh(guest, $"{Shell.Quote(charly)} {words}", hasTerminal));
            case DeployVenue.Container container:
                return new VerbTarget.Elsewhere(DeployVenue.Leaf(entry.Key), (words, hasTerminal) => InContainer(container, "exec charly " + words, hasTerminal));
            case DeployVenue.Remote { Owner: var host }:
                return new VerbTarget.Elsewhere(entry.Key, (words, hasTerminal) => OverSsh(host, $"PATH=\"$HOME/.local/bin:$PATH\" exec charly {words}", hasTerminal));
            default:
                return new VerbTarget.Pod();
        }
    }

    private InteractiveCommand Host(Project project, Deployment entry, string? command, bool hasTerminal) => DeployVenue.Of(project, entry) switch
    {
        DeployVenue.Machine { Owner: var guest } => OverSsh(guest, command, hasTerminal),
        DeployVenue.Remote { Owner: var host } => OverSsh(host, command, hasTerminal),
        DeployVenue.Container container => InContainer(container, command, hasTerminal),
        _ when !ExecutorFactory.IsLocal(entry.Host) => OverSsh(entry, command, hasTerminal),
        _ => command is null
            ? new InteractiveCommand(context.Environment.Variable("SHELL") ?? "/bin/sh", ["-l"])
            : new InteractiveCommand(context.Processes.Find("sh") ?? "/bin/sh", ["-c", command]),
    };

    // A person's session shares a connection that is there, and keeps none open.
    private InteractiveCommand OverSsh(Deployment owner, string? command, bool hasTerminal)
    {
        var ssh = context.Processes.Find("ssh") ?? throw new CharlyException(Errors.ToolMissing, "the program ssh is not installed", "Install the OpenSSH client.", target: "ssh");
        var line = new TargetOpener(context).CommandLineOf(owner);
        string[] options = [hasTerminal ? "-t" : "-T", .. line.SessionOptions];
        return new InteractiveCommand(ssh, [.. options, "--", line.Destination.Address, .. command is null ? Array.Empty<string>() : [command]]);
    }

    private InteractiveCommand InContainer(DeployVenue.Container container, string? command, bool hasTerminal)
    {
        var engine = container.Guest is null ? new Boxes.EngineChoice(context.Environment, context.Paths, context.Processes).Run(container.Engine).Name : "podman";
        string[] words = ["exec", .. hasTerminal ? (string[])["-i", "-t"] : ["-i"], container.Name, .. command is null ? (string[])["bash"] : ["sh", "-c", command]];
        return container.Guest is { } guest ? OverSsh(guest, Shell.Join([engine, .. words]), hasTerminal) : new InteractiveCommand(context.Processes.Find(engine) ?? engine, words);
    }

    private static CharlyException Unable(Deployment entry, DeploymentVerb verb)
    {
        var word = verb.ToString().ToLowerInvariant();
        var help = (entry.Target, verb) switch
        {
            ("vm" or "local", DeploymentVerb.Service) => $"Ask its service manager: charly shell {entry.Key} -c 'systemctl status NAME'",
            ("local", _) => $"What it does has no switch of its own. A shell there: charly shell {entry.Key}; undo it: charly bundle del {entry.Key}",
            ("k8s", _) => $"Use kubectl in the context of its cluster profile; to take it away: charly bundle del {entry.Key}",
            _ => $"Use adb; to take its packages away: charly bundle del {entry.Key}",
        };
        return new CharlyException(Errors.DeployVerb, $"{word} is not supported for target {entry.Target}, which \"{entry.Key}\" has", help, entry.Position, entry.Key);
    }
}
