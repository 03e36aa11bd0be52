using OpenCharly.Foundation;

namespace OpenCharly.Model;

/// <summary>One run of the loader: the projects being loaded know each other, so that imports in a circle end.</summary>
/// <param name="loader">Where display names and remote repositories come from.</param>
/// <param name="pull">Whether remote imports are fetched anew.</param>
/// <param name="found">Gets every error, and loading goes on with what can be read; null to stop at the first file with errors.</param>
/// <param name="cancellationToken">Ends the wait for remote imports.</param>
internal sealed class ProjectLoad(ProjectLoader loader, bool pull, List<Problem>? found, CancellationToken cancellationToken)
{
    private const string ManifestName = "charly.yml";
    private const int MaxImportDepth = 8;

    private static readonly string[] SiblingFiles = ["vm.yml", "build.yml"];

    private readonly Dictionary<string, Project> _projects = new(StringComparer.Ordinal);

    /// <summary>Loads a project and everything that it imports.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="origin">Identity of the repository that it was fetched from, <c>host/org/repo@version</c>; null for one on this machine.</param>
    public Task<Project> RunAsync(string folder, string? origin = null)
    {
        var root = Path.GetFullPath(folder);
        return ProjectAsync(new ImportedFile(Path.Combine(root, ManifestName), origin, origin is null ? null : root), new ImportTrail([], []), 0);
    }

    private async Task<Project> ProjectAsync(ImportedFile source, ImportTrail trail, int depth)
    {
        var manifest = Path.GetFullPath(source.Path);
        if (_projects.TryGetValue(manifest, out var known)) return known;
        var project = new Project(Path.GetDirectoryName(manifest)!) { Origin = source.Origin, RepositoryFolder = source.Repository };
        _projects[manifest] = project;
        var shape = new ProjectShape(project, loader.Display);
        if (!File.Exists(manifest))
        {
            // A fetched repository may be nothing but folders of candies and boxes.
            if (project.Folder == source.Repository || loader.Repositories.Holds(project.Folder)) Discovery.Run(shape, problems => Settle(project, problems), Attempt);
            project.Exists = project.Candies.Count + project.Boxes.Count > 0;
            return project;
        }

        project.Exists = true;

        // Another file than a folder's own is what stands in it, and the candies around it are not its.
        var isFolder = Path.GetFileName(manifest) == ManifestName;
        await FileAsync(shape, manifest, trail.Enter(project), depth, isRoot: isFolder).ConfigureAwait(false);
        if (isFolder || shape.Rules is not null) Discovery.Run(shape, problems => Settle(project, problems), Attempt);
        return project;
    }

    private async Task FileAsync(ProjectShape shape, string file, ImportTrail trail, int depth, bool isRoot = false)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var display = loader.Display(file);
        var here = trail.Through(display);
        if (trail.Files.Contains(display)) throw Import($"the files import each other: {here}", new SourcePosition(display, 1, 1));
        if (depth > MaxImportDepth) throw Import($"imports are nested more than {MaxImportDepth} deep: {here}", new SourcePosition(display, 1, 1));
        IReadOnlyList<ProjectImport> imports = [];
        var problems = new List<Problem>();
        Attempt(() => imports = shape.AddFile(file, depth, isRoot, problems));
        Settle(shape.Project, problems);
        if (isRoot)
        {
            foreach (var sibling in SiblingFiles.Select(f => Path.Combine(shape.Project.Folder, f)).Where(File.Exists))
            {
                if (imports.Any(i => i.Alias is null && !i.IsRemote && Path.GetFullPath(i.Reference, shape.Project.Folder) == sibling)) continue;
                shape.Project.Warn([new Problem(
                    Errors.CfgImport, $"{loader.Display(sibling)} is read although nothing imports it", $"Add import: [{Path.GetFileName(sibling)}] to charly.yml.",
                    new SourcePosition(loader.Display(sibling), 1, 1), IsWarning: true)]);
                await AttemptAsync(() => FileAsync(shape, sibling, here, depth + 1)).ConfigureAwait(false);
            }
        }

