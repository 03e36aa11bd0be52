using OpenCharly.Foundation;

namespace OpenCharly.Model;

/// <summary>Follows what candies require and are composed of, and reports every dangling reference and every circle once, where it stands.</summary>
/// <param name="project">The project.</param>
/// <param name="resolver">Finds what candies name.</param>
/// <param name="problems">Where problems go.</param>
internal sealed class CandyLinks(Project project, ReferenceResolver resolver, ICollection<Problem> problems)
{
    private readonly Dictionary<Candy, IReadOnlyList<(SourcedText By, Candy To)>> _edges = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Candy, bool> _isDone = new(ReferenceEqualityComparer.Instance);

    /// <summary>Looks at candies and everything that they lead to.</summary>
    public async Task CheckAsync(IEnumerable<Candy> candies, CancellationToken cancellationToken)
    {
        var open = new Queue<Candy>(candies);
        while (open.TryDequeue(out var candy))
        {
            if (_edges.ContainsKey(candy)) continue;
            var edges = new List<(SourcedText, Candy)>();
            foreach (var (reference, isMember) in candy.Members.Select(m => (m, true)).Concat(candy.Require.Select(r => (r, false))))
            {
                if (await FindAsync(candy, reference, cancellationToken).ConfigureAwait(false) is not { } found) continue;
                open.Enqueue(found);

                // A mere composition stands for its members; what it requires comes before them only as far as that works.
                if (isMember || candy.HasOwnContent) edges.Add((reference, found));
            }

            _edges[candy] = edges;
        }

        CheckProviders();
        foreach (var candy in _edges.Keys) CheckCircles(candy);
    }

    private async Task<Candy?> FindAsync(Candy candy, SourcedText reference, CancellationToken cancellationToken)
    {
        try
        {
            return await resolver.ResolveMemberAsync(project, candy, reference, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (CharlyException e)
        {
            foreach (var problem in e.ToProblems()) problems.Add(problem with { Position = problem.Position ?? reference.Position });
            return null;
        }
    }

    private void CheckProviders()
    {
        var remote = _edges.Keys.Where(c => c.Repository is not null).GroupBy(c => c.Name, StringComparer.Ordinal);
        foreach (var group in remote.Where(g => g.Select(c => c.Repository!.Split('@')[0]).Distinct().Count() > 1))
        {
            var (first, other) = (group.First(), group.Last());
            problems.Add(new Problem(
                Errors.CandyMember, $"two repositories provide the candy \"{group.Key}\": {first.Repository} and {other.Repository}", "Use only one of them.", other.Position));
        }
    }

    // Depth first without recursion: the path is the chain to print.
    private void CheckCircles(Candy start)
    {
        if (_isDone.ContainsKey(start)) return;
        var path = new List<Candy> { start };
        var todo = new Stack<IEnumerator<(SourcedText By, Candy To)>>();
        _isDone[start] = false;
        todo.Push(_edges[start].GetEnumerator());
        while (todo.TryPeek(out var edges))
        {
            if (!edges.MoveNext())
            {
                todo.Pop();
                _isDone[path[^1]] = true;
                path.RemoveAt(path.Count - 1);
                continue;
            }

            var (by, to) = edges.Current;
            if (!_isDone.TryGetValue(to, out var isDone))
            {
                _isDone[to] = false;
                path.Add(to);
                todo.Push(_edges[to].GetEnumerator());
            }
            else if (!isDone)
            {
                var chain = string.Join(" -> ", path.SkipWhile(c => !ReferenceEquals(c, to)).Append(to).Select(c => c.Name));
                problems.Add(new Problem(Errors.CandyCycle, $"the candies need each other: {chain}", "Remove one of these references.", by.Position));
            }
        }
    }
}
