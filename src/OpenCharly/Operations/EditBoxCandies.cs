using OpenCharly.Foundation;

namespace OpenCharly.Operations;

/// <summary>Adds candies to a box, or takes them out.</summary>
/// <param name="context">What it works with.</param>
public sealed class EditBoxCandies(CharlyContext context)
{
    /// <summary>Adds candies at the end of the list; those that are there stay where they are.</summary>
    /// <exception cref="CharlyException">There is no such box. The file is then as it was.</exception>
    public Task<EntityEdit> AddAsync(string box, IReadOnlyList<string> candies, bool dryRun = false, CancellationToken cancellationToken = default) =>
        new EntityEditing(context).RunAsync("box", box, (editor, place) => TextListEdit.Add(editor, place, ["candy"], candies), dryRun, cancellationToken);

    /// <summary>Takes candies out of the list.</summary>
    /// <exception cref="CharlyException">There is no such box, or a candy is not in it. The file is then as it was.</exception>
    public Task<EntityEdit> RemoveAsync(string box, IReadOnlyList<string> candies, bool dryRun = false, CancellationToken cancellationToken = default) =>
        new EntityEditing(context).RunAsync("box", box, (editor, place) => TextListEdit.Remove(editor, place, ["candy"], candies), dryRun, cancellationToken);
}
