using OpenCharly.Foundation;

namespace OpenCharly.Operations;

/// <summary>What is done to a service in a pod.</summary>
public enum PodServiceVerb
{
    /// <summary>Tell its state.</summary>
    Status,

    /// <summary>Start it.</summary>
    Start,

    /// <summary>Stop it.</summary>
    Stop,

    /// <summary>Stop it and start it again.</summary>
    Restart,
}

/// <summary>A service in a pod.</summary>
/// <param name="Pod">Deploy key of the pod.</param>
/// <param name="Name">Name, as the init system knows it.</param>
/// <param name="Status">The init system's word for its state, in small letters; <c>unknown</c> if it says none.</param>
public sealed record PodServiceState(string Pod, string Name, string Status);

/// <summary>Looks at services in running pods and controls them, through the init system that the image names (pod.md §15.5).</summary>
/// <param name="context">What it works with.</param>
public sealed class ControlPodService(CharlyContext context)
{
    private readonly PodLookup _lookup = new(context);

    /// <summary>All services that the image names, with their states.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PodNotRunning"/>, <see cref="Errors.PodInit"/>.</exception>
    public async Task<IReadOnlyList<PodServiceState>> ListAsync(PodRequest request, CancellationToken cancellationToken = default)
    {
        var pod = await RunningPod.FindAsync(_lookup, request, cancellationToken).ConfigureAwait(false);
        return await StatesAsync(pod, Names(pod), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Does something to one.</summary>
    /// <param name="request">The pod.</param>
    /// <param name="verb">What.</param>
    /// <param name="service">Name of the service.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Its state afterwards.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.PodNotRunning"/>, <see cref="Errors.PodServiceUnknown"/>, <see cref="Errors.PodInit"/>;
    /// <see cref="Errors.PodService"/> if the init system refuses.</exception>
    public async Task<PodServiceState> RunAsync(PodRequest request, PodServiceVerb verb, string service, CancellationToken cancellationToken = default)
    {
        var pod = await RunningPod.FindAsync(_lookup, request, cancellationToken).ConfigureAwait(false);
        return await RunAsync(pod, verb, service, cancellationToken).ConfigureAwait(false);
    }

    internal static async Task<PodServiceState> RunAsync(RunningPod pod, PodServiceVerb verb, string service, CancellationToken cancellationToken)
    {
        var names = Names(pod);
        if (!names.Contains(service, StringComparer.Ordinal))
        {
            throw new CharlyException(
                Errors.PodServiceUnknown, $"the image of {pod.Pod.Key} names no service \"{service}\"",
                Nearest.Suggest(service, names, names.Count == 0 ? "It names none at all." : $"It names {string.Join(", ", names)}."), target: pod.Pod.Key.Text);
        }

        if (verb != PodServiceVerb.Status)
        {
            var done = await pod.ExecAsync([.. Program(pod), verb.ToString().ToLowerInvariant(), service], null, null, cancellationToken).ConfigureAwait(false);
            if (!done.Succeeded || done.StandardOutput.Contains("ERROR", StringComparison.Ordinal))
            {
                var said = (done.StandardOutput + "\n" + done.StandardError).Trim().ReplaceLineEndings("; ");
                throw new CharlyException(Errors.PodService, $"{service} of {pod.Pod.Key} could not be {Past(verb)} (exit code {done.ExitCode}): {said}", $"Look at what it printed: charly logs {pod.Pod.Key.Arguments}", target: pod.Pod.Key.Text);
            }
        }

        return (await StatesAsync(pod, [service], cancellationToken).ConfigureAwait(false))[0];
    }

    private static string Past(PodServiceVerb verb) => verb switch { PodServiceVerb.Start => "started", PodServiceVerb.Stop => "stopped", _ => "restarted" };

    private static IReadOnlyList<string> Names(RunningPod pod) => pod.Labels.Init is { } init ? pod.Labels.ServiceNames.GetValueOrDefault(init) ?? [] : [];

    private static string[] Program(RunningPod pod) => pod.Labels.Init switch
    {
        "supervisord" => ["supervisorctl"],
        "systemd" => ["systemctl", "--user"],
        var other => throw new CharlyException(
            Errors.PodInit, $"the image of {pod.Pod.Key} has {(other is null ? "no init system" : $"the init system {other}")}, which charly can't ask for services", $"Run a command in it: charly cmd {pod.Pod.Key.Arguments} COMMAND", target: pod.Pod.Key.Text),
    };

    // Neither program says by its exit code whether it could be asked: services that do not run are failures to both.
    private static async Task<IReadOnlyList<PodServiceState>> StatesAsync(RunningPod pod, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var program = Program(pod);
        if (names.Count == 0) return [];
        var isSystemd = pod.Labels.Init == "systemd";
        var asked = await pod.ExecAsync([.. program, isSystemd ? "is-active" : "status", .. names], null, null, cancellationToken).ConfigureAwait(false);
        var lines = asked.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var words = isSystemd
            ? names.Zip(lines).ToDictionary(p => p.First, p => p.Second, StringComparer.Ordinal)
            : lines.Select(l => l.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Where(w => w.Length > 1).GroupBy(w => w[0], StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First()[1].ToLowerInvariant(), StringComparer.Ordinal);
        return [.. names.Select(n => new PodServiceState(pod.Pod.Key.Text, n, words.GetValueOrDefault(n) is { } word && word.All(c => char.IsAsciiLetter(c) || c is '-' or '_') ? word : "unknown"))];
    }
}