        foreach (var import in imports) await AttemptAsync(() => ImportAsync(shape, file, import, here, depth)).ConfigureAwait(false);
    }

    private async Task ImportAsync(ProjectShape shape, string file, ProjectImport import, ImportTrail trail, int depth)
    {
        var source = await LocateAsync(shape.Project, file, import, trail).ConfigureAwait(false);
        if (Directory.Exists(source.Path)) source = source with { Path = Path.Combine(source.Path, ManifestName) };
        if (!File.Exists(source.Path) && !IsFolderOfCandies(source)) throw Import($"\"{import.Reference}\" leads to {source.Path}, which is not there", import.Position);
        if (import.Alias is { } alias)
        {
            if (depth + 1 > MaxImportDepth) throw Import($"imports are nested more than {MaxImportDepth} deep: {trail}", import.Position);
            var mounted = await ProjectAsync(source, trail, depth + 1).ConfigureAwait(false);
            if (shape.Project.MountedProjects.TryGetValue(alias, out var other) && !ReferenceEquals(other, mounted))
            {
                throw Import($"the alias \"{alias}\" is bound to {other.Folder} and to {mounted.Folder}", import.Position);
            }

            shape.Project.MountedProjects[alias] = mounted;
            ProjectShape.Inherit(shape.Project, mounted);
            return;
        }

        if (!import.IsRemote)
        {
            await FileAsync(shape, source.Path, trail, depth + 1).ConfigureAwait(false);
            return;
        }

        // A remote project that is imported flat keeps its own folder and identity; only what is missing here is taken over.
        var project = await ProjectAsync(source, trail, depth + 1).ConfigureAwait(false);
        if (!ReferenceEquals(project, shape.Project)) ProjectShape.TakeOver(shape.Project, project);
    }

    private static bool IsFolderOfCandies(ImportedFile source) =>
        Path.GetFileName(source.Path) == ManifestName && Path.GetDirectoryName(source.Path) is { } folder && folder == source.Repository
        && (Directory.Exists(Path.Combine(folder, "candy")) || Directory.Exists(Path.Combine(folder, "box")));

    // A repository that is being loaded is not fetched a second time in another version: two that import each other would never end.
    private async Task<ImportedFile> LocateAsync(Project from, string file, ProjectImport import, ImportTrail trail)
    {
        if (!import.IsRemote)
        {
            var path = Path.GetFullPath(import.Reference, Path.GetDirectoryName(file)!);
            if (!from.MayReach(path)) throw Import($"\"{import.Reference}\" leads outside of the repository {from.Origin}", import.Position);
            return new ImportedFile(path, from.Origin, from.RepositoryFolder);
        }

        var remote = (RemoteReference)Reference.Parse(import.Reference, import.Position);
        var origin = $"{remote.Repository}@{remote.Version}";
        foreach (var open in trail.Projects)
        {
            var identity = open.Origin ?? open.Repository ?? await loader.GitOriginAsync(open.Folder, cancellationToken).ConfigureAwait(false);
            if (identity is not null && RepositoryId.Normalise(identity) == remote.Repository.ToString()) return new ImportedFile(Path.Combine([open.Folder, .. remote.SubPath]), origin, open.RepositoryFolder ?? open.Folder);
        }

        var folder = await loader.Repositories.FetchAsync(remote.Repository, remote.Version, pull, import.Position, cancellationToken).ConfigureAwait(false);
        return new ImportedFile(Path.Combine([folder, .. remote.SubPath]), origin, folder);
    }

    private void Settle(Project project, IReadOnlyList<Problem> problems)
    {
        if (found is null) CharlyValidationException.ThrowIfAny(problems);
        else found.AddRange(problems.Where(p => !p.IsWarning));
        project.Warn(problems);
    }

    private void Attempt(Action work)
    {
        try
        {
            work();
        }
        catch (CharlyException e) when (found is not null)
        {
            found.AddRange(e.ToProblems());
        }
    }

    private async Task AttemptAsync(Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (CharlyException e) when (found is not null)
        {
            found.AddRange(e.ToProblems());
        }
    }

    private static CharlyException Import(string what, SourcePosition position) =>
        new(Errors.CfgImport, what, "Correct the import: list.", position);
}

/// <summary>A file to be read, or the folder of a project.</summary>
/// <param name="Path">Absolute path.</param>
/// <param name="Origin">Identity of the repository that it was fetched from, <c>host/org/repo@version</c>; null on this machine.</param>
/// <param name="Repository">Root folder of that repository.</param>
internal sealed record ImportedFile(string Path, string? Origin, string? Repository);

/// <summary>The way to the file that is being read: the files before it, and the projects that they belong to.</summary>
/// <param name="Files">Files, as they are shown.</param>
/// <param name="Projects">Projects that are being loaded, the root first.</param>
internal sealed record ImportTrail(IReadOnlyList<string> Files, IReadOnlyList<Project> Projects)
{
    public ImportTrail Through(string file) => this with { Files = [.. Files, file] };

    public ImportTrail Enter(Project project) => this with { Projects = [.. Projects, project] };

    public override string ToString() => string.Join(" -> ", Files);
}
