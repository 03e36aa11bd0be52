using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>One item of an <c>import:</c> list.</summary>
/// <param name="Alias">Name that the project is mounted under; null to merge it.</param>
/// <param name="Reference">Path or remote reference.</param>
/// <param name="Position">Where it stands.</param>
internal sealed record ProjectImport(string? Alias, string Reference, SourcePosition Position)
{
    /// <summary>Whether it leads to another repository.</summary>
    public bool IsRemote => Reference.StartsWith('@');
}

/// <summary>One item of a <c>discover:</c> list.</summary>
/// <param name="Folder">Absolute folder.</param>
/// <param name="IsRecursive">Whether to look below.</param>
/// <param name="Manifest">Name of the files to look for.</param>
internal sealed record DiscoveryRule(string Folder, bool IsRecursive, string Manifest);

/// <summary>Takes documents by their shape, never by the name of their file, and puts their entities into a project (candy-and-plan.md §1.1).</summary>
internal sealed class ProjectShape(Project project, Func<string, string> display)
{
    private static readonly string[] Kinds =
        ["candy", "box", "pod", "vm", "k8s", "local", "android", "deploy", "agent", "recipe", "score", "eval", "group", "target", "module"];

    private static readonly string[] Vocabulary = ["distro", "builder", "init", "resource"];
    private static readonly string[] RootKeys = ["version", "repo", "import", "discover", "defaults", "provides", .. Vocabulary, .. Kinds, "vms", "deploys"];

    /// <summary>Where entities go.</summary>
    public Project Project => project;

    /// <summary>What to discover; null as long as no document said.</summary>
    public List<DiscoveryRule>? Rules { get; private set; }

    /// <summary>The name of a file in messages.</summary>
    public string Display(string file) => display(file);

    /// <summary>Adds everything that a file holds.</summary>
    /// <param name="file">The file.</param>
    /// <param name="level">How far it is from the root file; entities of a lower level win.</param>
    /// <param name="isRoot">Whether it is the root file, which needs a version.</param>
    /// <param name="problems">Problems and warnings are added here.</param>
    /// <returns>Its imports.</returns>
    public List<ProjectImport> AddFile(string file, int level, bool isRoot, List<Problem> problems)
    {
        var imports = new List<ProjectImport>();
        var documents = YamlReader.ReadFile(file, display(file));
        if (documents.Count == 0) problems.Add(new Problem(Errors.CfgDocument, $"{display(file)} is empty", "Write version: and the entities of the project.", new SourcePosition(display(file), 1, 1)));
        var hasVersion = false;
        foreach (var document in documents)
        {
            if (document is not YamlMapping map)
            {
                problems.Add(new Problem(Errors.CfgDocument, $"the document is {document.Description}, not a mapping", $"Begin it with one of {string.Join(", ", RootKeys)}.", document.Position));
                continue;
            }

            hasVersion |= map["version"] is not null;
            AddDocument(map, file, level, problems, imports);
        }

        if (isRoot && !hasVersion && documents.Count > 0 && !problems.Any(p => !p.IsWarning))
        {
            problems.Add(new Problem(Errors.CfgVersion, $"{display(file)} has no version:", $"Add version: {CalVer.NewestSchema}, or run `charly migrate`.", documents[0].Position));
        }

        return imports;
    }

    /// <summary>Checks the schema version of a root document.</summary>
    public static CalVer? CheckVersion(YamlBinder root)
    {
        var text = root.Text("version");
        if (!CalVer.TryParse(text, out var version))
        {
            root.Report(Errors.CfgVersion, $"\"{text}\" is no schema version", "Run: charly migrate", root.At("version"));
            return null;
        }

        if (version < CalVer.OldestSchema) root.Report(Errors.CfgVersion, $"the schema version {version} is older than {CalVer.OldestSchema}", "Run: charly migrate", root.At("version"));
        if (version > CalVer.NewestSchema) root.Report(Errors.CfgVersion, $"the schema version {version} is newer than {CalVer.NewestSchema}", "Update charly.", root.At("version"));
        return version;
    }

