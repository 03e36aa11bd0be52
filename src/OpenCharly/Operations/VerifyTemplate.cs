using OpenCharly.Foundation;
using OpenCharly.Vms.Templates;

namespace OpenCharly.Operations;

/// <summary>Compares a revision of a template with its checksums; needs no registry.</summary>
/// <param name="context">What it works with.</param>
public sealed class VerifyTemplate(CharlyContext context)
{
    /// <summary>Reads all files of the revision.</summary>
    /// <param name="name">The template.</param>
    /// <param name="revision">The revision; the current one if null.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="CharlyException"><see cref="Errors.TemplateNotFound"/>, <see cref="Errors.TemplateNoCurrent"/>, <see cref="Errors.TemplateCorrupt"/>.</exception>
    public Task<TemplateVerification> RunAsync(string name, string? revision = null, CancellationToken cancellationToken = default) =>
        new TemplateTransfer(new TemplateStore(context.Environment, context.Paths), context.Progress).VerifyAsync(name, revision, cancellationToken);

    /// <summary>As <see cref="RunAsync"/>, with an error for the first file that is not intact.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.TemplateChecksum"/> naming all such files.</exception>
    public async Task<TemplateVerification> RequireAsync(string name, string? revision = null, CancellationToken cancellationToken = default)
    {
        var result = await RunAsync(name, revision, cancellationToken).ConfigureAwait(false);
        return result.IsIntact ? result : throw TemplateTransfer.Mismatch(name, [.. result.Files.Where(f => !f.IsIntact)]);
    }
}
