using OpenCharly.Foundation;

namespace OpenCharly.Model;

/// <summary>All candies that some roots lead to, one of each name, with what they name themselves.</summary>
internal sealed class CandyClosure(ICollection<Problem> warnings)
{
    private readonly SortedDictionary<string, Candy> _candies = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (IReadOnlyList<string> Members, IReadOnlyList<string> Required)> _links = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<string>> _expanded = new(StringComparer.Ordinal);
    private readonly Queue<Candy> _open = new();
    private readonly HashSet<string> _warned = new(StringComparer.Ordinal);

    /// <summary>The candies by name.</summary>
    public IReadOnlyDictionary<string, Candy> Candies => _candies;

    /// <summary>What a candy is composed of.</summary>
    public IReadOnlyList<string> Members(string name) => _links[name].Members;

    /// <summary>What a candy requires.</summary>
    public IReadOnlyList<string> Required(string name) => _links[name].Required;

    /// <summary>Takes a candy in; of several with one name the local one wins, else the newest.</summary>
    /// <returns>Its name.</returns>
    public string Add(Candy candy)
    {
        if (!_candies.TryGetValue(candy.Name, out var known))
        {
            Take(candy);
        }
        else if (known.Folder != candy.Folder)
        {
            Settle(known, candy);
        }

        return candy.Name;
    }

    /// <summary>The next candy whose references are still to be found; null at the end.</summary>
    public Candy? Next()
    {
        while (_open.TryDequeue(out var candy))
        {
            if (ReferenceEquals(_candies[candy.Name], candy)) return candy;
        }

        return null;
    }

    /// <summary>Notes what a candy names.</summary>
    public void Link(Candy candy, IReadOnlyList<string> members, IReadOnlyList<string> required) => _links[candy.Name] = (members, required);

    /// <summary>What stands for a candy in an order: itself, or all members of a mere composition.</summary>
    public IReadOnlyList<string> Expand(string name) => _expanded[name];

    /// <summary>Finds what each candy stands for, members before what they compose, without recursion: chains may be long.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.CandyCycle"/> for a composition that contains itself.</exception>
    public void Compose()
    {
        var path = new Stack<(string Name, IEnumerator<string> Members)>();
        var isOpen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var start in _candies.Keys.Where(n => !_expanded.ContainsKey(n)))
        {
            Open(start);
            while (path.TryPeek(out var here))
            {
                if (!here.Members.MoveNext())
                {
                    path.Pop();
                    isOpen.Remove(here.Name);
                    _expanded[here.Name] = _candies[here.Name].HasOwnContent ? [here.Name] : [.. Members(here.Name).SelectMany(Expand).Distinct(StringComparer.Ordinal)];
                }
                else if (isOpen.Contains(here.Members.Current))
                {
                    var circle = path.Reverse().Select(p => p.Name).SkipWhile(n => n != here.Members.Current).Append(here.Members.Current);
                    throw new CharlyException(
                        Errors.CandyCycle, $"the candies are composed of each other: {string.Join(" -> ", circle)}", "Remove one of these members.",
                        _candies[here.Members.Current].Position, here.Members.Current);
                }
                else if (!_expanded.ContainsKey(here.Members.Current))
                {
                    Open(here.Members.Current);
                }
            }
        }

        void Open(string name)
        {
            isOpen.Add(name);
            path.Push((name, Members(name).GetEnumerator()));
        }
    }

    private void Settle(Candy known, Candy candy)
    {
        if (known.Repository is null || candy.Repository is null)
        {
            Warn(candy, $"the one in {(known.Repository is null ? known : candy).Folder} is used, not the one in {(known.Repository is null ? candy : known).Folder}");
            if (known.Repository is not null) Take(candy);
            return;
        }

        if (Identity(known) != Identity(candy))
        {
            throw new CharlyException(
                Errors.CandyMember, $"two repositories provide the candy \"{candy.Name}\": {known.Repository} and {candy.Repository}",
                "Use only one of them.", candy.Position, candy.Name);
        }

        var isNewer = CalVer.TryParse(candy.Version, out var now) && (!CalVer.TryParse(known.Version, out var before) || now > before);
        if (known.Version != candy.Version) Warn(candy, $"it is wanted in the versions {known.Version} and {candy.Version}; the newer is used");
        if (isNewer) Take(candy);
    }

    private void Take(Candy candy)
    {
        _candies[candy.Name] = candy;
        _open.Enqueue(candy);
    }

    private void Warn(Candy candy, string what)
    {
        if (_warned.Add(candy.Name)) warnings.Add(new Problem(Errors.CandyMember, $"candy \"{candy.Name}\": {what}", "Name one version everywhere, or rename the local candy.", candy.Position, IsWarning: true));
    }

    private static string Identity(Candy candy) => candy.Repository!.Split('@')[0];
}
