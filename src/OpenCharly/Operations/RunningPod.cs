using OpenCharly.Boxes;
using OpenCharly.Foundation;

namespace OpenCharly.Operations;

/// <summary>A pod whose container runs, with what its image says of itself.</summary>
internal sealed record RunningPod(FoundPod Pod, ContainerEngine Engine, BoxLabels Labels)
{
    /// <summary>Finds it.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PodNotRunning"/>, and what reading the labels can end in.</exception>
    public static async Task<RunningPod> FindAsync(PodLookup lookup, PodRequest request, CancellationToken cancellationToken)
    {
        var pod = await lookup.FindAsync(request, cancellationToken).ConfigureAwait(false);
        var engine = lookup.Engine(pod.Deployment?.Engine);
        var state = await engine.RunAsync(["container", "inspect", "--format", "{{.State.Running}} {{.Config.Image}}", pod.Key.Container], cancellationToken).ConfigureAwait(false);
        if (!state.Succeeded || state.StandardOutput.Trim().Split(' ', 2) is not ["true", var reference])
        {
            lookup.RequireKnown(pod);
            throw EnterPod.NotRunning(pod.Key, pod.Key.Container);
        }

        var image = await new LocalImages(engine).ResolveAsync(reference, null, cancellationToken).ConfigureAwait(false);
        return new RunningPod(pod, engine, image.Labels);
    }

    /// <summary>Runs a program in the container.</summary>
    /// <param name="words">The program and its arguments; never a secret.</param>
    /// <param name="input">Text for its standard input; null for none.</param>
    /// <param name="user">Account; that of the image if null.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<Execution.CommandResult> ExecAsync(IReadOnlyList<string> words, string? input, string? user, CancellationToken cancellationToken) => Engine.RunAsync(
        new Execution.ProcessRequest(Engine.Name, ["exec", .. input is null ? Array.Empty<string>() : ["-i"], .. user is null ? Array.Empty<string>() : ["--user", user], Pod.Key.Container, .. words]) { Input = input }, cancellationToken);
}
