using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>What files to import say of deployments, later files laid over earlier ones (deploy.md §3.3).</summary>
internal sealed class DeploymentImport
{
    /// <summary>
    /// Fields that only the machine writes. They name disks, keys and ports of the machine that wrote them, and verbs act on
    /// what they name, so a file from elsewhere never sets them.
    /// </summary>
    public static readonly IReadOnlyList<string> MachineFields = ["vm_state", "vm_source"];

    private readonly OrderedDictionary<string, YamlMapping> _entries = new(StringComparer.Ordinal);
    private readonly List<YamlMapping> _provides = [];

    /// <summary>Entries by key, with proper spelling and without what only the machine writes.</summary>
    public IReadOnlyDictionary<string, YamlMapping> Entries => _entries;

    /// <summary>The <c>provides:</c> of the files, in their order.</summary>
    public IReadOnlyList<YamlMapping> Provides => _provides;

    /// <summary>Reads files. What is wrong with one is added to the problems.</summary>
    /// <param name="files">Paths with the names that messages use.</param>
    /// <param name="only">The one key that is taken; all if null.</param>
    /// <param name="problems">Problems and warnings are added here.</param>
    /// <exception cref="CharlyException">A file is missing or no YAML; <see cref="Errors.CfgEntry"/> if no file has the one key.</exception>
    public static DeploymentImport Read(IReadOnlyList<(string Path, string Display)> files, string? only, List<Problem> problems)
    {
        var import = new DeploymentImport();
        foreach (var (path, display) in files)
        {
            if (!File.Exists(path)) throw new CharlyException(Errors.FileMissing, $"there is no file {display}", "Name a file with deploy: entries.", target: display);
            foreach (var document in YamlReader.ReadFile(path, display)) import.Add(document, display, only, problems);
        }

        if (only is not null && !import._entries.ContainsKey(only) && problems.TrueForAll(p => p.IsWarning))
        {
            throw new CharlyException(Errors.CfgEntry, $"none of the files has a deployment \"{only}\"", $"Look at: {string.Join(", ", files.Select(f => f.Display))}", target: only);
        }

        return import;
    }

    /// <summary>The deploy map with the import laid over it.</summary>
    /// <param name="current">What is there; null for nothing.</param>
    /// <param name="replace">Whether nothing is left of what is there but what only the machine writes.</param>
    public YamlMapping Over(YamlMapping? current, bool replace)
    {
        var merged = new OrderedDictionary<string, YamlEntry>(StringComparer.Ordinal);
        foreach (var entry in current?.Entries ?? [])
        {
            if (!replace) merged[entry.Key.Text] = entry;
            else if (entry.Value is YamlMapping map && Kept(map) is { Entries.Count: > 0 } kept) merged[entry.Key.Text] = entry with { Value = kept };
        }

        foreach (var (key, body) in _entries)
        {
            var below = merged.TryGetValue(key, out var earlier) && earlier.Value is YamlMapping map ? DeploymentReader.Canonical(map, key, []) : null;
            merged[key] = new YamlEntry(new YamlScalar(key, IsQuoted: false, body.Position), below is null ? body : DeploymentReader.Overlay(below, body));
        }

        return new YamlMapping([.. merged.Values], current?.Position ?? Nowhere);
    }

    /// <summary>What an entry keeps when it is replaced or reset while its machine is there: enough to find the machine again.</summary>
    public static YamlMapping Kept(YamlMapping entry)
    {
        if (!entry.Entries.Any(e => MachineFields.Contains(e.Key.Text))) return new YamlMapping([], entry.Position);
        return new YamlMapping([.. entry.Entries.Where(e => e.Key.Text is "target" or "vm" || MachineFields.Contains(e.Key.Text))], entry.Position);
    }

    private static SourcePosition Nowhere => new("", 1, 1);

    private void Add(YamlNode document, string display, string? only, List<Problem> problems)
    {
        if (document is not YamlMapping map)
        {
            problems.Add(new Problem(Errors.CfgDocument, $"{display} holds {document.Description} instead of a mapping", "Begin it with deploy:.", document.Position));
            return;
        }

        var root = new YamlBinder(map, display, problems);
        LegacyKeys.ReportRoot(root);
        if (root.Has("version")) ProjectShape.CheckVersion(root);
        root.Accept("deploys");
        var deployments = root.Map("deploy", "deploys");
        if (root.Map("provides") is { } provides) _provides.Add(provides);
        root.RejectUnknown(Errors.CfgUnknownKey, isWarning: true);
        foreach (var entry in deployments?.Entries ?? []) AddEntry(entry, only, problems);
    }

    private void AddEntry(YamlEntry entry, string? only, List<Problem> problems)
    {
        var key = entry.Key.Text;
        if ((only is not null && key != only) || entry.Value is YamlScalar { IsNull: true }) return;
        if (entry.Value is not YamlMapping map)
        {
            problems.Add(new Problem(Errors.YamlType, $"deploy \"{key}\" must be a mapping, not {entry.Value.Description}", "Write its fields as key: value.", entry.Value.Position));
            return;
        }

        if (key.Contains("-eph-", StringComparison.Ordinal)) problems.Add(new Problem(Errors.CfgName, $"deploy \"{key}\": \"-eph-\" is reserved", "Rename it.", entry.Key.Position));
        var body = DeploymentReader.Canonical(map, key, problems);
        foreach (var field in body.Entries.Where(e => MachineFields.Contains(e.Key.Text)))
        {
            problems.Add(new Problem(Errors.CfgEntry, $"deploy \"{key}\": \"{field.Key.Text}\" is what a machine wrote of itself, and is left out", "Bring a machine over with: charly vm import.", field.Key.Position, IsWarning: true));
        }

        body = new YamlMapping([.. body.Entries.Where(e => !MachineFields.Contains(e.Key.Text))], entry.Key.Position);
        _entries[key] = _entries.TryGetValue(key, out var earlier) ? DeploymentReader.Overlay(earlier, body) : body;
    }
}
