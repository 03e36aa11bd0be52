using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Operations;

/// <summary>A box of the project as its image would be.</summary>
/// <param name="Name">The box.</param>
/// <param name="Reference">Full reference that building it now would give its image.</param>
/// <param name="Base">Image that it stands on; empty if it makes its own root file system, or holds data only.</param>
/// <param name="Bases">Boxes that it stands on, the nearest first.</param>
/// <param name="Candies">Candies that it adds, in order.</param>
/// <param name="Inherited">Candies that its bases bring, in order.</param>
/// <param name="Labels">What its image would say of itself.</param>
/// <param name="Box">The box as written.</param>
public sealed record BoxDetails(
    string Name, string Reference, string Base, IReadOnlyList<string> Bases, IReadOnlyList<string> Candies, IReadOnlyList<string> Inherited, BoxLabels Labels, Box Box)
{
    /// <summary>Status word: the worst of its own and its candies'.</summary>
    public string Status => Box.Enabled ? Labels.Status : "disabled";

    /// <summary>Version that its labels say.</summary>
    public string Version => Labels.Version;

    /// <summary>What it is, in one line.</summary>
    public string Description => Labels.Description;
}

/// <summary>Looks into boxes: those of the project, and images in local storage.</summary>
/// <param name="context">What it works with.</param>
public sealed class InspectBox(CharlyContext context)
{
    /// <summary>Boxes of the project, by name.</summary>
    /// <param name="pattern">Name, with the wildcards <c>*</c>, <c>?</c> and <c>[]</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Errors.CfgNoProject"/>; <see cref="Errors.RefNotFound"/> if a plain name is unknown; what is wrong with a box.</exception>
    public async Task<IReadOnlyList<BoxDetails>> RunAsync(string pattern, CancellationToken cancellationToken = default)
    {
        var project = await BoxProject.LoadAsync(context, cancellationToken).ConfigureAwait(false);
        var isPattern = NamePattern.IsPattern(pattern);
        var names = isPattern ? project.Project.Boxes.Names.Where(n => NamePattern.Matches(pattern, n)).ToList() : [pattern];
        var details = new List<BoxDetails>();
        foreach (var name in names)
        {
            var plan = (await project.Planner(null).PlanAsync([name], includeDisabled: true, cancellationToken).ConfigureAwait(false))[^1];
            details.Add(Of(plan));
        }

        return details;
    }

    /// <summary>An image in local storage, by full reference or the name of its box.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.ImageNotLocal"/>, <see cref="Errors.ImageMetadata"/>, <see cref="Errors.ImageAmbiguous"/>.</exception>
    public Task<BoxImage> ImageAsync(string name, string? tag = null, CancellationToken cancellationToken = default) =>
        new LocalImages(new EngineChoice(context.Environment, context.Paths, context.Processes).Run()).ResolveAsync(name, tag, cancellationToken);

    /// <summary>All images of boxes in local storage, the newest of each box first.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.ToolMissing"/>, <see cref="Errors.ImageEngine"/>.</exception>
    public async Task<IReadOnlyList<BoxImage>> ImagesAsync(CancellationToken cancellationToken = default)
    {
        var images = await new LocalImages(new EngineChoice(context.Environment, context.Paths, context.Processes).Run()).ListAsync(cancellationToken).ConfigureAwait(false);
        return [.. images.Where(i => i.IsBox && i.References.Count > 0)
            .SelectMany(i => i.References.Select(r => new BoxImage(r, i.Id, BoxLabelReader.Read(r, i.Labels), i.Created, i.Size)))
            .OrderBy(i => i.Labels.Box, StringComparer.Ordinal).ThenByDescending(i => i.Created).ThenBy(i => i.Reference, StringComparer.Ordinal)];
    }

    private static BoxDetails Of(BoxPlan plan) => new(
        plan.Box.Name, plan.Reference, plan.BaseReference, [.. plan.Bases.Select(b => b.Name)], [.. plan.Candies.Select(c => c.Name)], [.. plan.Inherited.Select(c => c.Name)],
        BoxLabelComposer.Of(plan, BoxBody.Read(plan.Box, plan.Project)), plan.Box);
}
