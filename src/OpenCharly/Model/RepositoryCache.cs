using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Model;

/// <summary>
/// Remote repositories on this machine (candy-and-plan.md §1.4): one folder a version, fetched with git without history.
/// A version that is there is used as it is, unless a fresh one is asked for.
/// </summary>
/// <param name="environment">Overrides: <c>CHARLY_REPO_OVERRIDE</c> replaces repositories by folders,
/// <c>CHARLY_REPO_URL_BASE</c> replaces <c>https://</c> in front of host/org/repo.</param>
/// <param name="paths">Where the cache is.</param>
/// <param name="processes">Runs git.</param>
public sealed class RepositoryCache(CharlyEnvironment environment, HostPaths paths, IProcessRunner processes)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>The folder that holds a version of a repository, fetched if need be.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="version">Branch, tag or commit; empty for the default branch.</param>
    /// <param name="pull">Whether to fetch even if it is there.</param>
    /// <param name="position">Where the reference stands, for errors.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="CharlyException"><see cref="Errors.RefFetch"/>, <see cref="Errors.CfgRepoOverride"/>.</exception>
    public async Task<string> FetchAsync(
        RepositoryId repository, string version, bool pull = false, SourcePosition? position = null, CancellationToken cancellationToken = default)
    {
        if (Override(repository, position) is { } local) return local;
        var folder = Folder(repository, version);
        if (Directory.Exists(folder) && !pull) return folder;
        using var held = await FileLock.AcquireAsync(folder + ".lock", null, cancellationToken).ConfigureAwait(false);
        if (Directory.Exists(folder) && !pull) return folder;
        var address = Address(repository);
        var commit = await ResolveAsync(repository, address, version, position, cancellationToken).ConfigureAwait(false);
        var temporary = $"{folder}.{Environment.ProcessId}-{Guid.NewGuid():N}.tmp";
        try
        {
            Directory.CreateDirectory(temporary);
            await GitAsync(repository, version, temporary, position, cancellationToken, "init", "--quiet").ConfigureAwait(false);
            await GitAsync(repository, version, temporary, position, cancellationToken, "fetch", "--quiet", "--depth", "1", "--no-tags", "--", address, commit).ConfigureAwait(false);
            await GitAsync(repository, version, temporary, position, cancellationToken, "checkout", "--quiet", "--detach", "FETCH_HEAD").ConfigureAwait(false);
            Directory.Delete(Path.Combine(temporary, ".git"), recursive: true);
            CheckLinks(repository, version, temporary, position);
            if (Directory.Exists(folder))
            {
                var old = temporary + ".old";
                Directory.Move(folder, old);
                Directory.Move(temporary, folder);
                Directory.Delete(old, recursive: true);
            }
            else
            {
                Directory.Move(temporary, folder);
            }

            return folder;
        }
        finally
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
        }
    }

    /// <summary>Where a version is kept, whether it is there or not.</summary>
    public string Folder(RepositoryId repository, string version) => Path.Combine(
        paths.Repositories, repository.Host, repository.Organisation, $"{repository.Name}@{version.Replace("/", "%2F", StringComparison.Ordinal)}");

    /// <summary>Whether a folder is what <see cref="FetchAsync"/> answers for some version of some repository.</summary>
    public bool Holds(string folder) =>
        (Path.GetRelativePath(paths.Repositories, folder).Split('/') is [not "..", not "..", var last] && last.Contains('@', StringComparison.Ordinal))
        || Overrides(null).Any(o => o.Folder == folder);

    private string Address(RepositoryId repository) => environment.Variable("CHARLY_REPO_URL_BASE") is { } root
        ? $"{root.TrimEnd('/')}/{repository}"
        : $"https://{repository}";

    private string? Override(RepositoryId repository, SourcePosition? position) =>
        Overrides(position).Where(o => o.Repository == repository.ToString()).Select(o => o.Folder).FirstOrDefault();

    private List<(string Repository, string Folder)> Overrides(SourcePosition? position)
    {
        var overrides = new List<(string, string)>();
        foreach (var item in (environment.Variable("CHARLY_REPO_OVERRIDE") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var equals = item.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? item : item[..equals];
            if (equals < 0 || name.Split('/') is not { Length: 3 } parts || parts.Any(p => p.Length == 0) || equals == item.Length - 1)
            {
                throw new CharlyException(Errors.CfgRepoOverride, $"CHARLY_REPO_OVERRIDE holds \"{item}\"", "Write host/org/repo=/folder, several separated by commas.", position);
            }

            var folder = environment.Resolve(item[(equals + 1)..]);
            if (!Directory.Exists(folder)) throw new CharlyException(Errors.CfgRepoOverride, $"CHARLY_REPO_OVERRIDE: {folder} is not there", "Name the folder of a local copy.", position);
            overrides.Add((name, folder));
        }

        return overrides;
    }

    // A link out of the repository would let its author copy the operator's own files onto targets. Where it leads is followed
    // step by step, since another link on the way may turn a text that stays inside into a way out.
    private static void CheckLinks(RepositoryId repository, string version, string folder, SourcePosition? position)
    {
        var root = Containment.RealPath(folder) ?? folder;
        var open = new Stack<DirectoryInfo>([new DirectoryInfo(root)]);
        while (open.TryPop(out var here))
        {
            foreach (var entry in here.EnumerateFileSystemInfos())
            {
                if (entry.LinkTarget is null)
                {
                    if (entry is DirectoryInfo child) open.Push(child);
                }
                else if (Containment.RealPath(entry.FullName) is { } real && !Containment.IsAtOrBelow(root, real))
                {
                    throw Failed(repository, version, $"{Path.GetRelativePath(root, entry.FullName)} is a link that leads out of the repository", position);
                }
            }
        }
    }

    // A full commit needs no question; for a tag, the peeled line names the commit behind it.
    private async Task<string> ResolveAsync(RepositoryId repository, string address, string version, SourcePosition? position, CancellationToken cancellationToken)
    {
        if (version.Length == 40 && version.All(char.IsAsciiHexDigitLower)) return version;
        var output = await GitAsync(repository, version, null, position, cancellationToken, "ls-remote", "--", address).ConfigureAwait(false);
        var heads = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('\t')).Where(p => p.Length == 2).ToDictionary(p => p[1], p => p[0], StringComparer.Ordinal);
        string[] wanted = version.Length == 0 ? ["HEAD"] : [$"refs/tags/{version}^{{}}", $"refs/tags/{version}", $"refs/heads/{version}"];
        foreach (var name in wanted)
        {
            if (heads.TryGetValue(name, out var commit)) return commit;
        }

        throw Failed(repository, version, "there is no such branch or tag", position);
    }

    private async Task<string> GitAsync(
        RepositoryId repository, string version, string? folder, SourcePosition? position, CancellationToken cancellationToken, params string[] arguments)
    {
        var result = await processes.RunAsync(
            new ProcessRequest("git", ["-c", "core.hooksPath=/dev/null", "-c", "protocol.ext.allow=never", "-c", "core.fsmonitor=false", "-c", "init.defaultBranch=main", .. arguments])
            {
                WorkingDirectory = folder ?? Path.GetTempPath(),
                Variables = new Dictionary<string, string?> { ["GIT_TERMINAL_PROMPT"] = "0", ["GIT_DIR"] = null, ["GIT_WORK_TREE"] = null, ["LC_ALL"] = "C" },
                Timeout = Patience,
            },
            cancellationToken).ConfigureAwait(false);
        return result.Succeeded ? result.StandardOutput : throw Failed(repository, version, result.Tail(1), position);
    }

    private static CharlyException Failed(RepositoryId repository, string version, string why, SourcePosition? position) => new(
        Errors.RefFetch, $"{repository}{(version.Length == 0 ? "" : "@" + version)} can't be fetched: {why}",
        "Check the name, the version, and that git reaches the host.", position, repository.ToString());
}
