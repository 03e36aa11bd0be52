using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Pods;

namespace OpenCharly.Operations;

/// <summary>What <c>EnterPod</c> works from.</summary>
public sealed record EnterPodRequest : PodRequest
{
    /// <summary>Command line; a shell if null.</summary>
    public string? Command { get; init; }

    /// <summary>Whether it gets a terminal.</summary>
    public bool Terminal { get; init; } = true;

    /// <summary>Variables <c>NAME=value</c>.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>Sidecar whose container is meant; the pod's own if null.</summary>
    public string? Sidecar { get; init; }

    /// <summary>Whether the container must run; else a throw-away one of the same image takes its place.</summary>
    public bool MustRun { get; init; }

    /// <summary>Version of the box, for a throw-away container.</summary>
    public string? Tag { get; init; }

    /// <summary>File of variables.</summary>
    public string? EnvironmentFile { get; init; }

    /// <summary>Volumes <c>name:type[:path]</c>, for a throw-away container.</summary>
    public IReadOnlyList<string> Volumes { get; init; } = [];

    /// <summary>Bind volumes <c>name</c> or <c>name=/path</c>, for a throw-away container.</summary>
    public IReadOnlyList<string> Binds { get; init; } = [];

    /// <summary>Build the image of the box first; the container is a throw-away one of it.</summary>
    public bool Build { get; init; }

    /// <summary>Look for devices of this machine, for a throw-away container.</summary>
    public bool Autodetect { get; init; } = true;

    /// <summary>A terminal is made up where there is none.</summary>
    public bool ForceTerminal { get; init; }
}

/// <summary>Prepares a shell, or a command, in a pod's container, for a face to run on its own terminal (pod.md §15.5).</summary>
/// <param name="context">What it works with.</param>
public sealed class EnterPod(CharlyContext context)
{
    private const string AgentSocket = "/run/host-ssh-auth.sock";

    /// <summary>The program to run.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PodNotRunning"/> where the container must run and does not; <see cref="Errors.PodNotFound"/> for an unknown pod.</exception>
    public async Task<InteractiveCommand> RunAsync(EnterPodRequest request, CancellationToken cancellationToken = default)
    {
        var session = await FindAsync(request, cancellationToken).ConfigureAwait(false);
        if (!request.ForceTerminal || context.Processes.Find("script") is not { } script) return session;
        return new InteractiveCommand(script, ["-qefc", Shell.Join([session.Program, .. session.Arguments]), "/dev/null"]);
    }

    private async Task<InteractiveCommand> FindAsync(EnterPodRequest request, CancellationToken cancellationToken)
    {
        var lookup = new PodLookup(context);
        var pod = await lookup.FindAsync(request, cancellationToken).ConfigureAwait(false);
        var entry = pod.Deployment is null ? null : pod.Read(pod.Deployment);
        var engine = lookup.Engine(entry?.Engine);
        var container = request.Sidecar is { } sidecar ? pod.Key.Sidecar(sidecar) : pod.Key.Container;
        var variables = PodVariables.Parse(request.Environment).SelectMany(e => (string[])["-e", $"{e.Key}={e.Value}"]).ToArray();
        string[] file = request.EnvironmentFile is { } path ? ["--env-file", context.Environment.Resolve(path)] : [];
        if (file is [_, var named] && !File.Exists(named)) throw new CharlyException(Errors.PodEnvironment, $"there is no environment file {named}", "Correct --env-file.", target: named);
        string[] terminal = request.Terminal ? ["-i", "-t"] : ["-i"];
        string[] words = request.Command is { } command ? ["sh", "-c", command] : ["bash"];
        var state = await engine.RunAsync(["container", "inspect", "--format", "{{.State.Running}}", container], cancellationToken).ConfigureAwait(false);
        var program = context.Processes.Find(engine.Name) ?? engine.Name;
        if (state.Succeeded && state.StandardOutput.Trim() == "true" && !request.Build) return new InteractiveCommand(program, ["exec", .. terminal, .. file, .. variables, container, .. words]);
        lookup.RequireKnown(pod);
        if (request.MustRun || request.Sidecar is not null || entry is null) throw NotRunning(pod.Key, container);

        if (request.Build) await new PodBuild(context).RunAsync(pod, new ConfigurePodRequest { Name = request.Name, Build = true, Tag = request.Tag }, cancellationToken).ConfigureAwait(false);
        var prepared = await new PodPreparation(context).RunAsync(
            new ConfigurePodRequest
            {
                Name = request.Name, Instance = request.Instance, Tag = request.Tag, Environment = request.Environment, EnvironmentFile = request.EnvironmentFile, Volumes = request.Volumes, Binds = request.Binds,
                Autodetect = request.Autodetect, DryRun = true, IsRehearsal = true,
            },
            keepImage: false, cancellationToken).ConfigureAwait(false);
        var plan = prepared.Plan;
        foreach (var missing in plan.Volumes.Binds.Where(b => !Directory.Exists(b.Source)))
        {
            throw new CharlyException(Errors.PodVolume, $"the folder {missing.Source} of the volume {missing.Name} does not exist", $"Run: charly config {pod.Key.Arguments}", target: pod.Key.Text);
        }

        new PodVolumes(context).Encryption(null).ThrowIfLocked(pod.Key, plan.Volumes.Encrypted);

        // Beside the real one it must take no name and no port.
        var arguments = OpenCharly.Pods.Engines.DirectRun.Arguments(plan with { Ports = [], Secrets = [], Command = words }, engine.IsPodman).ToList();
        arguments.Remove("-d");
        var name = arguments.IndexOf("--name");
        arguments.RemoveRange(name, 2);
        arguments.InsertRange(1, [.. terminal, .. Agents(entry, lookup.Settings, plan)]);
        return new InteractiveCommand(program, arguments);
    }

    private IEnumerable<string> Agents(PodEntry entry, PodSettings settings, PodPlan plan)
    {
        if ((entry.ForwardSshAgent ?? settings.ForwardSshAgent) && context.Environment.Variable("SSH_AUTH_SOCK") is { } socket && File.Exists(socket))
        {
            yield return "-v";
            yield return $"{socket}:{AgentSocket}";
            yield return "-e";
            yield return $"SSH_AUTH_SOCK={AgentSocket}";
        }

        var gpg = context.Environment.Variable("XDG_RUNTIME_DIR") is { } runtime ? Path.Combine(runtime, "gnupg", "S.gpg-agent.extra") : null;
        if ((entry.ForwardGpgAgent ?? settings.ForwardGpgAgent) && gpg is not null && File.Exists(gpg))
        {
            yield return "-v";
            yield return $"{gpg}:{(plan.Volumes.Mounts.Any(m => m.Name == "workspace") ? "/home/user" : plan.WorkingDirectory)}/.gnupg/S.gpg-agent";
        }
    }

    internal static CharlyException NotRunning(PodKey key, string container) => new(
        Errors.PodNotRunning, $"container {container} is not running", $"Run: charly start {key.Arguments}", target: key.Text);
}
