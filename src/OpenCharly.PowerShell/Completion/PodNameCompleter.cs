using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Completion;

/// <summary>Pods by their deploy keys, without asking the engine.</summary>
public sealed class PodNameCompleter : QueryCompleter
{
    private protected override async Task<IEnumerable<Offer>> OffersAsync(CharlyContext context, CancellationToken cancellationToken)
    {
        var pods = await new GetPods(context).RunAsync(new PodQuery { Probe = false }, cancellationToken).ConfigureAwait(false);
        return pods.Select(pod => new Offer(pod.Name, $"{pod.ImageReference}, {pod.StatusWord}"));
    }
}
