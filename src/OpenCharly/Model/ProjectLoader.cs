using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>
/// Loads project folders (candy-and-plan.md §1, deploy.md §1). Root, imported and per-host files are read at once;
/// discovered candies only when something asks for them.
/// </summary>
/// <param name="environment">Working folder, variables.</param>
/// <param name="paths">Where the per-host file and the repository cache are.</param>
/// <param name="processes">Runs git for remote imports.</param>
public sealed class ProjectLoader(CharlyEnvironment environment, HostPaths paths, IProcessRunner processes)
{
    private const int MaxImportDepth = 8;

    private static readonly string[] SiblingFiles = ["vm.yml", "build.yml"];

    /// <summary>Remote repositories.</summary>
    public RepositoryCache Repositories { get; } = new(environment, paths, processes);

    /// <summary>Loads a project with the per-host file over it. A folder without <c>charly.yml</c> gives an empty project.</summary>
    /// <param name="folder">The folder; relative to the working folder.</param>
    /// <param name="pull">Whether remote imports are fetched anew.</param>
    /// <param name="cancellationToken">Ends the wait for remote imports.</param>
    /// <exception cref="CharlyException">Files have errors: one, or a <see cref="CharlyValidationException"/> with all of a file.</exception>
    public async Task<Project> LoadAsync(string folder, bool pull = false, CancellationToken cancellationToken = default)
    {
        var load = new Load(this, pull, cancellationToken);
        var project = await load.ProjectAsync(environment.Resolve(folder), origin: null, 0, []).ConfigureAwait(false);
        var problems = new List<Problem>();
        DeploymentMap.Build(project, HostDeployments(project, problems), problems);
        CharlyValidationException.ThrowIfAny(problems);
        project.Warn(problems);
        return project;
    }

    /// <summary>Loads a project that came from a remote repository, or any other without the per-host file.</summary>
    /// <param name="folder">Its root folder.</param>
    /// <param name="origin">Its identity, <c>host/org/repo@version</c>; null for one on this machine.</param>
    /// <param name="pull">Whether remote imports are fetched anew.</param>
    /// <param name="cancellationToken">Ends the wait for remote imports.</param>
    public Task<Project> LoadForeignAsync(string folder, string? origin, bool pull = false, CancellationToken cancellationToken = default) =>
        new Load(this, pull, cancellationToken).ProjectAsync(folder, origin, 0, []);

    /// <summary>The project folder that <c>--dir</c> and <c>--repo</c> (or their variables) mean; the working folder if neither is given.</summary>
    /// <param name="directory">Value of <c>--dir</c>; else <c>CHARLY_PROJECT_DIR</c>.</param>
    /// <param name="repository">Value of <c>--repo</c>, <c>[host/]owner/repo[@ref]</c>; else <c>CHARLY_PROJECT_REPO</c>.</param>
    /// <param name="pull">Whether to fetch anew.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="CharlyException"><see cref="Errors.CfgDirAndRepo"/> if both are given.</exception>
    public async Task<string> LocateAsync(string? directory, string? repository, bool pull = false, CancellationToken cancellationToken = default)
    {
        if (directory is not null && repository is not null) throw new CharlyException(Errors.CfgDirAndRepo, "--dir and --repo exclude each other", "Give one of them.");
        if (directory is not null) return environment.Resolve(directory);
        repository ??= environment.Variable("CHARLY_PROJECT_DIR") is null ? environment.Variable("CHARLY_PROJECT_REPO") : null;
        if (repository is null) return environment.Resolve(environment.Variable("CHARLY_PROJECT_DIR") ?? ".");
        if (repository == "default")
        {
            repository = environment.Variable("CHARLY_DEFAULT_REPO")
                ?? throw new CharlyException(Errors.RefMalformed, "no default repository is set", "Set CHARLY_DEFAULT_REPO, or name the repository as owner/repo.");
        }

        var text = repository.Split('@')[0].Count(c => c == '/') == 1 ? "github.com/" + repository : repository;
        var at = text.IndexOf('@', StringComparison.Ordinal);
        var reference = (RemoteReference)Reference.Parse(at < 0 ? $"@{text}:" : $"@{text[..at]}:{text[(at + 1)..]}");
        var folder = await Repositories.FetchAsync(reference.Repository, reference.Version, pull, null, cancellationToken).ConfigureAwait(false);
        return Path.Combine([folder, .. reference.SubPath]);
    }

    /// <summary>The name of a file in messages: relative to the working folder if it is below it.</summary>
    internal string Display(string path) =>
        path.StartsWith(environment.WorkingDirectory.TrimEnd('/') + "/", StringComparison.Ordinal) ? Path.GetRelativePath(environment.WorkingDirectory, path) : path;

    internal string Resolve(string path) => environment.Resolve(path);

    private YamlMapping? HostDeployments(Project project, List<Problem> problems)
    {
        var file = paths.HostFile;
        var old = Path.Combine(paths.Config, "deploy.yml");
        if (!File.Exists(file))
        {
            if (File.Exists(old)) problems.Add(new Problem(Errors.CfgLegacy, $"{old} was renamed to charly.yml", "Run `charly migrate`.", new SourcePosition(old, 1, 1)));
            return null;
        }

        var display = Display(file);
        YamlMapping? deployments = null;
        foreach (var document in YamlReader.ReadFile(file, display))
        {
            if (document is not YamlMapping map)
            {
                problems.Add(new Problem(Errors.CfgDocument, $"{display} holds {document.Description} instead of a mapping", "Begin it with deploy:.", document.Position));
                continue;
            }

            var root = new YamlBinder(map, display, problems);
            LegacyKeys.ReportRoot(root);
            if (root.Has("version")) ProjectShape.CheckVersion(root);
            root.Accept("deploys");
            deployments = root.Map("deploy", "deploys") ?? deployments;
            project.Provides = root.Map("provides") ?? project.Provides;
            root.RejectUnknown(Errors.CfgUnknownKey, isWarning: true);
        }

        return deployments;
    }

