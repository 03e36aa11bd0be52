using OpenCharly.Building;
using OpenCharly.Foundation;

namespace OpenCharly.Operations;

/// <summary>Lists the images in this machine's podman, by name.</summary>
/// <param name="context">What it works with.</param>
public sealed class GetLocalImages(CharlyContext context)
{
    /// <summary>Names with their tags, sorted; none without podman.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PlanBuilder"/> if podman can't tell.</exception>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellationToken = default)
    {
        var podman = new Podman(context.Processes);
        if (!podman.IsInstalled) return [];
        var names = await podman.NamesAsync(cancellationToken).ConfigureAwait(false);
        return [.. names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }
}
