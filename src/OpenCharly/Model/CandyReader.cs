using System.Xml;
using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>Where a candy comes from, for its reader.</summary>
/// <param name="ProjectFolder">Root folder of its project.</param>
public sealed record CandyOrigin(string ProjectFolder)
{
    /// <summary>The name that the candy must have, that is, its folder's; null if it may have any.</summary>
    public string? ExpectedName { get; init; }

    /// <summary>Identity of the remote repository, <c>host/org/repo@version</c>; null for the project's own.</summary>
    public string? Repository { get; init; }

    /// <summary>Distributions that the project's vocabulary adds to the built-in ones.</summary>
    public IReadOnlyCollection<string> Distros { get; init; } = [];

    /// <summary>Name of the file in messages; its path if null.</summary>
    public string? DisplayName { get; init; }
}

/// <summary>Reads candies from their manifests and checks their structure (candy-and-plan.md §3).</summary>
public static class CandyReader
{
    private static readonly string[] PixiManifests = ["pixi.toml", "pyproject.toml", "environment.yml"];

    /// <summary>Reads a candy manifest: one document whose only key is <c>candy</c>.</summary>
    /// <param name="manifest">The file.</param>
    /// <param name="origin">Where it comes from.</param>
    /// <param name="problems">Problems and warnings are added here; the candy is usable only if no problem is an error.</param>
    /// <returns>The candy, or null if the file holds none.</returns>
    /// <exception cref="CharlyException">The file is not readable YAML.</exception>
    public static Candy? ReadFile(string manifest, CandyOrigin origin, ICollection<Problem> problems)
    {
        var display = origin.DisplayName ?? manifest;
        return Manifest(YamlReader.ReadFile(manifest, display), manifest, origin, problems);
    }

    /// <summary>As <see cref="ReadFile"/>, from text that is already at hand.</summary>
    public static Candy? ReadText(string text, string manifest, CandyOrigin origin, ICollection<Problem> problems) =>
        Manifest(YamlReader.Read(text, origin.DisplayName ?? manifest), manifest, origin, problems);

