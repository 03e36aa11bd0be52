using System.Collections.Concurrent;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Operations;

/// <summary>What every operation works with: environment, folders, programs, and where its events go.</summary>
public sealed class CharlyContext
{
    // One for all contexts that come of this one, so that it is asked for once.
    private readonly VaultPassword _password;

    // Likewise: what is wrong in a file is told once, however often the file is read.
    private readonly ConcurrentDictionary<string, bool> _told;

    /// <summary>Makes a context.</summary>
    /// <param name="environment">Variables, home, working folder, clock.</param>
    /// <param name="progress">Where events go; nowhere if null.</param>
    /// <param name="processes">Runs programs; the real ones if null.</param>
    /// <param name="projectFolder">Folder of the project; the working folder if null.</param>
    /// <param name="ask">Asks for a password without showing it, given the question; null where nobody can be asked.</param>
    public CharlyContext(
        CharlyEnvironment environment,
        IProgress<CharlyEvent>? progress = null,
        IProcessRunner? processes = null,
        string? projectFolder = null,
        Func<string, CancellationToken, Task<string?>>? ask = null)
        : this(environment, progress, processes, projectFolder, new VaultPassword(environment, ask), new ConcurrentDictionary<string, bool>(StringComparer.Ordinal))
    {
    }

    private CharlyContext(CharlyEnvironment environment, IProgress<CharlyEvent>? progress, IProcessRunner? processes, string? projectFolder, VaultPassword password, ConcurrentDictionary<string, bool> told)
    {
        _password = password;
        _told = told;

        Environment = environment;
        Paths = new HostPaths(environment);
        Processes = processes ?? new ProcessRunner(environment);
        Progress = progress ?? NoProgress.Instance;
        ProjectFolder = projectFolder is null ? environment.WorkingDirectory : environment.Resolve(projectFolder);
    }

    /// <summary>Variables, home, working folder, clock.</summary>
    public CharlyEnvironment Environment { get; }

    /// <summary>Files and folders on this machine.</summary>
    public HostPaths Paths { get; }

    /// <summary>Runs programs.</summary>
    public IProcessRunner Processes { get; }

    /// <summary>Where events go.</summary>
    public IProgress<CharlyEvent> Progress { get; }

    /// <summary>Folder of the project.</summary>
    public string ProjectFolder { get; }

    /// <summary>The operator's credentials.</summary>
    internal CredentialStore Credentials => new(Environment, Paths, Processes, _password);

    /// <summary>The same context with another project.</summary>
    /// <param name="folder">Folder of the project; relative to the working folder.</param>
    public CharlyContext In(string folder) => new(Environment, Progress, Processes, folder, _password, _told);

    /// <summary>The same context with another variable, which programs that it runs see as well.</summary>
    internal CharlyContext With(string variable, string value) => new(
        Environment with { Variables = new Dictionary<string, string>(Environment.Variables) { [variable] = value } }, Progress, Processes is ProcessRunner ? null : Processes, ProjectFolder, _password, _told);

    /// <summary>The same context with events of one target marked as its own.</summary>
    public CharlyContext For(string target) => new(Environment, new TargetProgress(Progress, target), Processes, ProjectFolder, _password, _told);

    /// <summary>Tells warnings about files, each once: with the place, and the help where that says more than a list of what is known.</summary>
    internal void Warn(IEnumerable<Problem> problems)
    {
        foreach (var problem in problems)
        {
            if (_told.TryAdd(problem.ToString(), true)) Progress.Report(new NoticeEvent(NoticeLevel.Warning, Nearest.IsSuggestion(problem.Help) ? $"{problem}. {problem.Help}" : problem.ToString()));
        }
    }

    private sealed class TargetProgress(IProgress<CharlyEvent> inner, string target) : IProgress<CharlyEvent>
    {
        public void Report(CharlyEvent value) => inner.Report(value.Target is null ? value with { Target = target } : value);
    }

    private sealed class NoProgress : IProgress<CharlyEvent>
    {
        public static NoProgress Instance { get; } = new();

        public void Report(CharlyEvent value)
        {
            // Nobody listens.
        }
    }
}
