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
    public IReadOnlyList<string> Expand(string name)
    {
        if (_expanded.TryGetValue(name, out var known)) return known;
        return _expanded[name] = _candies[name].HasOwnContent ? [name] : [.. Members(name).SelectMany(Expand).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Reports a composition that contains itself.</summary>
    public void CheckComposition()
    {
        var done = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in _candies.Keys) Visit(name, []);

        void Visit(string name, IReadOnlyList<string> chain)
        {
            if (chain.Contains(name))
            {
                IReadOnlyList<string> cycle = [.. chain.SkipWhile(n => n != name), name];
                throw new CharlyException(
                    Errors.CandyCycle, $"the candies are composed of each other: {string.Join(" -> ", cycle)}", "Remove one of these members.",
                    _candies[name].Position, name);
            }

            if (done.Contains(name)) return;
            foreach (var member in Members(name)) Visit(member, [.. chain, name]);
            done.Add(name);
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
