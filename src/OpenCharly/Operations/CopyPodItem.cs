using OpenCharly.Foundation;

namespace OpenCharly.Operations;

/// <summary>Copies files between this machine and the container of a running pod (pod.md §15.5).</summary>
/// <param name="context">What it works with.</param>
public sealed class CopyPodItem(CharlyContext context)
{
    private readonly PodLookup _lookup = new(context);

    /// <summary>Copies a file, or a folder with all that is in it.</summary>
    /// <param name="request">The pod.</param>
    /// <param name="source">Path; one in the container begins with a colon.</param>
    /// <param name="destination">Path; of the two, exactly one is in the container.</param>
    /// <param name="dryRun">Only say what would be copied.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What was or would be copied, as words.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.Usage"/>, <see cref="Errors.PodNotRunning"/>; <see cref="Errors.Io"/> for a source that is not there;
    /// <see cref="Errors.PodCopy"/> if the engine refuses.</exception>
    public async Task<string> RunAsync(PodRequest request, string source, string destination, bool dryRun = false, CancellationToken cancellationToken = default)
    {
        var isOut = source.StartsWith(':');
        if (isOut == destination.StartsWith(':')) throw new CharlyException(Errors.Usage, $"of \"{source}\" and \"{destination}\", exactly one must be a path in the container", "Begin the one in the container with a colon: charly cp KEY notes.txt :/data/", target: source);
        if ((isOut ? source : destination).Length == 1 || (isOut ? destination : source).Length == 0) throw new CharlyException(Errors.Usage, "a path to copy is empty", "Name a file or folder.", target: source);
        var pod = await RunningPod.FindAsync(_lookup, request, cancellationToken).ConfigureAwait(false);
        var (here, there) = (context.Environment.Resolve(isOut ? destination : source), (isOut ? source : destination)[1..]);
        if (!isOut && !Path.Exists(here)) throw new CharlyException(Errors.Io, $"there is no {here}", "Name a file or folder of this machine.", target: here);
        var (from, to) = isOut ? (pod.Pod.Key.Container + ":" + there, here) : (here, pod.Pod.Key.Container + ":" + there);
        var what = $"copy {from} to {to}";
        if (dryRun) return what;
        var copied = await pod.Engine.RunAsync(["cp", from, to], cancellationToken).ConfigureAwait(false);
        return copied.Succeeded ? what : throw new CharlyException(Errors.PodCopy, $"could not {what}: {copied.Tail(2)}", "Look at the path that the message names.", target: pod.Pod.Key.Text);
    }
}
