using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Operations;

/// <summary>What <c>GetPodLog</c> works from.</summary>
public sealed record PodLogRequest : PodRequest
{
    /// <summary>Last lines; all if null.</summary>
    public int? Tail { get; init; }

    /// <summary>Go on with new lines until cancelled.</summary>
    public bool Follow { get; init; }

    /// <summary>Sidecar whose log is meant; the pod's own container if null.</summary>
    public string? Sidecar { get; init; }
}

/// <summary>Reads what a pod has printed: from the journal, in direct mode from the engine (pod.md §15.2).</summary>
/// <param name="context">What it works with.</param>
public sealed class GetPodLog(CharlyContext context)
{
    /// <summary>Reads.</summary>
    /// <param name="request">Which pod and how much.</param>
    /// <param name="line">Takes each line as it comes.</param>
    /// <param name="cancellationToken">Ends the wait for new lines.</param>
    /// <exception cref="CharlyException"><see cref="Errors.PodNotConfigured"/>; <see cref="Errors.PodNotRunning"/> in direct mode, where the log ends with
    /// the container; <see cref="Errors.PodService"/> if there is no log to read.</exception>
    public async Task RunAsync(PodLogRequest request, Action<string> line, CancellationToken cancellationToken = default)
    {
        var lookup = new PodLookup(context);
        var pod = await lookup.ExistingAsync(request, cancellationToken).ConfigureAwait(false);
        var container = request.Sidecar is { } sidecar ? pod.Key.Sidecar(sidecar) : pod.Key.Container;
        var entry = pod.Deployment is null ? null : pod.Read(pod.Deployment);
        if (lookup.IsDirect(pod.Key) && !(await lookup.Engine(entry?.Engine).RunAsync(["container", "inspect", "--format", "{{.State.Status}}", container], cancellationToken).ConfigureAwait(false)).Succeeded)
        {
            // A container that stops goes, and its log with it.
            throw EnterPod.NotRunning(pod.Key, container);
        }

        string[] tail = request.Tail is { } count ? [lookup.IsDirect(pod.Key) ? "--tail" : "-n", count.ToString(System.Globalization.CultureInfo.InvariantCulture)] : [];
        string[] follow = request.Follow ? ["-f"] : [];
        var asked = lookup.IsDirect(pod.Key)
            ? new ProcessRequest(lookup.Engine(entry?.Engine).Name, ["logs", .. tail, .. follow, container])
            : new ProcessRequest("journalctl", ["--user", "--no-pager", "-u", container + ".service", .. tail, .. follow]);
        var result = await context.Processes.RunAsync(asked with { Output = l => line(l.Text) }, cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded) throw new CharlyException(Errors.PodService, $"the log of {pod.Key} can't be read (exit code {result.ExitCode}): {result.Tail(1)}", "Start the pod once, so that there is a log.", target: pod.Key.Text);
    }
}
