using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>A project folder with the per-host file laid over it. Without a <c>charly.yml</c> it is empty but for the per-host file.</summary>
public sealed class Project
{
    private readonly List<Problem> _warnings = [];
    private readonly Lock _gate = new();
    private readonly Dictionary<string, OrderedDictionary<string, YamlMapping>> _entities = new(StringComparer.Ordinal);

    internal Project(string folder)
    {
        Folder = folder;
        Candies = new EntityMap<Candy>(Warn);
        Boxes = new EntityMap<Box>(Warn);
        Vms = new EntityMap<VmSpec>(Warn);
        LocalTemplates = new EntityMap<LocalTemplate>(Warn);
    }

    /// <summary>Absolute path of its root folder.</summary>
    public string Folder { get; }

    /// <summary>Whether the folder holds a <c>charly.yml</c>.</summary>
    public bool Exists { get; internal set; }

    /// <summary>Schema version; null if there is no project.</summary>
    public CalVer? Version { get; internal set; }

    /// <summary>Identity that it gives itself in <c>repo:</c>; null if none.</summary>
    public string? Repository { get; internal set; }

    /// <summary>Identity of the remote repository that it was fetched from, <c>host/org/repo@version</c>; null for one on this machine.</summary>
    public string? Origin { get; internal set; }

    /// <summary>Candies.</summary>
    public EntityMap<Candy> Candies { get; }

    /// <summary>Boxes.</summary>
    public EntityMap<Box> Boxes { get; }

    /// <summary>Virtual machines.</summary>
    public EntityMap<VmSpec> Vms { get; }

    /// <summary>Local templates.</summary>
    public EntityMap<LocalTemplate> LocalTemplates { get; }

    /// <summary>Effective deploy entries by key, beds and peers included, in the order of the files.</summary>
    public IReadOnlyDictionary<string, Deployment> Deployments { get; internal set; } = new Dictionary<string, Deployment>();

    /// <summary>Projects mounted under a name.</summary>
    public IReadOnlyDictionary<string, Project> Namespaces => MountedProjects;

    /// <summary>The <c>defaults:</c> of the project; null if it has none.</summary>
    public YamlMapping? Defaults { get; internal set; }

    /// <summary>The <c>provides:</c> of project and per-host file, the latter first; null if there are none.</summary>
    public YamlMapping? Provides { get; internal set; }

    /// <summary>Warnings so far; entities add theirs when they are first read.</summary>
    public IReadOnlyList<Problem> Warnings
    {
        get
        {
            lock (_gate) return [.. _warnings];
        }
    }

    /// <summary>Root of the fetched repository that it lies in, which nothing of it may leave; null for a project on this machine.</summary>
    internal string? RepositoryFolder { get; init; }

    internal Dictionary<string, Project> MountedProjects { get; } = new(StringComparer.Ordinal);

    /// <summary>Projects of other repositories whose entities this one took over.</summary>
    internal List<Project> FlatProjects { get; } = [];

    /// <summary>Whether a path is one that the files of the project may name.</summary>
    internal bool MayReach(string path) => RepositoryFolder is null || Containment.IsAtOrBelow(RepositoryFolder, Path.GetFullPath(path));

    /// <summary>Entities of a kind that is kept as written: <c>pod k8s android agent recipe score group target module distro builder init resource</c>.</summary>
    public IReadOnlyDictionary<string, YamlMapping> Entities(string kind) => MutableEntities(kind);

    /// <summary>The deployment of a key or dotted path, or null: an exact key first, then the longest key that begins the path.</summary>
    public Deployment? FindDeployment(string path)
    {
        if (Deployments.TryGetValue(path, out var exact)) return exact;
        for (var dot = path.LastIndexOf('.'); dot > 0; dot = path.LastIndexOf('.', dot - 1))
        {
            if (Deployments.TryGetValue(path[..dot], out var parent)) return Child(parent, path[(dot + 1)..].Split('.'));
        }

        return null;
    }

    /// <summary>The project that a qualified name <c>ns.name</c> leads to, with the last part of the name; this one for a plain name.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.RefNamespace"/> for an unknown namespace.</exception>
    public (Project Project, string Name) Qualify(string name, SourcePosition? position = null)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        if (dot <= 0) return (this, name);
        var alias = name[..dot];
        if (MountedProjects.TryGetValue(alias, out var project)) return project.Qualify(name[(dot + 1)..], position);
        throw new CharlyException(
            Errors.RefNamespace,
            $"\"{name}\": there is no namespace \"{alias}\"",
            MountedProjects.Count == 0 ? "Import it: import: [{" + alias + ": REFERENCE}]." : Nearest.Suggest(alias, MountedProjects.Keys, $"Imported are {string.Join(", ", MountedProjects.Keys.Order(StringComparer.Ordinal))}."),
            position);
    }

    /// <summary>The virtual machine of a name, <c>ns.name</c> for one of a namespace; null if there is none.</summary>
    /// <remarks>One of a namespace has the whole name, and its disks lie below this project's folder: the other may be a repository's copy.</remarks>
    /// <exception cref="CharlyException">It has errors.</exception>
    public VmSpec? FindVm(string name)
    {
        if (Vms.Find(name) is { } own) return own;
        if (HomeOf(name, HasOwnVm) is not var (home, last) || home.Vms.Find(last) is not { } spec) return null;
        var source = spec.Source is CloneSource clone ? clone with { FromVm = name[..^last.Length] + clone.FromVm } : spec.Source;
        return spec with { Name = name, OutputFolder = spec.OutputFolder ?? Folder, Source = source };
    }

    /// <summary>Whether <see cref="FindVm"/> finds one; reads nothing.</summary>
    public bool HasVm(string name) => HomeOf(name, HasOwnVm) is not null;

    private static bool HasOwnVm(Project project, string name) => project.Vms.Contains(name);

    /// <summary>An entity of a kind that is kept as written, <c>ns.name</c> for one of a namespace; null if there is none.</summary>
    internal YamlMapping? FindEntity(string kind, string name) =>
        HomeOf(name, (project, last) => project.Entities(kind).ContainsKey(last)) is var (home, own) ? home.Entities(kind)[own] : null;

    /// <summary>The project that has what a name means, <c>ns.name</c> for one of a namespace, and its name there; null if none has it.</summary>
    internal (Project Home, string Name)? HomeOf(string name, Func<Project, string, bool> has)
    {
        var (home, rest) = (this, name);
        while (!has(home, rest))
        {
            var dot = rest.IndexOf('.', StringComparison.Ordinal);
            if (dot <= 0 || !home.MountedProjects.TryGetValue(rest[..dot], out var inner)) return null;
            (home, rest) = (inner, rest[(dot + 1)..]);
        }

        return (home, rest);
    }

    internal OrderedDictionary<string, YamlMapping> MutableEntities(string kind)
    {
        if (!_entities.TryGetValue(kind, out var map)) _entities[kind] = map = new OrderedDictionary<string, YamlMapping>(StringComparer.Ordinal);
        return map;
    }

    internal void Warn(IEnumerable<Problem> warnings)
    {
        lock (_gate) _warnings.AddRange(warnings.Where(w => w.IsWarning));
    }

    private static Deployment? Child(Deployment parent, IEnumerable<string> names)
    {
        Deployment? here = parent;
        foreach (var name in names) here = here?.Nested.FirstOrDefault(n => n.Key == here.Key + "." + name);
        return here;
    }
}
