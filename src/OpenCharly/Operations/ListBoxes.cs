using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Operations;

/// <summary>One line of <c>box list</c>.</summary>
/// <param name="Name">What is listed.</param>
/// <param name="Fields">What belongs to it, by name, in order.</param>
public sealed record BoxListItem(string Name, IReadOnlyList<KeyValuePair<string, string>> Fields);

/// <summary>Lists what the candies and boxes of a project define (candy-and-plan.md §8.4).</summary>
/// <param name="context">What it works with.</param>
public sealed class ListBoxes(CharlyContext context)
{
    /// <summary>Boxes in the order in which they are built; those that others stand on or build with come before.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.CfgNoProject"/>, and what is wrong with a box.</exception>
    public async Task<IReadOnlyList<BoxListItem>> TargetsAsync(CancellationToken cancellationToken = default)
    {
        var project = await BoxProject.LoadAsync(context, cancellationToken).ConfigureAwait(false);
        var plans = await project.Planner(null).PlanAsync([], includeDisabled: false, cancellationToken).ConfigureAwait(false);
        return [.. plans.Select(p => new BoxListItem(p.Box.Name, p.Box.From is not null ? [KeyValuePair.Create("kind", "auto")] : []))];
    }

    /// <summary>Services of all candies.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.CfgNoProject"/>, and what is wrong with a candy.</exception>
    public Task<IReadOnlyList<BoxListItem>> ServicesAsync(CancellationToken cancellationToken = default) =>
        OfCandiesAsync(c => c.Services.Select(s => Item(s.Name, ("candy", c.Name), ("scope", s.IsUser ? "user" : "system"))), cancellationToken);

    /// <summary>HTTP routes of all candies.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.CfgNoProject"/>, and what is wrong with a candy.</exception>
    public Task<IReadOnlyList<BoxListItem>> RoutesAsync(CancellationToken cancellationToken = default) =>
        OfCandiesAsync(c => c.Route is { } route ? [Item(c.Name, ("host", route.Host), ("port", $"{route.Port}"))] : [], cancellationToken);

    /// <summary>Volumes of all candies.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.CfgNoProject"/>, and what is wrong with a candy.</exception>
    public Task<IReadOnlyList<BoxListItem>> VolumesAsync(CancellationToken cancellationToken = default) =>
        OfCandiesAsync(c => c.Volumes.Select(v => Item(v.Name, ("candy", c.Name), ("path", v.Path))), cancellationToken);

    /// <summary>Command aliases of all candies.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.CfgNoProject"/>, and what is wrong with a candy.</exception>
    public Task<IReadOnlyList<BoxListItem>> AliasesAsync(CancellationToken cancellationToken = default) =>
        OfCandiesAsync(c => c.Aliases.Select(a => Item(a.Key, ("candy", c.Name), ("command", a.Value))), cancellationToken);

    /// <summary>Distribution tags that boxes have.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.CfgNoProject"/>, and what is wrong with a box.</exception>
    public async Task<IReadOnlyList<BoxListItem>> TagsAsync(CancellationToken cancellationToken = default)
    {
        var project = await BoxProject.LoadAsync(context, cancellationToken).ConfigureAwait(false);
        var tags = project.Project.Boxes.All().SelectMany(b => BoxChain.Of(project.Project, b, []).Distros.Select(d => d.Text));
        return [.. tags.Distinct().Order(StringComparer.Ordinal).Select(t => Item(t))];
    }

    private async Task<IReadOnlyList<BoxListItem>> OfCandiesAsync(Func<Candy, IEnumerable<BoxListItem>> of, CancellationToken cancellationToken)
    {
        var project = await BoxProject.LoadAsync(context, cancellationToken).ConfigureAwait(false);
        return [.. project.Project.Candies.All().SelectMany(of).OrderBy(i => i.Name, StringComparer.Ordinal)];
    }

    private static BoxListItem Item(string name, params (string Key, string Value)[] fields) => new(name, [.. fields.Select(f => KeyValuePair.Create(f.Key, f.Value))]);
}
