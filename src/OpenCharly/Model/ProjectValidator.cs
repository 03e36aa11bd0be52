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
    /// <param name="found">Problems that were found while loading it.</param>
    /// <param name="cancellationToken">Ends the wait for remote references.</param>
    public async Task<IReadOnlyList<Problem>> ValidateAsync(Project project, bool includeDisabled = false, IReadOnlyList<Problem>? found = null, CancellationToken cancellationToken = default)
    {
        var problems = new List<Problem>([.. found ?? [], .. project.Warnings]);
        var candies = Usable(project.Candies, problems);
        var boxes = Usable(project.Boxes, problems).Where(b => b.Enabled || includeDisabled).ToArray();
        Usable(project.Vms, problems);
        var locals = Usable(project.LocalTemplates, problems);
        foreach (var candy in candies.Where(c => c.Repository is null)) CandyRules.Check(candy, problems);
        await new CandyLinks(project, resolver, problems).CheckAsync(candies, cancellationToken).ConfigureAwait(false);
        BoxDefaults.Check(project, problems);
        foreach (var box in boxes) await CheckBoxAsync(project, box, problems, cancellationToken).ConfigureAwait(false);
        foreach (var local in locals)
        {
            foreach (var reference in local.References) await CheckReferenceAsync(project, reference.Text, RefPrefer.Candy, reference.Position, problems, cancellationToken).ConfigureAwait(false);
        }

        foreach (var (name, body) in project.Entities("k8s")) ClusterProfileReader.Read(body, name, problems);
        foreach (var (name, body) in project.Entities("android")) AndroidDeviceReader.Read(body, name, problems);
        foreach (var deployment in Own(project))
        {
            if (deployment.Target == "k8s") WorkloadReader.Read(deployment, problems);
            if (deployment.Box is { } box && !IsImage(project, deployment.Target, box)) await CheckReferenceAsync(project, box, RefPrefer.Box, At(deployment, "box"), problems, cancellationToken).ConfigureAwait(false);
            foreach (var (reference, position) in Overlays(deployment)) await CheckReferenceAsync(project, reference, RefPrefer.Candy, position, problems, cancellationToken).ConfigureAwait(false);
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
            var own = map.Problems(name);
            problems.AddRange(own);
            if (own.All(p => p.IsWarning) && map.Find(name) is { } entity) usable.Add(entity);
        }

        return usable;
    }

    // Entries of the per-host file are checked when they are used: their project may not be at hand.
    private static IEnumerable<Deployment> Own(Project project)
    {
        var open = new Stack<Deployment>(project.Entities("deploy").Keys.Concat(project.Entities("eval").Keys).Select(k => project.Deployments.GetValueOrDefault(k)).OfType<Deployment>());
        while (open.TryPop(out var deployment))
        {
            yield return deployment;
            foreach (var inner in deployment.Nested.Concat(deployment.Peers)) open.Push(inner);
        }
    }

    // A registry's name, a tag or a digest makes a full image of it, which no project needs to know (deploy.md §2).
    private static bool IsImage(Project project, string target, string box) =>
        target is "pod" or "k8s" && Reference.IsName(box) && !project.Boxes.Contains(box) && box.AsSpan().ContainsAny('/', ':', '@');

    private static IEnumerable<(string Reference, SourcePosition Position)> Overlays(Deployment deployment) =>
        deployment.AddCandies.Select(c => (c, (deployment.Body?["add_candy"] as YamlSequence)?.Items.FirstOrDefault(i => i is YamlScalar s && s.Text == c)?.Position ?? At(deployment, "add_candy")));

    private static SourcePosition At(Deployment deployment, string key) => deployment.Body?[key]?.Position ?? deployment.Position!;

    private async Task CheckBoxAsync(Project project, Box box, List<Problem> problems, CancellationToken cancellationToken)
    {
        var chain = BoxChain.Of(project, box, problems);
        var roots = new List<Candy>();
        IReadOnlyList<Candy>? candies = null;
        await AttemptAsync(problems, async () =>
        {
            foreach (var part in chain.Boxes)
            {
                foreach (var reference in part.Candies)
                {
                    var found = await resolver.ResolveAsync(project, reference.Text, RefPrefer.Candy, false, reference.Position, project.Folder, cancellationToken).ConfigureAwait(false);
                    roots.Add(((ResolvedCandy)found).Candy);
                }
            }

            candies = await CandyGraph.OrderAsync(
                roots, (reference, from, token) => resolver.ResolveMemberAsync(project, from, reference, cancellationToken: token),
                new CandyGraphOptions { ListName = box.Name }, problems, cancellationToken).ConfigureAwait(false);
        }, box.Position).ConfigureAwait(false);
        new BoxRules(project, chain, problems).Check(candies);
        if (candies is not null) new BoxCandyRules(project, chain, candies, problems).Check();
    }

    private Task CheckReferenceAsync(Project project, string reference, RefPrefer prefer, SourcePosition position, List<Problem> problems, CancellationToken cancellationToken) =>
        AttemptAsync(problems, () => resolver.ResolveAsync(project, reference, prefer, false, position, project.Folder, cancellationToken), position);

    private static async Task AttemptAsync(List<Problem> problems, Func<Task> work, SourcePosition position)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (CharlyException e)
        {
            problems.AddRange(e.ToProblems().Select(p => p with { Position = p.Position ?? position }));
        }
    }
}
