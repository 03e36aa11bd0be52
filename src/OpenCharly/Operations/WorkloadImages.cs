using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Kubernetes;
using OpenCharly.Model;
using OpenCharly.Yaml;

namespace OpenCharly.Operations;

/// <summary>Reads from an image in local storage what a cluster needs to know of it.</summary>
internal sealed class WorkloadImages(CharlyContext context, Project project)
{
    /// <summary>Reads it.</summary>
    /// <param name="box">Box as it is named; the newest local image of a short name.</param>
    /// <param name="tag">Tag that it must have; any if null.</param>
    /// <param name="engine">The entry's own engine; null for the usual one.</param>
    /// <param name="notes">What the user should know is added here.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Errors.ImageNotLocal"/> and what else keeps an image from being read.</exception>
    public async Task<WorkloadImage> ReadAsync(string box, string? tag, string? engine, List<string> notes, CancellationToken cancellationToken)
    {
        var images = new LocalImages(new EngineChoice(context.Environment, context.Paths, context.Processes).Run(engine));
        var labels = (await images.ResolveAsync(box, tag, cancellationToken).ConfigureAwait(false)).Labels;
        var registry = labels.Registry.Length > 0 ? labels.Registry : (project.Defaults?["registry"] as YamlScalar)?.Text ?? "";
        var reference = WorkloadImage.ReferenceOf(box, tag ?? labels.Version, registry);
        if (!reference.Contains('/')) notes.Add($"the image {reference} names no registry, so every node must have it; set \"registry\" in defaults");
        return new WorkloadImage
        {
            Reference = reference,
            Ports = [.. labels.Ports.Select(p => new WorkloadPort(p.Number, p.IsUdp))],
            Volumes = [.. labels.Volumes.Select(v => new WorkloadVolume(Bare(v.Name, labels.Box), v.Path))],
            Environment = labels.Environment,
            Secrets = [.. labels.Secrets.Select(s => new WorkloadSecret(ClusterNames.Dashed(s.Name), Some(s.Variable), Some(s.Target)))],
            Uid = labels.Uid,
            Gid = labels.Gid,
        };
    }

    // The label carries the name that a pod of the box itself would give its volume.
    private static string Bare(string name, string box)
    {
        var prefix = $"charly-{box}-";
        return ClusterNames.Dashed(name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : name);
    }

    private static string? Some(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