    /// <summary>Gives a project the vocabulary of a namespace where it has none of that name; builders stay apart.</summary>
    public static void Inherit(Project project, Project mounted)
    {
        foreach (var kind in (string[])["distro", "init"])
        {
            foreach (var (name, map) in mounted.MutableEntities(kind)) project.MutableEntities(kind).TryAdd(name, map);
        }
    }

    /// <summary>Gives a project everything of another that it has not itself.</summary>
    public static void TakeOver(Project project, Project other)
    {
        project.Candies.AddFrom(other.Candies);
        project.Boxes.AddFrom(other.Boxes);
        project.Vms.AddFrom(other.Vms);
        project.LocalTemplates.AddFrom(other.LocalTemplates);
        foreach (var kind in Kinds.Concat(Vocabulary))
        {
            foreach (var (name, map) in other.MutableEntities(kind)) project.MutableEntities(kind).TryAdd(name, map);
        }

        foreach (var (alias, mounted) in other.MountedProjects) project.MountedProjects.TryAdd(alias, mounted);
        project.FlatProjects.Add(other);
        project.Defaults = Fill(project.Defaults, other.Defaults);
    }

    /// <summary>Adds a candy that is read when it is asked for.</summary>
    public void AddCandyFile(string manifest, int level, ICollection<Problem> problems)
    {
        var name = Path.GetFileName(Path.GetDirectoryName(manifest))!;
        var position = new SourcePosition(display(manifest), 1, 1);
        if (!CanAdd(project.Candies, "candy", name, position, level, problems)) return;
        project.Candies.Add(name, position, level, problems => CandyReader.ReadFile(manifest, Origin(display(manifest), name), problems));
    }

    private void AddDocument(YamlMapping map, string file, int level, List<Problem> problems, List<ProjectImport> imports)
    {
        var root = new YamlBinder(map, display(file), problems);
        var count = problems.Count;
        LegacyKeys.ReportRoot(root);
        if (problems.Count > count) return;
        if (map["defaults"] is YamlMapping defaults) LegacyKeys.Report(new YamlBinder(defaults, "defaults", problems), "port", "port of a candy");
        if (level == Discovery.Level && PathEntity.IsBare(map) && !map.Entries.Any(e => Kinds.Contains(e.Key.Text) || Vocabulary.Contains(e.Key.Text)))
        {
            problems.Add(new Problem(
                Errors.CfgLegacy, "the fields of an entity stand without their kind", "Indent them below candy: or box:, or run `charly migrate`.", map.Position));
            return;
        }

        if (map.Entries.Count > 0 && !map.Entries.Any(e => RootKeys.Contains(e.Key.Text)))
        {
            var first = map.Entries[0].Key;
            problems.Add(new Problem(
                Errors.CfgDocument, $"the document has no known key, such as \"{first.Text}\"",
                Nearest.Suggest(first.Text, RootKeys, $"Kinds are {string.Join(", ", Kinds)}."), first.Position));
            return;
        }

        if (map.Entries.Count > 1 && map.Entries.FirstOrDefault(e => IsKindDocument(e)) is { } alone)
        {
            problems.Add(new Problem(
                Errors.CfgAmbiguous, $"the {alone.Key.Text} \"{((alone.Value as YamlMapping)?["name"] as YamlScalar)?.Text}\" stands beside other keys",
                "Put it into a document of its own, after a line with ---, or below its name.", alone.Key.Position));
            return;
        }

        if (root.Has("version")) project.Version ??= CheckVersion(root);
        project.Repository ??= root.Text("repo");
        project.Defaults = Fill(project.Defaults, root.Map("defaults"));
        project.Provides ??= root.Map("provides");
        AddImports(root, imports);
        AddRules(root, file);
        foreach (var entry in map.Entries)
        {
            var kind = entry.Key.Text switch { "vms" => "vm", "deploys" => "deploy", var key => key };
            if (entry.Key.Text == "deploys") root.Report(Errors.CfgLegacy, "\"deploys\" is the old name of \"deploy\"", "Rename it, or run `charly migrate`.", entry.Key.Position, isWarning: true);
            if (!Kinds.Contains(kind) && !Vocabulary.Contains(kind)) continue;
            if (entry.Value is YamlScalar { IsNull: true }) continue;
            if (entry.Value is not YamlMapping entities)
            {
                root.Report(Errors.YamlType, $"\"{entry.Key.Text}\" must map names to entities, not be {entry.Value.Description}", "Write the names below it.", entry.Value.Position);
                continue;
            }

            if (IsKindDocument(entry))
            {
                AddEntity(kind, ((YamlScalar)entities["name"]!).Text, entities, file, level, problems);
                continue;
            }

            if (level == Discovery.Level && map.Entries.Count == 1 && Kinds.Contains(kind) && EntityShape.IsBody(kind, entities))
            {
                // Names lead to mappings, so these are the fields of one entity, which is called like its folder.
                AddEntity(kind, Path.GetFileName(Path.GetDirectoryName(file))!, entities, file, level, problems);
                continue;
            }

            foreach (var entity in entities.Entries)
            {
                var body = entity.Value switch
                {
                    YamlMapping mapping => mapping,
                    YamlScalar { IsNull: true } => new YamlMapping([], entity.Key.Position),
                    _ => null,
                };
                if (body is null) root.Report(Errors.YamlType, $"{kind}.{entity.Key.Text} must be a mapping, not {entity.Value.Description}", "Write its fields as key: value.", entity.Value.Position);
                else AddEntity(kind, entity.Key.Text, body, file, level, problems);
            }
        }

        root.Accept(RootKeys);
        root.RejectUnknown(Errors.CfgUnknownKey, isWarning: true);
    }

