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
    /// <summary>Remote repositories.</summary>
    public RepositoryCache Repositories { get; } = new(environment, paths, processes);

    /// <summary>Loads a project with the per-host file over it. A folder without <c>charly.yml</c> gives an empty project.</summary>
    /// <param name="folder">The folder; relative to the working folder.</param>
    /// <param name="pull">Whether remote imports are fetched anew.</param>
    /// <param name="cancellationToken">Ends the wait for remote imports.</param>
    /// <exception cref="CharlyException">Files have errors: one, or a <see cref="CharlyValidationException"/> with all of a file.</exception>
    public async Task<Project> LoadAsync(string folder, bool pull = false, CancellationToken cancellationToken = default)
    {
        var project = await new ProjectLoad(this, pull, found: null, cancellationToken).RunAsync(environment.Resolve(folder)).ConfigureAwait(false);
        var problems = new List<Problem>();
        DeploymentMap.Build(project, HostDeployments(project, problems), paths.Clusters, problems);
        CharlyValidationException.ThrowIfAny(problems);
        project.Warn(problems);
        return project;
    }

    /// <summary>Loads a project as far as it can be read, and tells everything that would keep <see cref="LoadAsync"/> from loading it.</summary>
    /// <param name="folder">The folder; relative to the working folder.</param>
    /// <param name="pull">Whether remote imports are fetched anew.</param>
    /// <param name="cancellationToken">Ends the wait for remote imports.</param>
    public async Task<(Project Project, IReadOnlyList<Problem> Problems)> InspectAsync(string folder, bool pull = false, CancellationToken cancellationToken = default)
    {
        var found = new List<Problem>();
        var project = await new ProjectLoad(this, pull, found, cancellationToken).RunAsync(environment.Resolve(folder)).ConfigureAwait(false);
        var problems = new List<Problem>();
        YamlMapping? host = null;
        try
        {
            host = HostDeployments(project, problems);
        }
        catch (CharlyException e)
        {
            found.AddRange(e.ToProblems());
        }

        DeploymentMap.Build(project, host, paths.Clusters, problems);
        project.Warn(problems);
        found.AddRange(problems.Where(p => !p.IsWarning));
        return (project, found);
    }

    /// <summary>Loads a project that came from a remote repository, or any other without the per-host file.</summary>
    /// <param name="folder">Its root folder.</param>
    /// <param name="origin">Its identity, <c>host/org/repo@version</c>; null for one on this machine.</param>
    /// <param name="pull">Whether remote imports are fetched anew.</param>
    /// <param name="cancellationToken">Ends the wait for remote imports.</param>
    public Task<Project> LoadForeignAsync(string folder, string? origin, bool pull = false, CancellationToken cancellationToken = default) =>
        new ProjectLoad(this, pull, found: null, cancellationToken).RunAsync(folder, origin);

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

    /// <summary>The repository that a folder was cloned from, as git knows it; null if it was not.</summary>
    internal async Task<string?> GitOriginAsync(string folder, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(Path.Combine(folder, ".git")) && !File.Exists(Path.Combine(folder, ".git"))) return null;
        var result = await processes.RunAsync(
            new ProcessRequest("git", ["config", "--local", "--get", "remote.origin.url"]) { WorkingDirectory = folder, Timeout = TimeSpan.FromSeconds(30) },
            cancellationToken).ConfigureAwait(false);
        return result.Succeeded ? result.StandardOutput.Trim() : null;
    }

    private YamlMapping? HostDeployments(Project project, List<Problem> problems)
    {
        var file = paths.HostFile;
        new HostFile(paths).ReportOldName(problems);
        if (!File.Exists(file)) return null;

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
}
