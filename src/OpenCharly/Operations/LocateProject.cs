using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Operations;

/// <summary>Finds the folder of a project that is a remote repository, and fetches it if need be (candy-and-plan.md §1.2).</summary>
/// <param name="context">What it works with.</param>
public sealed class LocateProject(CharlyContext context)
{
    /// <summary>The folder of a repository's copy.</summary>
    /// <param name="repository"><c>[host/]owner/repo[/folder][@ref]</c>, or <c>default</c>.</param>
    /// <param name="pull">Whether to fetch it even if there is a copy.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException">One of the <c>REF…</c> codes.</exception>
    public Task<string> RunAsync(string repository, bool pull = false, CancellationToken cancellationToken = default) =>
        new ProjectLoader(context.Environment, context.Paths, context.Processes).LocateAsync(null, repository, pull, cancellationToken);
}