    /// <summary>Reads the body of a candy.</summary>
    /// <param name="map">What stands below <c>candy:</c>, or below a name in a map of candies.</param>
    /// <param name="folder">Folder that its files are in.</param>
    /// <param name="fallbackName">Its name if the body has none.</param>
    /// <param name="origin">Where it comes from.</param>
    /// <param name="problems">Problems and warnings are added here.</param>
    public static Candy ReadBody(YamlMapping map, string folder, string fallbackName, CandyOrigin origin, ICollection<Problem> problems)
    {
        var name = map["name"] is YamlScalar { IsNull: false } scalar ? scalar.Text : fallbackName;
        var scope = new CandyScope(name, problems);
        var body = new YamlBinder(map, $"candy \"{name}\"", problems);
        CheckName(body, name, origin);
        LegacyKeys.ReportCandy(body);
        var source = SourceFolder(body, folder, origin.ProjectFolder);
        var environment = Environment(body);
        var variables = Variables(body, environment);

        // What is set wrongly is told there, and not once more wherever it is used.
        var known = new HashSet<string>([.. CandyTaskReader.Reserved, .. Keys(body, "var").Concat(Keys(body, "env")).Select(k => k.Text)], StringComparer.Ordinal);
        var packages = PackageSectionReader.Packages(body);
        var sections = new PackageSectionReader(scope, origin.Distros).Sections(body);
        var beside = FilesBeside(folder);
        var files = BuilderFiles(body, folder, beside, sections);
        var hasPackages = body.Items("package").Count > 0 || sections.Any(s => s.Packages.Count > 0 || s.Aur?.Packages.Count > 0 || s.Coprs?.Count > 0 || s.Modules?.Count > 0);
        PackageSectionReader.CheckUse(body, packages.Count > 0 || sections.Any(s => s.Packages.Count > 0 || s.Aur?.Packages.Count > 0), sections);
        var container = new CandyContainerReader(scope);
        var needs = new CandyNeedsReader(scope);
        var ports = CandyContainerReader.Ports(body);
        var candy = new Candy
        {
            Name = name,
            Version = Version(body, origin),
            Folder = folder,
            SourceFolder = source,
            Position = map.Position,
            ProjectFolder = origin.ProjectFolder,
            Repository = origin.Repository,
            Description = Description(body, scope),
            Require = References(body, name, "require"),
            Members = References(body, name, "candy", "layer"),
            Packages = packages,
            Sections = sections,
            Variables = variables,
            Environment = environment,
            PathEntries = PathEntries(body),
            Tasks = new CandyTaskReader(scope, source, known).Read(body),
            Services = new CandyServiceReader(scope, hasPackages).Read(body),
            Shell = new CandyShellReader(scope).Read(body),
            Ports = ports,
            PortRelays = CandyContainerReader.Relays(body, ports),
            Volumes = container.Volumes(body),
            Data = container.Data(body, source),
            Aliases = container.Aliases(body),
            Route = container.Route(body),
            Security = container.Security(body),
            Secrets = needs.Secrets(body),
            SecretRequire = needs.Requirements(body, "secret_require", isVariable: true),
            SecretAccept = needs.Requirements(body, "secret_accept", isVariable: true),
            EnvRequire = needs.Requirements(body, "env_require", isVariable: true),
            EnvAccept = needs.Requirements(body, "env_accept", isVariable: true),
            EnvProvide = CandyNeedsReader.EnvProvide(body),
            McpProvide = needs.McpProvide(body),
            McpRequire = needs.Requirements(body, "mcp_require", isVariable: false),
            McpAccept = needs.Requirements(body, "mcp_accept", isVariable: false),
            Apks = needs.Apks(body),
            LocalPackages = LocalPackages(body),
            Reboot = body.Boolean("reboot") ?? false,
            LibvirtFragments = Fragments(body),
            Hooks = Hooks(body, scope),
            Artifacts = needs.Artifacts(body),
            Extracts = container.Extracts(body),
            Engine = Engine(body),
            Capabilities = container.Capabilities(body),
            RequiresCapabilities = body.TextList("requires_capability"),
            Checks = CheckReader.List(body),
            Builders = files,
            UnitFiles = [.. beside.Where(f => f.EndsWith(".service", StringComparison.Ordinal)).Order(StringComparer.Ordinal)],
        };
        CandyNeedsReader.CheckLists(body, candy);
        CheckMembers(body, candy);
        body.RejectUnknown(Errors.CandyUnknownKey);
        return candy with { HasOwnContent = candy.Members.Count == 0 || HasContent(candy) };
    }

    private static Candy? Manifest(IReadOnlyList<YamlNode> documents, string manifest, CandyOrigin origin, ICollection<Problem> problems)
    {
        var display = origin.DisplayName ?? manifest;
        var start = new SourcePosition(display, 1, 1);
        if (documents.Count == 0)
        {
            problems.Add(new Problem(Errors.CfgDocument, $"{display} is empty", "Write a candy: document.", start));
            return null;
        }

        if (documents.Count > 1)
        {
            problems.Add(new Problem(Errors.CfgLegacy, $"{display} holds more than one document", "A candy file holds exactly one. Run: charly migrate", documents[1].Position));
        }

        if (documents[0] is not YamlMapping root)
        {
            problems.Add(new Problem(Errors.CfgDocument, $"{display} holds {documents[0].Description} instead of a candy", "Begin it with candy:.", documents[0].Position));
            return null;
        }

        if (root["candy"] is not YamlMapping body)
        {
            var near = root.Entries.FirstOrDefault(e => Nearest.Find(e.Key.Text, ["candy"]) is not null);
            problems.Add(near is not null && near.Key.Text != "candy"
                ? new Problem(Errors.CfgDocument, $"the key \"{near.Key.Text}\" is not known", "Did you mean \"candy\"?", near.Key.Position)
                : new Problem(Errors.CfgLegacy, $"{display} has no candy: mapping around its fields", "Indent the fields below candy:, or run `charly migrate`.", root.Position));
            return null;
        }

        foreach (var beside in root.Entries.Where(e => e.Key.Text != "candy"))
        {
            problems.Add(new Problem(
                Errors.CfgAmbiguous, $"the key \"{beside.Key.Text}\" stands beside candy:", "Move it below candy:, or run `charly migrate`.", beside.Key.Position));
        }

        if (!EntityShape.IsBody("candy", body) && body.Entries.All(e => e.Value is YamlMapping map && PathEntity.IsBare(map)))
        {
            problems.Add(new Problem(
                Errors.CfgDocument, $"{display} holds a map of candies: {string.Join(", ", body.Entries.Select(e => e.Key.Text))}",
                "Give each a folder of its own, candy/NAME/charly.yml, or give the file another name and import it.", body.Position));
            return null;
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(manifest))!;
        return ReadBody(body, folder, origin.ExpectedName ?? Path.GetFileName(folder), origin, problems);
    }

