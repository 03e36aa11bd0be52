using OpenCharly.Foundation;

namespace OpenCharly.Model;

/// <summary>Names with edges between them, sorted by Kahn's algorithm with the alphabet as tie-break.</summary>
internal sealed class CandyOrdering
{
    private readonly SortedDictionary<string, SortedSet<string>> _after = new(StringComparer.Ordinal);

    /// <summary>Starts without edges.</summary>
    public CandyOrdering(IEnumerable<string> names)
    {
        foreach (var name in names) _after[name] = new SortedSet<string>(StringComparer.Ordinal);
    }

    /// <summary>A hard edge; names that take no part are left out.</summary>
    public void Require(string before, string after)
    {
        if (_after.ContainsKey(after) && _after.TryGetValue(before, out var followers)) followers.Add(after);
    }

    /// <summary>A soft edge: dropped if it would close a cycle, or changes nothing.</summary>
    public void Prefer(string before, string after)
    {
        if (before == after || !_after.TryGetValue(before, out var followers) || !_after.ContainsKey(after)) return;
        if (!Reaches(before, after) && !Reaches(after, before)) followers.Add(after);
    }

    /// <summary>Reports a cycle of hard edges.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.CandyCycle"/>.</exception>
    public void CheckCycle()
    {
        var done = new HashSet<string>(StringComparer.Ordinal);
        foreach (var start in _after.Keys)
        {
            // Depth first without recursion: the path is the chain to print.
            var path = new List<string> { start };
            var todo = new Stack<IEnumerator<string>>();
            if (!done.Add(start)) continue;
            todo.Push(_after[start].GetEnumerator());
            while (todo.TryPeek(out var followers))
            {
                if (!followers.MoveNext())
                {
                    todo.Pop();
                    path.RemoveAt(path.Count - 1);
                    continue;
                }

                var at = path.IndexOf(followers.Current);
                if (at >= 0)
                {
                    // Edges lead from required to requiring; people read it the other way round.
                    IEnumerable<string> cycle = [.. path.Skip(at), followers.Current];
                    throw new CharlyException(
                        Errors.CandyCycle, $"the candies require each other: {string.Join(" -> ", cycle.Reverse())}", "Remove one of these requirements.", target: followers.Current);
                }

                if (!done.Add(followers.Current)) continue;
                path.Add(followers.Current);
                todo.Push(_after[followers.Current].GetEnumerator());
            }
        }
    }

    /// <summary>The names in order.</summary>
    public IEnumerable<string> Sort()
    {
        var waiting = _after.Keys.ToDictionary(n => n, _ => 0, StringComparer.Ordinal);
        foreach (var follower in _after.Values.SelectMany(f => f)) waiting[follower]++;
        var ready = new SortedSet<string>(waiting.Where(w => w.Value == 0).Select(w => w.Key), StringComparer.Ordinal);
        while (ready.Min is { } next)
        {
            ready.Remove(next);
            yield return next;
            foreach (var follower in _after[next])
            {
                if (--waiting[follower] == 0) ready.Add(follower);
            }
        }
    }

    private bool Reaches(string from, string to)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal) { from };
        var open = new Stack<string>();
        open.Push(from);
        while (open.TryPop(out var here))
        {
            if (here == to) return true;
            foreach (var next in _after[here].Where(seen.Add)) open.Push(next);
        }

        return false;
    }
}
