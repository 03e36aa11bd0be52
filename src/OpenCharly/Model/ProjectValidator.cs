using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>
/// Looks at every entity of a project and collects all problems, also those that only <c>box validate</c> insists on
/// (candy-and-plan.md §3.1, §10). Deploying does not need it.
/// </summary>
/// <param name="resolver">Finds what candies and boxes refer to.</param>
public sealed class ProjectValidator(ReferenceResolver resolver)
{
    /// <summary>Every problem and warning of a project that has been loaded, in the order of the files.</summary>
    /// <param name="project">The project.</param>
    /// <param name="includeDisabled">Whether disabled boxes count.</param>
    /// <param name="cancellationToken">Ends the wait for remote references.</param>
    public async Task<IReadOnlyList<Problem>> ValidateAsync(Project project, bool includeDisabled = false, CancellationToken cancellationToken = default)
    {
        var problems = new List<Problem>(project.Warnings);
        var candies = Usable(project.Candies, problems);
        var boxes = Usable(project.Boxes, problems).Where(b => b.Enabled || includeDisabled).ToArray();
        Usable(project.Vms, problems);
        var locals = Usable(project.LocalTemplates, problems);
        foreach (var candy in candies.Where(c => c.Repository is null)) CheckCandy(candy, problems);
        foreach (var candy in candies)
        {
            await AttemptAsync(problems, () => CandyGraph.OrderAsync(
                [candy], (reference, from, token) => resolver.ResolveMemberAsync(project, from, reference, cancellationToken: token), new CandyGraphOptions(), problems, cancellationToken)).ConfigureAwait(false);
        }

        foreach (var box in boxes) await CheckBoxAsync(project, box, problems, cancellationToken).ConfigureAwait(false);
        foreach (var local in locals)
        {
            foreach (var reference in local.Candies)
            {
                await AttemptAsync(problems, () => resolver.ResolveAsync(project, reference, RefPrefer.Candy, false, local.Position, cancellationToken: cancellationToken)).ConfigureAwait(false);
            }
        }

        return [.. problems.DistinctBy(p => (p.Code, p.Message, p.Position))
            .OrderBy(p => p.Position?.File, StringComparer.Ordinal).ThenBy(p => p.Position?.Line).ThenBy(p => p.Position?.Column)];
    }

    private static List<T> Usable<T>(EntityMap<T> map, List<Problem> problems)
        where T : class
    {
        var usable = new List<T>();
        foreach (var name in map.Names)
        {
            var found = map.Problems(name);
            problems.AddRange(found);
            if (found.All(p => p.IsWarning) && map.Find(name) is { } entity) usable.Add(entity);
        }

        return usable;
    }

    // What a candy of the project owes its readers; deploying it works without.
    private static void CheckCandy(Candy candy, List<Problem> problems)
    {
        if (candy.Version.Length == 0) Add(Errors.CandyVersion, "\"version\" is missing", $"Add version: {CalVer.NewestSchema}, or run `charly migrate`.");
        if (string.IsNullOrWhiteSpace(candy.Description?.Feature)) Add(Errors.CandyDescription, "\"description.feature\" is missing", "Say in one line what the candy gives.");
        if (candy.Description is null or { Scenarios.Count: 0 }) Add(Errors.CandyDescription, "it has no scenario", "Add description.scenario with at least one step.");
        if (candy.Checks.Count == 0) Add(Errors.CandyDescription, "it has no check", "Add eval: with at least one check.");
        var installs = candy.Packages.Count + candy.Sections.Count + candy.Tasks.Count + candy.Builders.Count + candy.Services.Count + candy.Environment.Count
            + candy.PathEntries.Count + candy.Data.Count + candy.Apks.Count + candy.LocalPackages.Count + candy.Members.Count > 0 || candy.Shell is not null;
        if (!installs) Add(Errors.CandyEmpty, "it installs nothing", "Add packages, tasks, services, env, shell or members.");

        void Add(ErrorCode code, string message, string help) => problems.Add(new Problem(code, $"candy \"{candy.Name}\": {message}", help, candy.Position));
    }

    private async Task CheckBoxAsync(Project project, Box box, List<Problem> problems, CancellationToken cancellationToken)
    {
        CheckBase(project, box, problems);
        var candies = new List<Candy>();
        foreach (var reference in box.Candies)
        {
            await AttemptAsync(problems, async () =>
            {
                var found = await resolver.ResolveAsync(project, reference.Text, RefPrefer.Candy, false, reference.Position, cancellationToken: cancellationToken).ConfigureAwait(false);
                candies.Add(((ResolvedCandy)found).Candy);
            }).ConfigureAwait(false);
        }

        await AttemptAsync(problems, () => CandyGraph.OrderAsync(
            candies, (reference, from, token) => resolver.ResolveMemberAsync(project, from, reference, cancellationToken: token),
            new CandyGraphOptions { ListName = box.Name }, problems, cancellationToken)).ConfigureAwait(false);
    }

    private static void CheckBase(Project project, Box box, List<Problem> problems)
    {
        var chain = new List<string> { box.Name };
        for (var here = box; here.Base is { } name && project.Boxes.Contains(name);)
        {
            var position = here.Body["base"]?.Position ?? here.Position;
            if (chain.Contains(name))
            {
                problems.Add(new Problem(Errors.BoxBase, $"box \"{box.Name}\": the bases go in a circle: {string.Join(" -> ", chain)} -> {name}", "Give one of them another base.", position));
                return;
            }

            chain.Add(name);
            if (project.Boxes.Problems(name).Any(p => !p.IsWarning) || project.Boxes.Find(name) is not { } next) return;
            if (!next.Enabled && box.Enabled) problems.Add(new Problem(Errors.BoxBase, $"box \"{box.Name}\": its base \"{name}\" is disabled", "Enable it, or use another base.", position));
            here = next;
        }
    }

    private static async Task AttemptAsync(List<Problem> problems, Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (CharlyValidationException e)
        {
            problems.AddRange(e.Problems);
        }
        catch (CharlyException e)
        {
            problems.Add(new Problem(e.Code, e.Message, e.Help, e.Position));
        }
    }
}
