using OpenCharly.Foundation;
using OpenCharly.Vms.Templates;

namespace OpenCharly.Operations;

/// <summary>Removes a template with all its revisions.</summary>
/// <param name="context">What it works with.</param>
public sealed class RemoveTemplate(CharlyContext context)
{
    /// <summary>Removes it, unless a machine's disk stands on one of its revisions.</summary>
    /// <param name="name">Name.</param>
    /// <param name="force">No error if there is none.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="CharlyException"><see cref="Errors.TemplateNotFound"/>, <see cref="Errors.TemplateInUse"/>, <see cref="Errors.BadName"/>.</exception>
    public async Task RunAsync(string name, bool force = false, CancellationToken cancellationToken = default)
    {
        var store = new TemplateStore(context.Environment, context.Paths);
        if (force && !Directory.Exists(store.At(name).Path)) return;
        var folder = store.Require(name);
        using var held = await store.LockAsync(name, context.Progress, cancellationToken).ConfigureAwait(false);
        await new TemplateUsers(context).RefuseAsync(folder.Path, cancellationToken).ConfigureAwait(false);
        // What is half removed must not look like a template: the description goes with everything else in one step.
        var aside = Path.Combine(Path.GetDirectoryName(folder.Path)!, $".removed-{name}-{Guid.NewGuid():N}");
        Directory.Move(folder.Path, aside);
        Directory.Delete(aside, recursive: true);
    }

    /// <summary>What <see cref="RunAsync"/> would do, in one line; removes nothing.</summary>
    /// <exception cref="CharlyException">What <see cref="RunAsync"/> throws.</exception>
    public async Task<IReadOnlyList<string>> PreviewAsync(string name, bool force = false, CancellationToken cancellationToken = default)
    {
        var store = new TemplateStore(context.Environment, context.Paths);
        if (force && !Directory.Exists(store.At(name).Path)) return [];
        var folder = store.Require(name);
        await new TemplateUsers(context).RefuseAsync(folder.Path, cancellationToken).ConfigureAwait(false);
        return [$"remove {folder.Path} with its revisions: {(folder.RevisionNames() is { Count: > 0 } all ? string.Join(", ", all) : "none")}"];
    }
}