    private static bool IsKindDocument(YamlEntry entry) =>
        Kinds.Contains(entry.Key.Text) && entry.Value is YamlMapping map && map["name"] is YamlScalar { IsNull: false };

    private void AddEntity(string kind, string name, YamlMapping body, string file, int level, List<Problem> problems)
    {
        // Entities are read when they are used, but what is retired must not lie in wait until then (deploy.md §1.3).
        if (kind == "local") LocalTemplateReader.ReportRetired(new YamlBinder(body, $"local \"{name}\"", problems), name);
        if (kind == "box") LegacyKeys.Report(new YamlBinder(body, $"box \"{name}\"", problems), "port", "port of a candy");
        switch (kind)
        {
            case "candy" when CanAdd(project.Candies, kind, name, body.Position, level, problems):
                var folder = Path.GetDirectoryName(file)!;
                project.Candies.Add(name, body.Position, level, p => CandyReader.ReadBody(body, folder, name, Origin(display(file), name), p));
                break;
            case "box" when CanAdd(project.Boxes, kind, name, body.Position, level, problems):
                project.Boxes.Add(name, body.Position, level, p => BoxReader.Read(body, name, project.Folder, p));
                break;
            case "vm" when CanAdd(project.Vms, kind, name, body.Position, level, problems):
                var spec = body["spec"] as YamlMapping ?? body;
                project.Vms.Add(name, body.Position, level, p => VmReader.Read(spec, name, project.Folder, p));
                break;
            case "local" when CanAdd(project.LocalTemplates, kind, name, body.Position, level, problems):
                project.LocalTemplates.Add(name, body.Position, level, p => LocalTemplateReader.Read(body, name, p));
                break;
            case "candy" or "box" or "vm" or "local":
                break;
            default:
                if (!project.MutableEntities(kind).TryAdd(name, body) && project.MutableEntities(kind)[name].Position.File == body.Position.File)
                {
                    problems.Add(new Problem(Errors.CfgDuplicate, $"the {kind} \"{name}\" is declared twice", "Remove one.", body.Position));
                }

                break;
        }
    }

