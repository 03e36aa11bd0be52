using System.Diagnostics;
using OpenCharly.Foundation;

namespace OpenCharly.Execution;

/// <summary>A program that runs a <see cref="ShellLoop"/> somewhere, with the loop's three streams as its own.</summary>
/// <param name="Program">Name, looked up on PATH, or path.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Limit">How long it may take until the loop says hello.</param>
/// <param name="IsReused">Whether it rides on a connection that was there before, which may turn out to be dead.</param>
internal sealed record ShellLaunch(string Program, IReadOnlyList<string> Arguments, TimeSpan Limit, bool IsReused = false)
{
    /// <summary>Name for messages, where another program only starts the one that matters.</summary>
    public string Name { get; init; } = Program;
}

/// <summary>Why no loop came up.</summary>
/// <param name="Launch">What was started.</param>
/// <param name="ExitCode">Its exit code, or null if it was still running at the limit.</param>
/// <param name="ErrorText">What it wrote to standard error.</param>
internal sealed record ShellStartFailure(ShellLaunch Launch, int? ExitCode, string ErrorText)
{
    /// <summary>The last lines of <see cref="ErrorText"/>, or how it ended.</summary>
    public string Tail =>
        new CommandResult("", ErrorText, ExitCode ?? -1, TimeSpan.Zero).Tail() is { Length: > 0 } text ? text
        : ExitCode is null ? $"no answer within {Launch.Limit.TotalSeconds:0} s"
        : $"{Launch.Name} exited with {ExitCode}";
}

/// <summary>The way to one place where bash runs: this machine, a machine behind ssh, a container.</summary>
/// <param name="processes">Finds programs.</param>
/// <param name="environment">Variables for the programs.</param>
internal abstract class ShellTransport(IProcessRunner processes, CharlyEnvironment environment)
{
    /// <summary>The place, for messages: <c>local</c>, <c>ssh://…</c>, a container's name.</summary>
    public abstract string Venue { get; }

    /// <summary>Whether the programs are the script's own parents, so that killing their tree kills scripts too.</summary>
    public virtual bool IsLocal => false;

    /// <summary>Runs programs on this machine.</summary>
    protected IProcessRunner Processes => processes;

    /// <summary>Folder that the programs start in.</summary>
    protected virtual string WorkingDirectory => environment.WorkingDirectory;

    /// <summary>What to start for one more loop.</summary>
    public abstract ShellLaunch Prepare();

    /// <summary>Mends what made a start fail; true if another try makes sense.</summary>
    public virtual Task<bool> MendAsync(ShellStartFailure failure, CancellationToken cancellationToken) => Task.FromResult(false);

    /// <summary>The error that tells the user why no loop came up.</summary>
    public abstract Task<CharlyException> ExplainAsync(ShellStartFailure failure, CancellationToken cancellationToken);

    /// <summary>Starts a program with redirected streams.</summary>
    /// <param name="launch">The program.</param>
    /// <param name="nonce">The session's word, which marks the processes of a local one from the first on.</param>
    /// <exception cref="CharlyException"><see cref="Errors.ToolMissing"/> if it is not installed.</exception>
    public Process Start(ShellLaunch launch, string nonce)
    {
        var path = processes.Find(launch.Program) ?? throw new CharlyException(
            Errors.ToolMissing,
            $"the program {launch.Program} is not installed",
            $"Install the package that holds {launch.Program}, or put it on PATH.",
            target: launch.Program);
        var info = new ProcessStartInfo(path)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = WorkingDirectory,
        };
        foreach (var argument in launch.Arguments) info.ArgumentList.Add(argument);
        info.Environment.Clear();
        foreach (var (name, value) in environment.Variables) info.Environment[name] = value;
        if (IsLocal) info.Environment[ShellLoop.TagVariable] = nonce;
        return Process.Start(info)!;
    }
}
