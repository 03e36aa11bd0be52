using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Operations;

/// <summary>A deployment that stands inside of a pod's.</summary>
/// <param name="Name">Its path.</param>
/// <param name="Kind">Its target.</param>
/// <param name="Status">The word for what it is doing; <c>unknown</c> if nobody answered in time.</param>
public sealed record PodChild(string Name, string Kind, string Status)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Status})";
}

/// <summary>Asks what is inside of pods for its state (pod.md §15.4). Whoever does not answer in time keeps nobody else waiting.</summary>
internal sealed class PodChildren(PodLookup lookup)
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(4);

    /// <summary>All of them, each before what is inside of it.</summary>
    public async Task<IReadOnlyList<PodChild>> OfAsync(Project project, Deployment outer, CancellationToken cancellationToken)
    {
        var found = new List<PodChild>();
        foreach (var child in outer.Nested)
        {
            found.Add(new PodChild(child.Key, child.Target, await InTimeAsync(project, child, cancellationToken).ConfigureAwait(false)));
            found.AddRange(await OfAsync(project, child, cancellationToken).ConfigureAwait(false));
        }

        return found;
    }

    private async Task<string> InTimeAsync(Project project, Deployment child, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Budget);
        try
        {
            return await StatusAsync(project, child, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            lookup.Tell([$"{child.Key} did not answer within {Budget.TotalSeconds:0} s"]);
        }
        catch (CharlyException e)
        {
            lookup.Tell([$"the state of {child.Key} is not known: {e.Message}"]);
        }

        return "unknown";
    }

    // A pod has a container of its own; what has none does what the container around it does.
    private async Task<string> StatusAsync(Project project, Deployment child, CancellationToken cancellationToken)
    {
        var engine = lookup.Engine();
        string[]? asked = (DeployVenue.Of(project, child), child.Target) switch
        {
            (DeployVenue.Own, "pod") => Inspect("charly-" + DeployVenue.PodKeyOf(child).Replace('/', '-')),
            (DeployVenue.Container { Guest: null } outer, "pod") => ["exec", outer.Name, engine.Name, .. Inspect("charly-" + DeployVenue.Leaf(child.Key))],
            (DeployVenue.Container { Guest: null } outer, "local" or "android") => Inspect(outer.Name),
            _ => null,
        };
        if (asked is null) return "unknown";
        var state = await engine.RunAsync(new Execution.ProcessRequest(engine.Name, asked), cancellationToken).ConfigureAwait(false);
        return state.Succeeded ? LiveContainer.Word(state.StandardOutput.Trim()) : "not configured";
    }

    private static string[] Inspect(string container) => ["container", "inspect", "--format", "{{.State.Status}}", container];
}