    // The document that imports wins over what it imports; explicit entries win over discovered ones.
    private static bool CanAdd<T>(EntityMap<T> map, string kind, string name, SourcePosition position, int level, ICollection<Problem> problems)
        where T : class
    {
        if (map.Existing(name) is not { } earlier) return true;
        if (earlier.Level != level) return level < earlier.Level;
        problems.Add(new Problem(
            Errors.CfgDuplicate, $"the {kind} \"{name}\" is declared twice: {earlier.Position} and {position}", "Remove one, or rename it.", position));
        return false;
    }

    private CandyOrigin Origin(string file, string name) => new(project.Folder)
    {
        ExpectedName = name,
        Repository = project.Origin,
        Distros = [.. project.MutableEntities("distro").Keys],
        DisplayName = file,
    };

    private static void AddImports(YamlBinder root, List<ProjectImport> imports)
    {
        foreach (var item in root.Items("import"))
        {
            switch (item)
            {
                case YamlScalar { IsNull: false } path when Patterns.IsOneLine(path.Text):
                    imports.Add(new ProjectImport(null, path.Text, path.Position));
                    break;
                case YamlMapping { Entries: [{ Value: YamlScalar { IsNull: false } path } entry] } when Patterns.IsOneLine(path.Text):
                    if (!Patterns.Volume().IsMatch(entry.Key.Text)) root.Report(Errors.CfgImport, $"\"{entry.Key.Text}\" can't be an alias", "Use a-z, 0-9 and single dashes between.", entry.Key.Position);
                    else if (imports.FirstOrDefault(i => i.Alias == entry.Key.Text) is { } other && other.Reference != path.Text) root.Report(Errors.CfgImport, $"the alias \"{entry.Key.Text}\" is bound to \"{other.Reference}\" and to \"{path.Text}\"", "Rename one.", entry.Key.Position);
                    else imports.Add(new ProjectImport(entry.Key.Text, path.Text, path.Position));
                    break;
                default:
                    root.Report(Errors.CfgImport, $"\"import\" holds {item.Description}", "Write a path, or alias: path.", item.Position);
                    break;
            }
        }
    }

    private void AddRules(YamlBinder root, string file)
    {
        if (!root.Has("discover")) return;
        Rules ??= [];
        var folder = Path.GetDirectoryName(file)!;
        foreach (var item in root.Items("discover"))
        {
            if (item is YamlScalar { IsNull: false } path && Patterns.IsOneLine(path.Text))
            {
                Add(path.Text, true, "charly.yml", path.Position);
            }
            else if (item is YamlMapping map)
            {
                var rule = new YamlBinder(map, root.What + " discover", root.Problems);
                var manifest = rule.Text("manifest") ?? "charly.yml";
                var where = rule.Text("path") ?? "";
                if (where.Length == 0 || !Patterns.IsOneLine(where)) rule.Report(Errors.CfgDocument, "\"path\" is missing", "Name a folder.", map.Position);
                else if (manifest.Contains('/') || manifest.Length == 0 || !Patterns.IsOneLine(manifest)) rule.Report(Errors.CfgDocument, $"\"manifest\" is \"{manifest}\"", "Give a file name.", rule.At("manifest"));
                else Add(where, rule.Boolean("recursive") ?? true, manifest, rule.At("path"));
                rule.RejectUnknown(Errors.CfgUnknownKey, isWarning: true);
            }
            else
            {
                root.Report(Errors.CfgDocument, $"\"discover\" holds {item.Description}", "Write a folder, or {path: …, recursive: …}.", item.Position);
            }
        }

        void Add(string where, bool isRecursive, string manifest, SourcePosition position)
        {
            var path = Path.GetFullPath(where, folder);
            if (project.MayReach(path)) Rules.Add(new DiscoveryRule(path, isRecursive, manifest));
            else root.Report(Errors.CfgImport, $"\"{where}\" leads outside of the repository {project.Origin}", "Name a folder of the repository.", position);
        }
    }

    private static YamlMapping? Fill(YamlMapping? first, YamlMapping? then) =>
        first is null ? then
        : then is null ? first
        : new YamlMapping([.. first.Entries, .. then.Entries.Where(e => first[e.Key.Text] is null)], first.Position);
}
