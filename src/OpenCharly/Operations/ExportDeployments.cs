using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Yaml;

namespace OpenCharly.Operations;

/// <summary>What <c>ExportDeployments</c> works from.</summary>
public sealed record ExportDeploymentsRequest
{
    /// <summary>Deploy keys, with the wildcards <c>*</c>, <c>?</c> and <c>[]</c>; all if empty.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Also the enabled boxes of the project, each as an entry with its runtime fields.</summary>
    public bool All { get; init; }

    /// <summary>File to write, relative to the working folder; none if null.</summary>
    public string? File { get; init; }

    /// <summary>Whether a file that exists is replaced.</summary>
    public bool Overwrite { get; init; } = true;
}

/// <summary>Exported deploy entries.</summary>
/// <param name="Text">YAML that <see cref="ImportDeployments"/> reads.</param>
/// <param name="Deployments">The entries.</param>
/// <param name="File">Path of the file that was written; null if none was.</param>
public sealed record DeploymentExport(string Text, IReadOnlyList<Deployment> Deployments, string? File);

/// <summary>Gives the entries of the per-host file as a file for another machine (<c>bundle export</c>, deploy.md §3.3).</summary>
/// <param name="context">What it works with.</param>
public sealed class ExportDeployments(CharlyContext context)
{
    private static readonly string[] RuntimeFields =
        ["env", "env_file", "network", "engine", "security", "tunnel", "dns", "acme_email", "volume", "secret", "description"];

    /// <summary>Exports. What only this machine can know of a virtual machine is left out.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.CfgEntry"/> for a plain name without an entry; <see cref="Errors.FileExists"/>.</exception>
    public async Task<DeploymentExport> RunAsync(ExportDeploymentsRequest request, CancellationToken cancellationToken = default)
    {
        var host = new HostFile(context.Paths);
        var project = await new BundleResolver(context).LoadAsync(cancellationToken).ConfigureAwait(false);
        var entries = new OrderedDictionary<string, YamlMapping>(StringComparer.Ordinal);
        if (request.All) foreach (var name in project.Boxes.Names.Order(StringComparer.Ordinal)) AddBox(project, name, entries);
        foreach (var entry in host.ReadDeployments()?.Entries ?? [])
        {
            if (entry.Value is not YamlMapping map) continue;
            var body = DeploymentReader.Canonical(map, entry.Key.Text, []);
            body = new YamlMapping([.. body.Entries.Where(e => !DeploymentImport.MachineFields.Contains(e.Key.Text))], body.Position);
            entries[entry.Key.Text] = entries.TryGetValue(entry.Key.Text, out var box) ? DeploymentReader.Overlay(box, body) : body;
        }

        var chosen = Choose(entries, request.Names);
        var root = new List<(string, YamlNode?)> { ("version", Plain(CalVer.NewestSchema.ToString())), ("deploy", Nodes.Map(chosen.Select(c => (c.Key, (YamlNode?)c.Value)))) };
        if (request.Names.Count == 0 && host.Read()?["provides"] is YamlMapping { Entries.Count: > 0 } provides) root.Add(("provides", provides));
        var text = BlockYaml.Write(Nodes.Map(root));
        var file = request.File is null ? null : context.Environment.Resolve(request.File);
        if (file is not null)
        {
            if (File.Exists(file) && !request.Overwrite) throw new CharlyException(Errors.FileExists, $"{file} exists", "Name another file, or allow to replace it.", target: file);
            AtomicFile.Write(file, text, AtomicFile.Private);
        }

        var problems = new List<Problem>();
        return new DeploymentExport(text, [.. chosen.Select(c => project.Deployments.GetValueOrDefault(c.Key) ?? DeploymentReader.Read(c.Value, c.Key, isBed: false, problems))], file);
    }

    private static void AddBox(Project project, string name, OrderedDictionary<string, YamlMapping> entries)
    {
        if (!project.Boxes.TryFind(name, out var box) || !box.Enabled) return;
        var fields = box.Body.Entries.Where(e => RuntimeFields.Contains(e.Key.Text)).Select(e => (e.Key.Text, (YamlNode?)e.Value));
        entries[name] = Nodes.Map([("target", Plain("pod")), ("box", Nodes.Text(name)), .. fields]);
    }

    private static YamlScalar Plain(string text) => new(text, IsQuoted: false, new SourcePosition("", 1, 1));

    private static List<KeyValuePair<string, YamlMapping>> Choose(OrderedDictionary<string, YamlMapping> entries, IReadOnlyList<string> names)
    {
        if (names.Count == 0) return [.. entries];
        var chosen = new OrderedDictionary<string, YamlMapping>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            var isPattern = NamePattern.IsPattern(name);
            foreach (var (key, body) in entries)
            {
                if (isPattern ? NamePattern.Matches(name, key) : key == name) chosen[key] = body;
            }

            if (!isPattern && !chosen.ContainsKey(name))
            {
                throw new CharlyException(
                    Errors.CfgEntry, $"the per-host file has no deployment \"{name}\"", Nearest.Suggest(name, entries.Keys, entries.Count == 0 ? "It has none at all." : $"It has: {string.Join(", ", entries.Keys)}."), target: name);
            }
        }

        return [.. chosen];
    }
}