    private static void CheckName(YamlBinder body, string name, CandyOrigin origin)
    {
        body.Text("name");
        if (!Names.IsCandy(name)) body.Report(Errors.BadName, $"\"{name}\" can't name a candy", "Begin with a-z or 0-9; then also _ and -.", body.At("name"));
        else if (origin.ExpectedName is { } expected && expected != name) body.Report(Errors.CfgName, $"the folder is called \"{expected}\"", "Give the folder and the candy the same name.", body.At("name"));
    }

    // A folder outside of the project would let a candy carry the operator's own files to a target.
    private static string SourceFolder(YamlBinder body, string folder, string projectFolder)
    {
        var directory = body.Text("directory");
        if (directory is null) return folder;
        var path = Patterns.IsOneLine(directory) && !directory.StartsWith('~') && !directory.StartsWith('/') ? Path.GetFullPath(directory, folder) : null;
        if (path is not null && Directory.Exists(path) && (Containment.Holds(folder, path) || Containment.Holds(projectFolder, path))) return path;
        body.Report(
            Errors.CandyDirectory,
            path is null || Directory.Exists(path) ? $"\"directory\" is \"{directory.ReplaceLineEndings("⏎")}\", which is not below the project" : $"\"directory\" leads to {path}, which is not there",
            "Name a folder of the project, relative to the manifest.", body.At("directory"));
        return folder;
    }

    private static string Version(YamlBinder body, CandyOrigin origin)
    {
        var version = body.Text("version") ?? "";
        if (version.Length == 0 && origin.Repository is { } repository)
        {
            body.Report(Errors.CandyVersion, $"\"version\" is missing, which the candies of {repository} need", $"Add version: {CalVer.NewestSchema}, or run `charly migrate`.", body.Mapping.Position);
        }

        if (version.Length > 0 && !Patterns.Version().IsMatch(version)) body.Report(Errors.CandyVersion, $"\"{version}\" is no version", "Write YYYY.DDD.HHMM, or run `charly migrate`.", body.At("version"));
        return version;
    }

    private static CandyDescription? Description(YamlBinder body, CandyScope scope)
    {
        var own = ScenarioReader.List(body);
        if (body.Node("description") is not { } node) return own.Count == 0 ? null : new CandyDescription("", "", [], own);
        if (node is not YamlMapping map)
        {
            body.Report(Errors.CfgLegacy, "\"description\" is free text", "Write it as description: {feature: …}, or run `charly migrate`.", node.Position);
            return null;
        }

        var description = scope.Bind(map, "description");
        var read = new CandyDescription(
            description.Text("feature") ?? "", description.Text("narrative") ?? "", description.TextList("tag"), [.. ScenarioReader.List(description), .. own]);
        description.RejectUnknown(Errors.CandyUnknownKey);
        return read;
    }

    private static List<SourcedText> References(YamlBinder body, string name, string key, params string[] aliases)
    {
        var references = new List<SourcedText>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in body.Items(key, aliases))
        {
            if (item is not YamlScalar { IsNull: false } scalar || string.IsNullOrWhiteSpace(scalar.Text) || !Patterns.IsOneLine(scalar.Text))
            {
                body.Report(Errors.CandyMember, $"\"{key}\" holds {item.Description}", "Write the candy's name or reference.", item.Position);
            }
            else if (scalar.Text == name)
            {
                body.Report(Errors.CandyMember, $"\"{key}\" names the candy itself", "Remove it.", item.Position);
            }
            else if (seen.Add(scalar.Text))
            {
                references.Add(new SourcedText(scalar.Text, scalar.Position));
            }
        }

