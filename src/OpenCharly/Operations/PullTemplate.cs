using OpenCharly.Foundation;
using OpenCharly.Vms.Templates;

namespace OpenCharly.Operations;

/// <summary>Fetches a revision of a template from the registry.</summary>
/// <param name="context">What it works with.</param>
public sealed class PullTemplate(CharlyContext context)
{
    /// <summary>Fetches and verifies it, and makes it current here.</summary>
    /// <param name="name">The template.</param>
    /// <param name="revision">The revision; the registry's current one if null.</param>
    /// <param name="cancellationToken">Gives up; nothing changes here.</param>
    /// <exception cref="CharlyException"><see cref="Errors.TemplateRegistryMissing"/>, <see cref="Errors.TemplateRegistryInsecure"/>,
    /// <see cref="Errors.TemplateRegistryFailed"/>, <see cref="Errors.TemplateNotFound"/>, <see cref="Errors.TemplateNoCurrent"/>,
    /// <see cref="Errors.TemplateCorrupt"/>, <see cref="Errors.TemplateChecksum"/>, <see cref="Errors.TemplateInUse"/>.</exception>
    public Task<TemplateRevision> RunAsync(string name, string? revision = null, CancellationToken cancellationToken = default) =>
        new TemplateTransfer(new TemplateStore(context.Environment, context.Paths), context.Progress)
            .PullAsync(name, revision, TemplateRegistrySettings.From(context.Environment), new TemplateUsers(context).RefuseAsync, cancellationToken);

    /// <summary>What <see cref="RunAsync"/> would do, in one line; asks no registry.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.BadName"/>, <see cref="Errors.TemplateRegistryMissing"/>, <see cref="Errors.TemplateRegistryInsecure"/>.</exception>
    public IReadOnlyList<string> Preview(string name, string? revision = null)
    {
        _ = new TemplateStore(context.Environment, context.Paths).At(name);
        if (revision is not null) TemplateStore.ThrowIfBad(revision, "a revision");
        return [$"fetch the {(revision is null ? "registry's current revision" : $"revision {revision}")} of {name} from {TemplateRegistrySettings.From(context.Environment).Endpoint}, verify it and make it current here"];
    }
}
