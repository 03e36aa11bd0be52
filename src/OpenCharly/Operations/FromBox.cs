using OpenCharly.Boxes;
using OpenCharly.Foundation;

namespace OpenCharly.Operations;

/// <summary>What a deployment needs that is made from an image alone, without a project (deploy.md §3.3, <c>from-box</c>).</summary>
/// <param name="Key">Deploy key.</param>
/// <param name="Box">Full reference, for <c>box:</c> of the entry.</param>
/// <param name="Image">The image with what it says of itself.</param>
public sealed record BoxDeployment(string Key, string Box, BoxImage Image);

/// <summary>Reads an image in local storage as what is to be deployed.</summary>
/// <param name="context">What it works with.</param>
public sealed class FromBox(CharlyContext context)
{
    /// <summary>Reads it.</summary>
    /// <param name="reference">Full reference, or name of a box.</param>
    /// <param name="name">Deploy key; the last part of the repository if null.</param>
    /// <param name="instance">Instance; none if null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Errors.ImageNotLocal"/>, <see cref="Errors.ImageMetadata"/>, <see cref="Errors.ImageReference"/>,
    /// <see cref="Errors.BadName"/>. Nothing is pulled.</exception>
    public async Task<BoxDeployment> RunAsync(string reference, string? name = null, string? instance = null, CancellationToken cancellationToken = default)
    {
        var key = (name ?? ImageName.Parse(reference).LastSegment) + (instance is null ? "" : "/" + instance);
        if (!IsKey(key)) throw new CharlyException(Errors.BadName, $"\"{key}\" can't name a deployment", "Use letters, digits, dots, dashes and underscores, and at most one slash before an instance.", target: key);
        var image = await new InspectBox(context).ImageAsync(reference, cancellationToken: cancellationToken).ConfigureAwait(false);
        return new BoxDeployment(key, image.Reference, image);
    }

    // pod.md §1.1.
    private static bool IsKey(string key)
    {
        var parts = key.Split('/');
        return parts.Length <= 2 && parts.All(p => p.Length > 0 && char.IsAsciiLetterOrDigit(p[0]) && p.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'));
    }
}
