namespace OpenCharly.Operations;

/// <summary>Reads and replaces the file that a box stands in.</summary>
/// <param name="context">What it works with.</param>
public sealed class BoxFile(CharlyContext context)
{
    /// <summary>The text of the file, exactly as it is.</summary>
    /// <exception cref="Foundation.CharlyException">There is no such box.</exception>
    public async Task<string> ReadAsync(string box, CancellationToken cancellationToken = default)
    {
        var (_, place) = await new EntityEditing(context).FindAsync("box", box, cancellationToken).ConfigureAwait(false);
        return await File.ReadAllTextAsync(place.File, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Replaces the file by a text in which the box is valid.</summary>
    /// <exception cref="Foundation.CharlyException">There is no such box, or the text has errors. The file is then as it was.</exception>
    public Task<EntityEdit> WriteAsync(string box, string text, bool dryRun = false, CancellationToken cancellationToken = default) =>
        new EntityEditing(context).ReplaceAsync("box", box, text, dryRun, cancellationToken);
}
