using OpenCharly.Foundation;
using OpenCharly.Vms.Templates;

namespace OpenCharly.Operations;

/// <summary>Sends a revision of a template to the registry.</summary>
/// <param name="context">What it works with.</param>
public sealed class PushTemplate(CharlyContext context)
{
    /// <summary>Sends it, and makes it the registry's current one.</summary>
    /// <param name="name">The template.</param>
    /// <param name="revision">The revision; the current one if null.</param>
    /// <param name="cancellationToken">Gives up; the registry's current revision is what it was.</param>
    /// <exception cref="CharlyException"><see cref="Errors.TemplateRegistryMissing"/>, <see cref="Errors.TemplateRegistryInsecure"/>,
    /// <see cref="Errors.TemplateRegistryFailed"/>, <see cref="Errors.TemplateNotFound"/>, <see cref="Errors.TemplateNoCurrent"/>, <see cref="Errors.TemplateCorrupt"/>.</exception>
    public Task<TemplateRevision> RunAsync(string name, string? revision = null, CancellationToken cancellationToken = default) =>
        new TemplateTransfer(new TemplateStore(context.Environment, context.Paths), context.Progress)
            .PushAsync(name, revision, TemplateRegistrySettings.From(context.Environment), cancellationToken);

    /// <summary>What <see cref="RunAsync"/> would do, in one line; sends nothing.</summary>
    /// <exception cref="CharlyException">What <see cref="RunAsync"/> throws before it reaches the registry, but for files that are missing.</exception>
    public IReadOnlyList<string> Preview(string name, string? revision = null)
    {
        var folder = new TemplateStore(context.Environment, context.Paths).Require(name);
        revision ??= folder.RequireCurrent();
        _ = folder.RequireRevision(revision);
        return [$"send the revision {revision} of {name} to {TemplateRegistrySettings.From(context.Environment).Endpoint} and make it current there"];
    }
}