        return references;
    }

    private static void CheckMembers(YamlBinder body, Candy candy)
    {
        var members = candy.Members.Select(m => m.Text).ToHashSet(StringComparer.Ordinal);
        foreach (var both in candy.Require.Where(r => members.Contains(r.Text)))
        {
            body.Report(Errors.CandyMember, $"\"{both.Text}\" is both in \"require\" and \"candy\"", "Keep it in \"candy\".", both.Position);
        }
    }

    private static IReadOnlyDictionary<string, string> Environment(YamlBinder body)
    {
        var environment = body.TextMap("env");
        foreach (var key in Keys(body, "env"))
        {
            if (key.Text == "PATH") body.Report(Errors.CandyEnvPath, "\"env\" sets PATH", "Use path_append instead.", key.Position);
            else if (!Names.IsVariable(key.Text)) body.Report(Errors.CandyVariable, $"\"env\": \"{key.Text}\" can't name a variable", "Use letters, digits and underscores.", key.Position);
            if (environment.TryGetValue(key.Text, out var value) && value.Contains('\0')) body.Report(Errors.CandyVariable, $"the value of \"{key.Text}\" holds a NUL character", "Remove it.", key.Position);
        }

        return environment;
    }

    private static IReadOnlyDictionary<string, string> Variables(YamlBinder body, IReadOnlyDictionary<string, string> environment)
    {
        var variables = body.TextMap("var");
        foreach (var key in Keys(body, "var"))
        {
            var what = !Patterns.BuildVariable().IsMatch(key.Text) ? "can't name a build variable"
                : CandyTaskReader.Reserved.Contains(key.Text) || key.Text == "PATH" ? "is reserved"
                : environment.ContainsKey(key.Text) ? "is also in \"env\""
                : null;
            if (what is not null) body.Report(Errors.CandyVariable, $"\"var\": \"{key.Text}\" {what}", "Use another name of A-Z, 0-9 and underscores.", key.Position);
        }

        return variables;
    }

    private static IEnumerable<YamlScalar> Keys(YamlBinder body, string map) => (body.Mapping[map] as YamlMapping)?.Entries.Select(e => e.Key) ?? [];

    private static SourcePosition KeyPosition(YamlBinder body, string map, string key) =>
        (body.Mapping[map] as YamlMapping)?.Entries.FirstOrDefault(e => e.Key.Text == key)?.Key.Position ?? body.At(map);

    private static IReadOnlyList<string> PathEntries(YamlBinder body)
    {
        var folders = body.TextList("path_append");
        foreach (var folder in folders.Where(f => !Patterns.IsAnchored(f) || !Patterns.IsOneLine(f) || f.Contains(':')))
        {
            body.Report(Errors.CandyVariable, $"\"path_append\" holds \"{folder.ReplaceLineEndings("⏎")}\"", "Give an absolute folder, or one that begins with ~/ or ${HOME}.", body.ItemAt("path_append", folder));
        }

        return folders;
    }

    private static IReadOnlyDictionary<string, string> LocalPackages(YamlBinder body)
    {
        if (body.Mapping["localpkg"] is YamlScalar { IsNull: false } scalar)
        {
            body.Accept("localpkg");
            body.Report(Errors.CfgLegacy, "\"localpkg\" is a single path", "Write localpkg: {pac: …}, or run `charly migrate`.", scalar.Position);
            return new Dictionary<string, string>();
        }

        var packages = body.TextMap("localpkg");
        foreach (var (format, path) in packages)
        {
            if (format is not ("pac" or "rpm" or "deb")) body.Report(Errors.CandyUnknownKey, $"\"localpkg\" has the unknown format \"{format}\"", Nearest.Suggest(format, ["pac", "rpm", "deb"], "Use pac, rpm or deb."), KeyPosition(body, "localpkg", format));
            if (path.Length == 0 || !Patterns.IsOneLine(path)) body.Report(Errors.CandyDirectory, $"\"localpkg.{format}\" is empty or broken", "Give the folder of the package source.", KeyPosition(body, "localpkg", format));
        }

        return packages;
    }

    private static IReadOnlyList<string> Fragments(YamlBinder body)
    {
        var fragments = body.TextList("libvirt");
        for (var i = 0; i < fragments.Count; i++)
        {
            try
            {
                using var reader = XmlReader.Create(
                    new StringReader(fragments[i]),
                    new XmlReaderSettings { ConformanceLevel = ConformanceLevel.Fragment, DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
                while (reader.Read())
                {
                    // Reading to the end is the check.
                }
            }
            catch (XmlException e)
            {
                body.Report(Errors.CandyFragment, $"libvirt[{i}] is not well-formed XML: {e.Message}", "Write whole elements of a libvirt domain.", body.ItemAt("libvirt", fragments[i]));
            }
        }

        return fragments;
    }

    private static IReadOnlyDictionary<string, string> Hooks(YamlBinder body, CandyScope scope)
    {
        if (body.Map("hook") is not { } map) return new Dictionary<string, string>();
        var hook = scope.Bind(map, "hook");
        hook.Accept("post_enable", "pre_remove");
        scope.IgnoreUnknown(hook);
        return body.TextMap("hook");
    }

    private static string? Engine(YamlBinder body)
    {
        var engine = body.Text("engine");
        if (engine is null or "docker" or "podman") return engine;
        body.Report(Errors.CandyFragment, $"\"engine\" is \"{engine}\"", "Use docker or podman.", body.At("engine"));
        return null;
    }

    private static List<string> BuilderFiles(YamlBinder body, string folder, IReadOnlySet<string> beside, IEnumerable<PackageSection> sections)
    {
        var builders = new List<string>();
        if (sections.Any(s => s.Aur?.Packages.Count > 0)) builders.Add("aur");
        if (Has("Cargo.toml"))
        {
            builders.Add("cargo");
            if (!Directory.Exists(Path.Combine(folder, "src"))) body.Report(Errors.CandyBuildFile, "Cargo.toml without a src folder", "Add src/, or remove Cargo.toml.", body.Mapping.Position);
        }

        if (Has("package.json")) builders.Add("npm");
        var pixi = PixiManifests.Where(Has).ToArray();
        if (pixi.Length > 0) builders.Add("pixi");
        if (pixi.Length > 1) body.Report(Errors.CandyBuildFile, $"{string.Join(" and ", pixi)} contradict each other", "Keep one of them.", body.Mapping.Position);
        foreach (var old in new[] { "root.yml", "user.yml" }.Where(Has))
        {
            body.Report(Errors.CfgLegacy, $"{old} is no longer read", "Turn it into task: entries. Run: charly migrate", new SourcePosition(Path.Combine(Path.GetDirectoryName(body.Mapping.Position.File) ?? folder, old), 1, 1));
        }

        return builders;

        bool Has(string file) => beside.Contains(file);
    }

    private static HashSet<string> FilesBeside(string folder) => Directory.Exists(folder)
        ? new HashSet<string>(Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f)), StringComparer.Ordinal)
        : [];

    // Content of its own is whatever would leave a trace without the members.
    private static bool HasContent(Candy c) =>
        c.Packages.Count + c.Sections.Count + c.Tasks.Count + c.Services.Count + c.Builders.Count + c.UnitFiles.Count > 0
        || c.Environment.Count + c.PathEntries.Count + c.Variables.Count + c.Data.Count + c.Volumes.Count + c.Apks.Count + c.LocalPackages.Count > 0
        || c.Ports.Count + c.PortRelays.Count + c.Aliases.Count + c.Secrets.Count + c.Hooks.Count + c.Artifacts.Count + c.Extracts.Count > 0
        || c.SecretRequire.Count + c.SecretAccept.Count + c.EnvRequire.Count + c.EnvAccept.Count + c.EnvProvide.Count > 0
        || c.McpProvide.Count + c.McpRequire.Count + c.McpAccept.Count + c.LibvirtFragments.Count + c.RequiresCapabilities.Count > 0
        || c.Shell is not null || c.Route is not null || c.Security is not null || c.Capabilities is not null || c.Engine is not null || c.Reboot;
}