    /// <summary>One run of the loader: projects being loaded know each other, so that imports in a circle end.</summary>
    private sealed class Load(ProjectLoader loader, bool pull, CancellationToken cancellationToken)
    {
        private readonly Dictionary<string, Project> _projects = new(StringComparer.Ordinal);

        public async Task<Project> ProjectAsync(string folder, string? origin, int depth, IReadOnlyList<string> chain)
        {
            var root = Path.GetFullPath(folder);
            if (_projects.TryGetValue(root, out var known)) return known;
            var project = new Project(root) { Origin = origin };
            _projects[root] = project;
            var manifest = Path.Combine(root, "charly.yml");
            if (!File.Exists(manifest)) return project;
            project.Exists = true;
            var shape = new ProjectShape(project, loader.Display);
            await FileAsync(shape, manifest, depth, chain, isRoot: true).ConfigureAwait(false);
            Discovery.Run(shape);
            return project;
        }

        private async Task FileAsync(ProjectShape shape, string file, int depth, IReadOnlyList<string> chain, bool isRoot = false)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var display = loader.Display(file);
            IReadOnlyList<string> here = [.. chain, display];
            if (chain.Contains(display)) throw Import($"the files import each other: {string.Join(" -> ", here)}", new SourcePosition(display, 1, 1));
            if (depth > MaxImportDepth) throw Import($"imports are nested more than {MaxImportDepth} deep: {string.Join(" -> ", here)}", new SourcePosition(display, 1, 1));
            var problems = new List<Problem>();
            var imports = shape.AddFile(file, depth, isRoot, problems);
            CharlyValidationException.ThrowIfAny(problems);
            shape.Project.Warn(problems);
            if (isRoot)
            {
                foreach (var sibling in SiblingFiles.Select(f => Path.Combine(shape.Project.Folder, f)).Where(File.Exists))
                {
                    if (imports.Any(i => i.Alias is null && !i.IsRemote && Path.GetFullPath(i.Reference, shape.Project.Folder) == sibling)) continue;
                    shape.Project.Warn([new Problem(
                        Errors.CfgImport, $"{loader.Display(sibling)} is read although nothing imports it", $"Add import: [{Path.GetFileName(sibling)}] to charly.yml.",
                        new SourcePosition(loader.Display(sibling), 1, 1), IsWarning: true)]);
                    await FileAsync(shape, sibling, depth + 1, here).ConfigureAwait(false);
                }
            }

            foreach (var import in imports) await ImportAsync(shape, file, import, depth, here).ConfigureAwait(false);
        }

        private async Task ImportAsync(ProjectShape shape, string file, ProjectImport import, int depth, IReadOnlyList<string> chain)
        {
            var (path, origin) = await LocateAsync(file, import).ConfigureAwait(false);
            var manifest = Directory.Exists(path) ? Path.Combine(path, "charly.yml") : path;
            if (!File.Exists(manifest)) throw Import($"\"{import.Reference}\" leads to {manifest}, which is not there", import.Position);
            if (import.Alias is { } alias)
            {
                if (depth + 1 > MaxImportDepth) throw Import($"imports are nested more than {MaxImportDepth} deep: {string.Join(" -> ", chain)}", import.Position);
                var mounted = await ProjectAsync(Path.GetDirectoryName(manifest)!, origin, depth + 1, chain).ConfigureAwait(false);
                if (shape.Project.MountedProjects.TryGetValue(alias, out var other) && !ReferenceEquals(other, mounted))
                {
                    throw Import($"the alias \"{alias}\" is bound to {other.Folder} and to {mounted.Folder}", import.Position);
                }

                shape.Project.MountedProjects[alias] = mounted;
                ProjectShape.Inherit(shape.Project, mounted);
                return;
            }

            if (origin is null)
            {
                await FileAsync(shape, manifest, depth + 1, chain).ConfigureAwait(false);
                return;
            }

            // A remote project that is imported flat keeps its own folder and identity; only what is missing here is taken over.
            var project = await ProjectAsync(Path.GetDirectoryName(manifest)!, origin, depth + 1, chain).ConfigureAwait(false);
            if (!ReferenceEquals(project, shape.Project)) ProjectShape.TakeOver(shape.Project, project);
        }

        private async Task<(string Path, string? Origin)> LocateAsync(string file, ProjectImport import)
        {
            if (!import.IsRemote) return (Path.GetFullPath(import.Reference, Path.GetDirectoryName(file)!), null);
            var remote = (RemoteReference)Reference.Parse(import.Reference, import.Position);
            var folder = await loader.Repositories.FetchAsync(remote.Repository, remote.Version, pull, import.Position, cancellationToken).ConfigureAwait(false);
            return (Path.Combine([folder, .. remote.SubPath]), $"{remote.Repository}@{remote.Version}");
        }

        private static CharlyException Import(string what, SourcePosition position) =>
            new(Errors.CfgImport, what, "Correct the import: list.", position);
    }
}
