using OpenCharly.Foundation;

namespace OpenCharly.Model;

/// <summary>Finds the candy that another one names.</summary>
/// <param name="reference">The reference, with its place.</param>
/// <param name="from">The candy that holds it.</param>
/// <param name="cancellationToken">Ends the wait.</param>
public delegate Task<Candy> CandyResolver(SourcedText reference, Candy from, CancellationToken cancellationToken);

/// <summary>How candies are ordered.</summary>
public sealed record CandyGraphOptions
{
    /// <summary>Whether the target runs systemd; the candy <c>supervisord</c> is then left out.</summary>
    public bool IsSystemd { get; init; }

    /// <summary>Name of the list that the roots form, such as the box's, so that their order counts; null if it does not.</summary>
    public string? ListName { get; init; }

    /// <summary>Candies that are there already, such as those of a box's base.</summary>
    public IReadOnlySet<string> Present { get; init; } = new HashSet<string>();
}

/// <summary>
/// Puts candies into the order in which they are applied (candy-and-plan.md §4.2): members before what they compose,
/// required before requiring, then authored order where it contradicts nothing, then the alphabet.
/// </summary>
public static class CandyGraph
{
    /// <summary>Closes over requirements and members, and orders.</summary>
    /// <param name="roots">What was asked for.</param>
    /// <param name="resolve">Finds the candies that others name.</param>
    /// <param name="options">How.</param>
    /// <param name="warnings">Gets a warning where several versions of one candy meet; null to drop them.</param>
    /// <param name="cancellationToken">Ends the wait for remote candies.</param>
    /// <exception cref="CharlyException"><see cref="Errors.CandyMember"/>, <see cref="Errors.CandyCycle"/>.</exception>
    public static async Task<IReadOnlyList<Candy>> OrderAsync(
        IReadOnlyList<Candy> roots,
        CandyResolver resolve,
        CandyGraphOptions options,
        ICollection<Problem>? warnings = null,
        CancellationToken cancellationToken = default)
    {
        var closure = new CandyClosure(warnings ?? []);
        foreach (var root in roots) closure.Add(root);
        while (closure.Next() is { } candy)
        {
            var members = new List<string>();
            foreach (var reference in candy.Members) members.Add(closure.Add(await resolve(reference, candy, cancellationToken).ConfigureAwait(false)));
            var required = new List<string>();
            foreach (var reference in candy.Require) required.Add(closure.Add(await resolve(reference, candy, cancellationToken).ConfigureAwait(false)));
            closure.Link(candy, members, required);
        }

        return Sort(closure, [.. roots.Select(r => r.Name).Distinct(StringComparer.Ordinal)], options);
    }

    /// <summary>As <see cref="OrderAsync"/>, with candies that are all at hand.</summary>
    public static IReadOnlyList<Candy> Order(
        IReadOnlyList<Candy> roots, Func<SourcedText, Candy, Candy> resolve, CandyGraphOptions options, ICollection<Problem>? warnings = null) =>
        OrderAsync(roots, (reference, from, _) => Task.FromResult(resolve(reference, from)), options, warnings).GetAwaiter().GetResult();

    private static List<Candy> Sort(CandyClosure closure, IReadOnlyList<string> roots, CandyGraphOptions options)
    {
        closure.Compose();
        var graph = new CandyOrdering(closure.Candies.Where(c => c.Value.HasOwnContent && !options.Present.Contains(c.Key)).Select(c => c.Key));
        foreach (var name in closure.Candies.Keys)
        {
            if (!closure.Candies[name].HasOwnContent) continue;
            foreach (var before in closure.Required(name).Concat(closure.Members(name)).SelectMany(closure.Expand)) graph.Require(before, name);
        }

        graph.CheckCycle();

        // What a mere composition requires comes before its members, as far as that contradicts nothing.
        foreach (var name in closure.Candies.Keys.Where(n => !closure.Candies[n].HasOwnContent))
        {
            foreach (var before in closure.Required(name).SelectMany(closure.Expand))
            {
                foreach (var member in closure.Expand(name)) graph.Prefer(before, member);
            }
        }

        var lists = closure.Candies.Keys.Select(n => (Name: n, Items: closure.Members(n)));
        if (options.ListName is { } list) lists = lists.Append((list, roots));
        foreach (var (_, items) in lists.OrderBy(l => l.Name, StringComparer.Ordinal))
        {
            for (var i = 1; i < items.Count; i++)
            {
                foreach (var before in closure.Expand(items[i - 1]))
                {
                    foreach (var after in closure.Expand(items[i])) graph.Prefer(before, after);
                }
            }
        }

        return [.. graph.Sort().Where(n => !(options.IsSystemd && n == "supervisord")).Select(n => closure.Candies[n])];
    }
}
