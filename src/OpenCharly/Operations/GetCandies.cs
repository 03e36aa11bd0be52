using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Operations;

/// <summary>Lists the candies of the project.</summary>
/// <param name="context">What it works with.</param>
public sealed class GetCandies(CharlyContext context)
{
    /// <summary>The candies that the project defines, by name. One that can't be read is told as a warning and left out.</summary>
    public Task<IReadOnlyList<Candy>> RunAsync(CancellationToken cancellationToken = default) => RunAsync([], cancellationToken);

    /// <summary>As above, only those of some names.</summary>
    /// <param name="names">Names, with the wildcards *, ? and []; all if there are none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Errors.RefNotFound"/> for a plain name that is not there, or the
    /// errors of a candy that was named so.</exception>
    public async Task<IReadOnlyList<Candy>> RunAsync(IReadOnlyList<string> names, CancellationToken cancellationToken = default)
    {
        var project = await new BundleResolver(context).LoadAsync(cancellationToken).ConfigureAwait(false);
        var found = new SortedDictionary<string, Candy>(StringComparer.Ordinal);
        foreach (var name in names.Count == 0 ? ["*"] : names)
        {
            if (!NamePattern.IsPattern(name))
            {
                found[name] = project.Candies.Find(name) ?? throw Missing(project, name);
                continue;
            }

            foreach (var match in project.Candies.Names.Where(n => !found.ContainsKey(n) && NamePattern.Matches(name, n)))
            {
                var problems = project.Candies.Problems(match);
                if (problems.All(p => p.IsWarning)) found[match] = project.Candies.Find(match)!;
                else context.Progress.Report(new NoticeEvent(NoticeLevel.Warning, $"candy {match} is left out: {problems.First(p => !p.IsWarning)}"));
            }
        }

        return [.. found.Values];
    }

    private static CharlyException Missing(Project project, string name) => new(
        Errors.RefNotFound,
        project.Exists ? $"there is no candy \"{name}\" in {project.Folder}" : $"there is no candy \"{name}\": {project.Folder} holds no charly.yml",
        Nearest.Suggest(name, project.Candies.Names, project.Exists ? "Run `charly box list candies` to see what there is." : "Change to a project's folder, or use --dir."),
        target: name);
}
