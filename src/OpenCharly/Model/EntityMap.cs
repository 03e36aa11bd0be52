using System.Diagnostics.CodeAnalysis;
using OpenCharly.Foundation;

namespace OpenCharly.Model;

/// <summary>The entities of one kind by name. Each is read when it is first asked for, so that a large project costs what is used of it.</summary>
/// <typeparam name="T">The kind.</typeparam>
/// <remarks>Safe for several threads at once.</remarks>
public sealed class EntityMap<T>
    where T : class
{
    /// <summary>Level of what a flat import of another repository brought: everything of the project itself wins over it.</summary>
    private const int Imported = int.MaxValue;

    private readonly SortedDictionary<string, Slot> _slots = new(StringComparer.Ordinal);
    private readonly Action<IEnumerable<Problem>> _warn;

    internal EntityMap(Action<IEnumerable<Problem>> warn) => _warn = warn;

    /// <summary>All names, in ordinal order.</summary>
    public IEnumerable<string> Names => _slots.Keys;

    /// <summary>Number of entities.</summary>
    public int Count => _slots.Count;

    /// <summary>Whether there is one of that name; reads nothing.</summary>
    public bool Contains(string name) => _slots.ContainsKey(name);

    /// <summary>Where one of that name stands, or null; reads nothing.</summary>
    public SourcePosition? Position(string name) => _slots.GetValueOrDefault(name)?.Position;

    /// <summary>The entity of that name, or null if there is none.</summary>
    /// <exception cref="CharlyException">It has errors: one, or a <see cref="CharlyValidationException"/> with all of them.</exception>
    public T? Find(string name)
    {
        if (!_slots.TryGetValue(name, out var slot)) return null;
        var (entity, problems) = slot.Read();
        CharlyValidationException.ThrowIfAny(problems);
        if (slot.TakeWarnings()) _warn(problems);
        return entity ?? throw new CharlyException(Errors.CfgDocument, $"\"{name}\" can't be read", "Look at the file.", slot.Position);
    }

    /// <summary>As <see cref="Find"/>, for the callers who like to test.</summary>
    public bool TryFind(string name, [NotNullWhen(true)] out T? entity) => (entity = Find(name)) is not null;

    /// <summary>Every entity, in the order of their names; reads all of them.</summary>
    /// <exception cref="CharlyException">One of them has errors.</exception>
    public IEnumerable<T> All() => _slots.Keys.Select(n => Find(n)!);

    /// <summary>Every problem and warning of one entity; empty if there is none of that name.</summary>
    /// <remarks>An error of the file's syntax is a problem here as well, not an exception.</remarks>
    public IReadOnlyList<Problem> Problems(string name)
    {
        if (!_slots.TryGetValue(name, out var slot)) return [];
        try
        {
            return slot.Read().Problems;
        }
        catch (CharlyException e)
        {
            return [.. e.ToProblems().Select(p => p with { Position = p.Position ?? slot.Position })];
        }
    }

    internal void Add(string name, SourcePosition position, int level, Func<ICollection<Problem>, T?> read) =>
        _slots[name] = new Slot(position, level, new Reading(read));

    internal void AddFrom(EntityMap<T> other)
    {
        foreach (var (name, slot) in other._slots) _slots.TryAdd(name, slot with { Level = Imported });
    }

    internal (SourcePosition Position, int Level)? Existing(string name) =>
        _slots.TryGetValue(name, out var slot) ? (slot.Position, slot.Level) : null;

    private sealed record Slot(SourcePosition Position, int Level, Reading Reading)
    {
        public (T? Entity, IReadOnlyList<Problem> Problems) Read() => Reading.Read();

        public bool TakeWarnings() => Reading.TakeWarnings();
    }

    /// <summary>Reads once, when first asked; shared by all projects that have the entity.</summary>
    private sealed class Reading(Func<ICollection<Problem>, T?> read)
    {
        private readonly Lock _gate = new();
        private (T? Entity, IReadOnlyList<Problem> Problems)? _result;
        private int _warned;

        public (T? Entity, IReadOnlyList<Problem> Problems) Read()
        {
            lock (_gate)
            {
                if (_result is { } known) return known;
                var problems = new List<Problem>();
                var entity = read(problems);
                _result = (entity, problems);
                return _result.Value;
            }
        }

        public bool TakeWarnings() => Interlocked.Exchange(ref _warned, 1) == 0;
    }
}
