using OpenCharly.Boxes;
using OpenCharly.Foundation;

namespace OpenCharly.Operations;

/// <summary>What <c>GenerateBoxes</c> works from.</summary>
public sealed record GenerateBoxesRequest
{
    /// <summary>Names of boxes; all that are enabled if empty. What they stand on and what builds for them comes along.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Tag of their images; what the boxes say, else one by the clock, if null.</summary>
    public string? Tag { get; init; }

    /// <summary>Whether disabled boxes count if no name is given.</summary>
    public bool IncludeDisabled { get; init; }

    /// <summary>Only say what would be written.</summary>
    public bool DryRun { get; init; }
}

/// <summary>Writes the Containerfiles of boxes, with what lies beside them (candy-and-plan.md §8.1).</summary>
/// <param name="context">What it works with.</param>
public sealed class GenerateBoxes(CharlyContext context)
{
    /// <summary>Writes them below <c>.build</c> of the project. Nothing is written unless all of them can be.</summary>
    /// <returns>The boxes, in the order in which they can be built.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.CfgNoProject"/>, <see cref="Errors.RefNotFound"/>, and what is wrong with the boxes.</exception>
    public async Task<IReadOnlyList<GeneratedBox>> RunAsync(GenerateBoxesRequest request, CancellationToken cancellationToken = default)
    {
        var project = await BoxProject.LoadAsync(context, cancellationToken).ConfigureAwait(false);
        return await RunAsync(project, request, cancellationToken).ConfigureAwait(false);
    }

    internal static async Task<IReadOnlyList<GeneratedBox>> RunAsync(BoxProject project, GenerateBoxesRequest request, CancellationToken cancellationToken)
    {
        var plans = await project.Planner(request.Tag).PlanAsync(request.Names, request.IncludeDisabled, cancellationToken).ConfigureAwait(false);
        var generator = new ContainerfileGenerator(project.Project.Folder);
        var boxes = plans.Select(generator.Generate).ToList();
        foreach (var box in boxes) project.Tell(box.Warnings.Select(w => $"box {box.Name}: {w}"));
        if (request.DryRun) return boxes;
        var ignore = project.Ignore;
        foreach (var box in boxes) box.Write(ignore);
        return boxes;
    }
}
